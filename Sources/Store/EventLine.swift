import Detection
import Events
import Series

/// An entry of the log, and where it is.
struct EntryReference: Equatable {
  var sequence: UInt64
  /// Nil while the entry is waiting to be written.
  var place: EventLog.Place?
}

/// What the history keeps in memory of an event: about 120 bytes.
struct EventLine {
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

  init(_ step: RecordedStep, number: UInt64, newest: EntryReference, before: EventLine?) {
    let event = step.transition.event
    self.number = number
    self.newest = newest
    feedback = before?.feedback
    opened = event.opened
    moment = step.transition.moment
    if case .closed = step.transition { isOpen = false } else { isOpen = true }
    isTold = step.isTold
    severity = event.severity
    evidence = step.evidence ?? before?.evidence
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
