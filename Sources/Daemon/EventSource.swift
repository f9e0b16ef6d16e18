import CSystemd
import Glibc
public import System

/// Something that an ``EventLoop`` waits for. It is removed from the loop when this object is
/// released.
public class EventSource {
  fileprivate var source: OpaquePointer?

  fileprivate init() {}

  deinit {
    // The loop holds an unretained pointer to this object: it must never be called again.
    sd_event_source_disable_unref(source)
  }

  /// Adds the source to its loop; the loop's callback finds this object through the second
  /// argument of `add`, see ``object(_:_:)``.
  func attach(
    _ function: String,
    _ add: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutableRawPointer) -> Int32
  ) throws(EventLoopError) {
    let result = add(&source, Unmanaged.passUnretained(self).toOpaque())
    guard result >= 0 else { throw EventLoopError(function, result) }
  }

  /// The source behind the user data of a callback, kept alive until the callback returns.
  static func object<Source: EventSource>(
    _ type: Source.Type,
    _ userdata: UnsafeMutableRawPointer?
  ) -> Source? {
    userdata.map { Unmanaged<Source>.fromOpaque($0).takeUnretainedValue() }
  }

  func check(
    _ function: String,
    _ call: (OpaquePointer?) -> Int32
  ) throws(EventLoopError) {
    let result = call(source)
    guard result >= 0 else { throw EventLoopError(function, result) }
  }
}

/// A watched descriptor.
public final class DescriptorSource: EventSource {
  let handler: (UInt32) -> Void

  init(_ handler: @escaping (UInt32) -> Void) {
    self.handler = handler
  }

  /// Watches for these events (EPOLLIN, EPOLLOUT, ...) from now on.
  public func watch(_ events: UInt32) throws(EventLoopError) {
    try check("sd_event_source_set_io_events") { sd_event_source_set_io_events($0, events) }
  }
}

/// A timer. It fires once each time it is armed.
public final class TimerSource: EventSource {
  let handler: () -> Void

  init(_ handler: @escaping () -> Void) {
    self.handler = handler
  }

  /// Fires when the clock of ``MonotonicTime`` reaches `moment`; replaces an earlier setting.
  public func fire(at moment: MonotonicTime) throws(EventLoopError) {
    try check("sd_event_source_set_time") {
      sd_event_source_set_time($0, UInt64(max(0, moment.nanoseconds)) / 1000)
    }
    try check("sd_event_source_set_enabled") {
      sd_event_source_set_enabled($0, Int32(SD_EVENT_ONESHOT))
    }
  }

  /// Disarms it.
  public func cancel() throws(EventLoopError) {
    try check("sd_event_source_set_enabled") {
      sd_event_source_set_enabled($0, Int32(SD_EVENT_OFF))
    }
  }
}

/// A handled signal.
public final class SignalSource: EventSource {
  let handler: () -> Void

  init(_ handler: @escaping () -> Void) {
    self.handler = handler
  }
}

/// Work that can be deferred to a later iteration.
public final class DeferredSource: EventSource {
  let handler: () -> Void

  init(_ handler: @escaping () -> Void) {
    self.handler = handler
  }

  /// Requests the work; several requests before it is done count as one.
  public func request() throws(EventLoopError) {
    try check("sd_event_source_set_enabled") {
      sd_event_source_set_enabled($0, Int32(SD_EVENT_ONESHOT))
    }
  }
}

/// Work done after every iteration.
public final class PostSource: EventSource {
  let handler: () -> Void

  init(_ handler: @escaping () -> Void) {
    self.handler = handler
  }
}
