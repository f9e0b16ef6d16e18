import Detection

/// The configured rules for the events of a metric: which of them count, how severe they are, and how
/// long the metric must be normal before one closes.
public struct EventRules: Equatable, Sendable {
  /// On which side of what was expected an event must lie to count.
  public enum Side: UInt8, Sendable {
    /// On any, and events whose course alone is unusual.
    case both
    /// Above.
    case high
    /// Below.
    case low
  }

  /// Which events of the detector count.
  public var side = Side.both
  /// How far an event must be from what was expected, in the metric's unit, >= 0.
  public var minimumDeviation = 0.0
  /// The same as a share of what was expected, >= 0; 0.2 is 20%.
  public var minimumRelativeDeviation = 0.0
  /// The least value that is within limits; -infinity where there is none.
  public var lowerLimit = -Double.infinity
  /// The greatest value that is within limits; infinity where there is none.
  public var upperLimit = Double.infinity
  /// The built-in limit, by ``HostLimit/id``; nil: none.
  public var hostLimit: UInt8?
  /// The values that the metric can have; what is expected is shown within them.
  public var possible = -Double.infinity...Double.infinity
  /// The row of ``HostLimit/all`` that says what values mean, by its id; nil: none. Unlike
  /// ``hostLimit`` also where its levels are replaced or removed.
  public var impact: UInt8?
  /// The severity of events; nil: by what values mean, else by the score, and ``Severity/error``
  /// outside the limits.
  public var severity: SeverityRule?
  /// How long a metric must be normal before its event closes, in addition to the hold-off of the
  /// detector, which counts samples.
  public var holdOff = Duration.zero
  /// The time after a close within which a new opening continues the closed event.
  public var merge = Duration.zero

  /// Every alarm of the detector counts, and events close with the detector's hold-off.
  public init() {}

  /// The limit that a value lies beyond; nil for a value within the limits.
  func limit(crossedBy value: Double) -> Double? {
    value > upperLimit ? upperLimit : value < lowerLimit ? lowerLimit : nil
  }

  /// Whether these rules can be why an event is open: false for one that a limit opened that is no
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
    // A drift is about the level; the newest value may lie anywhere.
    let isDrift = event.usual.isFinite
    let usual = isDrift ? event.usual : event.expected
    let deviation = abs((isDrift ? event.level : event.value) - usual)
    return deviation >= minimumDeviation && deviation >= minimumRelativeDeviation * abs(usual)
  }
}
