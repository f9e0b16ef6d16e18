import Detection
public import Events
public import Series

/// Whether an input still delivers: an event opens when it has delivered nothing for longer than
/// `StallAfter=`, and its next delivery closes it.
///
/// Measured on a clock that stops while the machine is suspended, from the newest delivery or from
/// the start of the input, whatever the time stamps of its samples.
public struct InputStall: Sendable {
  /// The subject of the event: `input.NAME`.
  public let metric: MetricName
  /// `StallAfter=`; nil: never.
  public let limit: Duration?
  /// The event that is open now.
  public private(set) var openEvent: Event?

  private let hostSeed: UInt64
  private var delivered: Duration
  private var deliveredAt: Timestamp

  /// An input that has just started.
  /// - Parameters:
  ///   - now: the time of day.
  ///   - awake: the time on a clock that stops while the machine is suspended.
  ///   - hostSeed: distinguishes hosts in event ids.
  package init(input: String, limit: Duration?, now: Timestamp, awake: Duration, hostSeed: UInt64) {
    metric = InputStall.metric(of: input)
    self.limit = limit
    self.hostSeed = hostSeed
    delivered = awake
    deliveredAt = now
  }

  /// The name under which an input's stall is reported.
  static func metric(of input: String) -> MetricName { MetricName(sanitizing: "input.\(input)") }

  /// The input has delivered samples.
  /// - Returns: the end of a stall.
  package mutating func noteDelivery(at now: Timestamp, awake: Duration) -> EventTransition? {
    delivered = awake
    deliveredAt = now
    return end(at: now)
  }

  /// Ends a stall for any reason, such as the removal of the input.
  package mutating func end(
    at now: Timestamp, because ending: EventEnding = .normal
  ) -> EventTransition? {
    guard var event = openEvent else { return nil }
    event.closed = max(now, event.opened)
    event.ending = ending
    openEvent = nil
    return .closed(event)
  }

  /// Forgets the open event, and measures from now on.
  mutating func dismiss(awake: Duration) {
    openEvent = nil
    delivered = awake
  }

  /// Checks whether it has delivered nothing for too long.
  /// - Returns: the beginning of a stall; or the end of an earlier run's stall if there is no
  ///   longer a limit.
  package mutating func check(at now: Timestamp, awake: Duration) -> EventTransition? {
    guard let limit else { return end(at: now, because: .ruleGone) }
    guard openEvent == nil, awake - delivered >= limit else { return nil }
    let event = Event(
      id: EventID(metric: metric, opened: now, hostSeed: hostSeed),
      metric: metric,
      cause: .silentInput,
      direction: .unusual,
      severity: .warning,
      // The time of day may have been set back meanwhile.
      began: min(deliveredAt, now),
      opened: now,
      value: .nan
    )
    openEvent = event
    return .opened(event)
  }

  /// Restores the stall of an earlier run, or of the input of this name before a reload; the next
  /// delivery closes it.
  package mutating func resume(_ event: Event) { openEvent = event }
}
