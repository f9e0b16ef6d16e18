public import Series

/// A step in the life of an incident, which outputs are notified of.
public enum IncidentTransition: Equatable, Sendable {
  /// It has settled, so that its subject is known.
  case opened(Incident)
  /// Its severity has risen, or another subsystem has joined.
  case worsened(Incident)
  /// All its events are over, and no other one has joined for some time.
  case closed(Incident)

  /// The incident as it stands after the step.
  public var incident: Incident {
    get {
      switch self {
      case .opened(let incident), .worsened(let incident), .closed(let incident): incident
      }
    }
    set {
      self =
        switch self {
        case .opened: .opened(newValue)
        case .worsened: .worsened(newValue)
        case .closed: .closed(newValue)
        }
    }
  }

  /// The word used in files, journal fields and scripts: `opened`, `worsened` or `closed`.
  public var stateName: String {
    switch self {
    case .opened: "opened"
    case .worsened: "worsened"
    case .closed: "closed"
    }
  }

  /// Event time at which the step was due.
  public var moment: Timestamp { incident.notified ?? incident.opened }
}
