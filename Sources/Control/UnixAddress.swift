internal import CSystemd
internal import Glibc

/// The address of a Unix socket with a path.
struct UnixAddress {
  /// The longest path in bytes; the kernel's field also holds a final NUL.
  static let maximumLength = 107

  private var address: sockaddr_un

  /// Nil when the path is empty, too long or holds a NUL.
  init?(path: String) {
    let bytes = Array(path.utf8)
    guard (1...UnixAddress.maximumLength).contains(bytes.count), !bytes.contains(0) else {
      return nil
    }
    address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  /// Binds a socket to the path.
  /// - Returns: 0 or the system's error code.
  func bind(_ descriptor: borrowing Descriptor) -> Int32 {
    let number = descriptor.number
    return withPointer { Glibc.bind(number, $0, $1) == 0 ? 0 : errno }
  }

  /// Connects a socket to who listens at the path.
  /// - Returns: 0 or the system's error code.
  func connect(_ descriptor: borrowing Descriptor) -> Int32 {
    let number = descriptor.number
    return withPointer { Glibc.connect(number, $0, $1) == 0 ? 0 : errno }
  }

  private func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = address
    return withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { address in
        guard let base = address.baseAddress else { return EINVAL }
        return body(base, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// A stream socket that neither blocks nor survives exec.
  /// - Throws: the system's error code.
  static func socket() throws(SystemCode) -> Descriptor {
    let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let number = Glibc.socket(AF_UNIX, Int32(flags), 0)
    guard number >= 0 else { throw SystemCode(value: errno) }
    return Descriptor(owning: number)
  }
}

/// The code of a failed system call.
struct SystemCode: Error, Equatable {
  let value: Int32

  /// The system's words for it.
  static func words(for code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }
}
