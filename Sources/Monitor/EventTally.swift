public import Events

/// Counts event steps by severity.
public struct EventTally: Equatable, Sendable {
  /// The counts of one severity.
  public struct Counts: Equatable, Sendable {
    /// Openings, updates and closes of which outputs were notified.
    public internal(set) var opened = 0, updated = 0, closed = 0
    /// Steps of any kind that a silence kept from outputs.
    public internal(set) var muted = 0
  }

  private var counts = Array(repeating: Counts(), count: Severity.allCases.count)

  /// All zero.
  public init() {}

  /// The counts of a severity.
  public subscript(severity: Severity) -> Counts { counts[Int(severity.rawValue)] }

  /// Counts a step. An opening that is muted and notified later counts as opened then.
  public mutating func note(_ transition: EventTransition, muted: Bool) {
    let index = Int(transition.event.severity.rawValue)
    guard !muted else {
      counts[index].muted += 1
      return
    }
    switch transition {
    case .opened: counts[index].opened += 1
    case .updated: counts[index].updated += 1
    case .closed: counts[index].closed += 1
    }
  }
}
