public import Events

/// Counts steps of events and incidents by severity.
public struct EventTally: Equatable, Sendable {
  /// The counts of one severity.
  public struct Counts: Equatable, Sendable {
    /// Openings, updates and closes that outputs were notified of.
    public internal(set) var opened = 0, updated = 0, closed = 0
    /// Steps of any kind that a silence kept from outputs.
    public internal(set) var muted = 0
  }

  /// Steps of incidents of one severity that outputs were notified of.
  public struct IncidentCounts: Equatable, Sendable {
    /// Openings, worsenings and closes.
    public internal(set) var opened = 0, worsened = 0, closed = 0
  }

  private var counts = Array(repeating: Counts(), count: Severity.allCases.count)

  private var incidents = Array(repeating: IncidentCounts(), count: Severity.allCases.count)

  /// All zero.
  public init() {}

  /// The counts of a severity.
  public subscript(severity: Severity) -> Counts { counts[Int(severity.rawValue)] }

  /// The counts of incidents of a severity.
  public func incidents(_ severity: Severity) -> IncidentCounts {
    incidents[Int(severity.rawValue)]
  }

  /// Counts a step of an incident.
  public mutating func note(_ transition: IncidentTransition) {
    let index = Int(transition.incident.severity.rawValue)
    switch transition {
    case .opened: incidents[index].opened += 1
    case .worsened: incidents[index].worsened += 1
    case .closed: incidents[index].closed += 1
    }
  }

  /// Counts a step. A muted opening that is notified later counts as opened at that time.
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
