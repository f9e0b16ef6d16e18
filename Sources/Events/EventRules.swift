import Detection

/// The configured rules for the events of a metric: which of them count, how severe they are, and how
/// long the metric must be normal before one closes.
public struct EventRules: Equatable, Sendable {
  /// On which side of the expected value an event must lie to count.
  public enum Side: UInt8, Sendable {
    /// On either side, or with an unusual pattern only.
    case both
    /// Above.
    case high
    /// Below.
    case low
  }

  /// Which events of the detector count.
  public var side = Side.both
  /// Minimum distance of an event from the expected value, in the metric's unit, >= 0.
  public var minimumDeviation = 0.0
  /// The same as a share of the expected value, >= 0; 0.2 is 20%.
  public var minimumRelativeDeviation = 0.0
  /// The smallest value within limits; -infinity if there is none.
  public var lowerLimit = -Double.infinity
  /// The largest value within limits; infinity if there is none.
  public var upperLimit = Double.infinity
  /// The built-in limit, by ``HostLimit/id``; nil: none.
  public var hostLimit: UInt8?
  /// The possible values of the metric; the expected value is shown within them.
  public var possible = -Double.infinity...Double.infinity
  /// The row of ``HostLimit/all`` that defines the impact of values, by its id; nil: none. Unlike
  /// ``hostLimit``, also set if its levels are replaced or removed.
  public var impact: UInt8?
  /// The severity of events; nil: by the impact of values, otherwise by the score, and
  /// ``Severity/error`` outside the limits.
  public var severity: SeverityRule?
  /// How long a metric must be normal before its event closes, in addition to the hold-off of the
  /// detector, which counts samples.
  public var holdOff = Duration.zero
  /// The time after a close within which a new opening continues the closed event.
  public var merge = Duration.zero

  /// The defaults: every alarm of the detector counts, and events close with the detector's
  /// hold-off.
  public init() {}

  /// The limit that a value lies beyond; nil for a value within the limits.
  func limit(crossedBy value: Double) -> Double? {
    value > upperLimit ? upperLimit : value < lowerLimit ? lowerLimit : nil
  }

  /// Whether these rules still justify an open event: false for one opened by a limit that is no
  /// longer configured, unless the metric's newest value lies beyond another one.
  public func support(_ event: Event, newest value: Double?) -> Bool {
    switch event.cause {
    case .limit(let bound):
      bound == lowerLimit || bound == upperLimit
        || value.flatMap { limit(crossedBy: $0) } != nil
    case .hostLimit(let id, _): id == hostLimit
    case .evidence, .silentInput, .missedVisit, .test: true
    }
  }

  /// Whether an event opened by the detector counts.
  func allow(_ event: Event) -> Bool {
    switch side {
    case .both: break
    case .high: guard event.direction == .high else { return false }
    case .low: guard event.direction == .low else { return false }
    }
    guard minimumDeviation > 0 || minimumRelativeDeviation > 0 else { return true }
    // A drift is about the level; the newest value may be anywhere.
    let isDrift = event.usual.isFinite
    let usual = isDrift ? event.usual : event.expected
    let deviation = abs((isDrift ? event.level : event.value) - usual)
    return deviation >= minimumDeviation && deviation >= minimumRelativeDeviation * abs(usual)
  }
}
