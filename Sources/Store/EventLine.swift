import Detection
import Events
import Series

/// An entry of the log, and where it is.
struct EntryReference: Equatable {
  var sequence: UInt64
  /// Nil while the entry is waiting to be written.
  var place: EventLog.Place?
}

/// What the history keeps in memory of an event or an incident: about 120 bytes.
struct EventLine {
  /// Whether it is of an incident.
  let isIncident: Bool
  /// Its number in the order of first appearance.
  var number: UInt64
  /// Its newest step.
  var newest: EntryReference
  /// The latest feedback about it.
  var feedback: EntryReference?
  /// Event time of its opening.
  var opened: Timestamp
  /// Event time of its newest step.
  var moment: Timestamp
  var isOpen: Bool
  /// Whether outputs were notified of its opening.
  var isTold: Bool
  var severity: Severity
  var evidence: EvidenceVector?

  init(_ entry: RecordedEntry, number: UInt64, newest: EntryReference, before: EventLine?) {
    self.number = number
    self.newest = newest
    feedback = before?.feedback
    switch entry {
    case .event(let step):
      let event = step.transition.event
      isIncident = false
      opened = event.opened
      moment = step.transition.moment
      if case .closed = step.transition { isOpen = false } else { isOpen = true }
      isTold = step.isTold
      severity = event.severity
      evidence = step.evidence ?? before?.evidence
    case .incident(let step):
      isIncident = true
      opened = step.transition.incident.opened
      moment = step.transition.moment
      if case .closed = step.transition { isOpen = false } else { isOpen = true }
      isTold = true
      severity = step.transition.incident.severity
    }
  }

  /// Whether a step of an incident is a duplicate.
  func knows(_ transition: IncidentTransition) -> Bool {
    switch transition {
    case .opened: true
    case .worsened: !isOpen || transition.moment <= moment
    case .closed: !isOpen
    }
  }

  /// Whether a step is a duplicate: it is the newest one, or older.
  func knows(_ transition: EventTransition, isTold: Bool) -> Bool {
    switch transition {
    case .opened: self.isTold || !isTold || !isOpen
    case .updated: transition.moment <= moment
    case .closed: isOpen ? transition.moment < moment : transition.moment <= moment
    }
  }
}
