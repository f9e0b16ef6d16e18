import Glibc

/// Waits until `condition` holds; for conditions that no descriptor reports. Everything else waits
/// on a ``Latch`` or reads from a pipe.
/// - Parameters:
///   - limit: maximum time to wait.
///   - pause: how long to sleep between two checks.
/// - Returns: whether the condition held in time.
@discardableResult
public func eventually(
  within limit: Duration = .seconds(20), lookingEvery pause: Duration = .milliseconds(1),
  _ condition: () throws -> Bool
) rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while true {
    if try condition() { return true }
    if clock.now >= deadline { return false }
    usleep(UInt32(pause / .microseconds(1)))
  }
}

/// A one-time event, on any thread, that others wait for.
public final class Latch: Sendable {
  private let reading: Int32
  private let writing: Int32

  /// It has not happened.
  public init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe for a latch")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    close(writing)
  }

  /// It happens; every waiter, present or future, returns.
  public func open() {
    _ = write(writing, "!", 1)
  }

  /// Whether it has happened.
  public var isOpen: Bool { wait(.zero) }

  /// Waits until it has happened, at most for `limit`.
  /// - Returns: whether it has.
  @discardableResult
  public func wait(_ limit: Duration = .seconds(20)) -> Bool {
    var descriptor = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, Int32(limit / .milliseconds(1))) > 0
  }
}

/// A separate thread. Tasks will not do: they wait while other tests block the few threads that
/// tasks share.
public final class TestThread: Sendable {
  private let ended = Latch()

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts `body`.
  public init(_ body: @escaping @Sendable () -> Void) {
    let ended = ended
    let box = Unmanaged.passRetained(
      Body {
        body()
        ended.open()
      })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    precondition(code == 0, "no thread for a test")
    pthread_detach(thread)
  }

  /// Waits until its body has returned; the test fails if it does not.
  public func join() {
    precondition(ended.wait(), "a test's thread does not end")
  }
}
