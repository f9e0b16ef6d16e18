import Detection
package import Events
package import Series

/// Whether an input still speaks: an event opens when it has delivered nothing for longer than
/// `StallAfter=`, and the next sample closes it.
///
/// Measured by the clock that stands still while the machine sleeps, from the newest delivery or
/// from the start of the input, whatever time stamps its samples carry.
package struct InputStall {
  /// What the event is about: `input.NAME`.
  package let metric: MetricName
  /// `StallAfter=`; nil: never.
  package let limit: Duration?
  /// The event that is open now.
  package private(set) var openEvent: Event?

  private let hostSeed: UInt64
  private var heard: Duration
  private var heardAt: Timestamp

  /// An input that begins now.
  /// - Parameters:
  ///   - awake: ``MonotonicTime/awake`` now.
  ///   - hostSeed: tells hosts apart in event ids.
  package init(input: String, limit: Duration?, now: Timestamp, awake: Duration, hostSeed: UInt64) {
    metric = InputStall.metric(of: input)
    self.limit = limit
    self.hostSeed = hostSeed
    heard = awake
    heardAt = now
  }

  /// The name under which an input's silence is told.
  package static func metric(of input: String) -> MetricName {
    MetricName(sanitizing: "input.\(input)")
  }

  /// Notes that samples have come.
  /// - Returns: the end of a silence.
  package mutating func hear(at now: Timestamp, awake: Duration) -> EventTransition? {
    heard = awake
    heardAt = now
    return end(at: now)
  }

  /// Ends a silence for whatever reason, as when the input is removed.
  package mutating func end(at now: Timestamp) -> EventTransition? {
    guard var event = openEvent else { return nil }
    event.closed = max(now, event.opened)
    openEvent = nil
    return .closed(event)
  }

  /// Looks whether it has been silent for too long.
  /// - Returns: the beginning of a silence; the end of one of another run that may now last.
  package mutating func look(at now: Timestamp, awake: Duration) -> EventTransition? {
    guard let limit else { return end(at: now) }
    guard openEvent == nil, awake - heard >= limit else { return nil }
    let event = Event(
      id: EventID(metric: metric, opened: now, hostSeed: hostSeed),
      metric: metric,
      cause: .silentInput,
      direction: .unusual,
      severity: .warning,
      // The time of day may have been set back meanwhile.
      began: min(heardAt, now),
      opened: now,
      value: .nan
    )
    openEvent = event
    return .opened(event)
  }

  /// Goes on with the silence of another run, or of the input of this name before a reload; the
  /// next sample closes it.
  package mutating func resume(_ event: Event) { openEvent = event }

  /// Gives its event up to the one that goes on with it.
  package mutating func forget() { openEvent = nil }
}
