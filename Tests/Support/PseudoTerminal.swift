import Glibc

/// A pair of pseudo-terminals: the far end of a serial line, controlled by a test.
public final class PseudoTerminal: Sendable {
  /// The device that plays the serial line.
  public let path: String
  private let master: Int32
  private static let unlock: UInt = 0x4004_5431  // TIOCSPTLCK
  private static let number: UInt = 0x8004_5430  // TIOCGPTN

  /// A new pair.
  public init() {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    precondition(master >= 0, "cannot open /dev/ptmx")
    var zero: Int32 = 0
    var number: Int32 = 0
    let isUnlocked = ioctl(master, PseudoTerminal.unlock, &zero) == 0
    precondition(isUnlocked && ioctl(master, PseudoTerminal.number, &number) == 0, "no pty")
    path = "/dev/pts/\(number)"
  }

  /// Unplugs the line.
  deinit { close(master) }

  /// Sends at most 2,048 bytes, and waits until all of them can be read on `descriptor`, which must
  /// have the line open with nothing unread.
  public func send(_ bytes: [UInt8], to descriptor: Int32) {
    precondition(bytes.count <= 2_048, "more than the line discipline surely holds")
    send(bytes)
    var waiting: Int32 = 0
    eventually(within: .seconds(1), lookingEvery: .microseconds(50)) {
      ioctl(descriptor, UInt(FIONREAD), &waiting) != 0 || waiting >= bytes.count
    }
  }

  /// Sends bytes and does not wait.
  public func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      precondition(count > 0, "cannot write to the pty")
      rest = rest.dropFirst(count)
    }
  }
}
