internal import CSystemd
internal import Glibc
internal import System

/// An event that ends waiting for a streaming daemon.
public struct Interruption: Equatable, Sendable {
  /// The descriptor to watch, owned by the caller.
  public var descriptor: Int32
  /// Whether it happens when the descriptor becomes readable, like a signalfd; otherwise only when
  /// the other side goes away, like the reader of a pipe.
  public var whenReadable: Bool

  /// An interruption that `descriptor` signals.
  public init(_ descriptor: Int32, whenReadable: Bool) {
    self.descriptor = descriptor
    self.whenReadable = whenReadable
  }

  var wanted: pollfd {
    pollfd(fd: descriptor, events: whenReadable ? Int16(POLLIN) : 0, revents: 0)
  }
}

/// Signals that interrupt a wait instead of ending the process, during the lifetime of this object.
///
/// Applies to the thread that creates it, which must also be the one to release it.
public final class SignalInterruption {
  private let descriptor: Descriptor
  private var before = sigset_t()

  /// Catches these signals; nil if the system does not allow it.
  public init?(_ signals: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    let number = signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    guard number >= 0 else { return nil }
    descriptor = Descriptor(owning: number)
    guard pthread_sigmask(SIG_BLOCK, &set, &before) == 0 else { return nil }
  }

  deinit {
    // Signals that have arrived are consumed first; otherwise they would end the process now.
    while next() != nil {}
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }

  /// Whether one of the signals has arrived.
  public var hasArrived: Bool {
    var wanted = interruption.wanted
    return poll(&wanted, 1, 0) == 1
  }

  /// The number of a signal that has arrived, which then counts as handled; nil if none has.
  public func next() -> Int32? {
    var facts = signalfd_siginfo()
    let size = MemoryLayout<signalfd_siginfo>.size
    return Glibc.read(descriptor.number, &facts, size) == size ? Int32(facts.ssi_signo) : nil
  }

  /// The interruption to wait for.
  public var interruption: Interruption { Interruption(descriptor.number, whenReadable: true) }
}
