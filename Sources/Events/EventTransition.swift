public import Series

/// A step in the life of an event.
public enum EventTransition: Equatable, Sendable {
  /// The event has begun.
  case opened(Event)
  /// The event has an update: ``Event/update`` is the reason. Also for a closed event that resumed
  /// within its merge time and is open again.
  case updated(Event)
  /// The event is over.
  case closed(Event)

  /// The event as it stands after the step.
  public var event: Event {
    get {
      switch self {
      case .opened(let event), .updated(let event), .closed(let event): event
      }
    }
    set {
      self =
        switch self {
        case .opened: .opened(newValue)
        case .updated: .updated(newValue)
        case .closed: .closed(newValue)
        }
    }
  }

  /// The word used in files, journal fields and scripts: `opened`, `updated` or `closed`.
  public var stateName: String {
    switch self {
    case .opened: "opened"
    case .updated: "updated"
    case .closed: "closed"
    }
  }

  /// The value that the step is about, and its expected value: the newest one if the event is
  /// reported again, otherwise the opening one.
  public var reading: Event.Reading {
    if case .updated(let event) = self { event.present } else { event.opening }
  }

  /// Event time of the sample that caused the step.
  public var moment: Timestamp {
    switch self {
    case .opened(let event): event.opened
    case .updated(let event): event.updated ?? event.opened
    case .closed(let event): event.closed ?? event.opened
    }
  }
}

/// Why an open event is reported again.
public enum EventUpdate: UInt8, NamedCase {
  /// It has become clearly worse.
  case worse = 0
  /// It is still open after a while.
  case ongoing = 1
  /// It had been closed, and resumed within its merge time.
  case again = 2

  /// The word used in events and files.
  public var name: String {
    switch self {
    case .worse: "worse"
    case .ongoing: "ongoing"
    case .again: "again"
    }
  }
}

/// How an event was closed.
public enum EventEnding: UInt8, CaseIterable, Sendable {
  /// Its metric was normal again.
  case normal = 0
  /// Its fate is unknown: its metric did not come back after the daemon was killed.
  case lost = 1
  /// Its metric had no sample for a long time, or was removed from the table.
  case forgotten = 2
  /// The rule that opened it, such as `Range=`, is no longer configured.
  case ruleGone = 3
  /// The input of its metric is no longer configured.
  case inputGone = 4
  /// Its metric is no longer watched (`Ignore=yes`).
  case ignored = 5
  /// A user closed it, see ``Event/closing``.
  case byHand = 6
}
