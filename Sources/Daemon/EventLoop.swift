import CSystemd
import Glibc
public import System

/// The daemon's only loop: an sd-event loop of its own, freed with this object.
///
/// Everything runs on the thread that calls ``run()``. A source stays in the loop for as long as
/// the returned ``EventSource`` is held.
public final class EventLoop {
  private let loop: OpaquePointer

  /// A loop without sources.
  public init() throws(EventLoopError) {
    var loop: OpaquePointer?
    let result = sd_event_new(&loop)
    guard result >= 0, let loop else { throw EventLoopError("sd_event_new", result) }
    self.loop = loop
  }

  deinit { sd_event_unref(loop) }

  /// Iterates until ``exit(_:)`` is called.
  /// - Returns: the code given to ``exit(_:)``.
  public func run() throws(EventLoopError) -> Int32 {
    let result = sd_event_loop(loop)
    guard result >= 0 else { throw EventLoopError("sd_event_loop", result) }
    return result
  }

  /// Waits for one loop event, for at most `timeout`, and handles it.
  /// - Returns: whether there was one.
  public func turn(timeout: Duration) throws(EventLoopError) -> Bool {
    let result = sd_event_run(loop, timeout.microseconds)
    guard result >= 0 else { throw EventLoopError("sd_event_run", result) }
    return result > 0
  }

  /// Makes ``run()`` return `code` (0 or more) after the current handler.
  public func exit(_ code: Int32) {
    sd_event_exit(loop, code)
  }

  /// Notifies the service manager, at half the `WatchdogSec=` of the unit, that the loop is
  /// iterating.
  /// - Returns: whether the service manager expects that (`WATCHDOG_USEC` is set for this process).
  public func enableWatchdog() throws(EventLoopError) -> Bool {
    let result = sd_event_set_watchdog(loop, 1)
    guard result >= 0 else { throw EventLoopError("sd_event_set_watchdog", result) }
    return result > 0
  }

  /// Calls `handler` with the ready events whenever one of `events` (EPOLLIN, EPOLLOUT, ...) is
  /// ready on a descriptor, which the caller keeps open for the lifetime of the source.
  public func onReady(
    _ descriptor: Int32,
    events: UInt32,
    _ handler: @escaping (UInt32) -> Void
  ) throws(EventLoopError) -> DescriptorSource {
    let source = DescriptorSource(handler)
    try source.attach("sd_event_add_io") { place, box in
      sd_event_add_io(
        loop,
        place,
        descriptor,
        events,
        { _, _, ready, box in
          EventSource.object(DescriptorSource.self, box)?.handler(ready)
          return 0
        },
        box
      )
    }
    return source
  }

  /// A timer on the clock that includes suspend; not armed yet.
  /// - Parameter accuracy: how late it may fire, to save wake-ups.
  public func timer(
    accuracy: Duration = .milliseconds(50),
    _ handler: @escaping () -> Void
  ) throws(EventLoopError) -> TimerSource {
    let source = TimerSource(handler)
    try source.attach("sd_event_add_time") { place, box in
      sd_event_add_time(
        loop,
        place,
        CLOCK_BOOTTIME,
        UInt64.max,
        accuracy.microseconds,
        { _, _, box in
          EventSource.object(TimerSource.self, box)?.handler()
          return 0
        },
        box
      )
    }
    return source
  }

  /// Calls `handler` when the process receives a signal, which is blocked from now on for the
  /// calling thread (and threads that it starts later), so that it is delivered nowhere else.
  public func onSignal(
    _ signal: Int32,
    _ handler: @escaping () -> Void
  ) throws(EventLoopError) -> SignalSource {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, signal)
    let blocked = pthread_sigmask(SIG_BLOCK, &set, nil)
    guard blocked == 0 else { throw EventLoopError("pthread_sigmask", -blocked) }
    let source = SignalSource(handler)
    try source.attach("sd_event_add_signal") { place, box in
      sd_event_add_signal(
        loop,
        place,
        signal,
        { _, _, box in
          EventSource.object(SignalSource.self, box)?.handler()
          return 0
        },
        box
      )
    }
    return source
  }

  /// Work done once in one of the next iterations after ``DeferredSource/request()``.
  /// - Parameter isIdle: after timers, signals and descriptors that are ready by then; otherwise
  ///   interleaved with them, so that it makes progress however busy the loop is.
  public func deferred(
    isIdle: Bool = true, _ handler: @escaping () -> Void
  ) throws(EventLoopError) -> DeferredSource {
    let source = DeferredSource(handler)
    try source.attach("sd_event_add_defer") { place, box in
      sd_event_add_defer(
        loop,
        place,
        { _, box in
          EventSource.object(DeferredSource.self, box)?.handler()
          return 0
        },
        box
      )
    }
    try source.check("sd_event_source_set_enabled") {
      sd_event_source_set_enabled($0, Int32(SD_EVENT_OFF))
    }
    if isIdle {
      try source.check("sd_event_source_set_priority") {
        sd_event_source_set_priority($0, Int64(SD_EVENT_PRIORITY_IDLE))
      }
    }
    return source
  }

  /// Calls `handler` after every iteration in which something else was handled.
  public func afterEachTurn(
    _ handler: @escaping () -> Void
  ) throws(EventLoopError) -> PostSource {
    let source = PostSource(handler)
    try source.attach("sd_event_add_post") { place, box in
      sd_event_add_post(
        loop,
        place,
        { _, box in
          EventSource.object(PostSource.self, box)?.handler()
          return 0
        },
        box
      )
    }
    return source
  }
}

/// A failed call of the event loop.
public struct EventLoopError: Error, Equatable, CustomStringConvertible {
  /// The function of libsystemd or libc.
  public var function: String
  /// Why.
  public var errno: Errno

  init(_ function: String, _ result: Int32) {
    self.function = function
    errno = Errno(-result)
  }

  /// One sentence for the user.
  public var description: String { "\(function) failed: \(errno)" }
}

extension Duration {
  /// Whole microseconds, at least 0, as sd-event wants them.
  var microseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(max(0, seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000))
  }
}
