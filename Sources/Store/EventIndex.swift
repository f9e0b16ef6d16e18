import Detection
import Events
import Series

/// The kinds of entries in the log of the history. Earlier versions ignore those of incidents.
enum EventEntryKind: UInt8 {
  /// A ``RecordedStep``.
  case step = 1
  /// How far each output has delivered.
  case cursors = 2
  /// A ``Feedback``.
  case feedback = 3
  /// The newest step of an event, repeated because the segment that contains it is removed.
  case carried = 4
  /// A ``RecordedIncident``.
  case incident = 5
  /// The newest step of an incident, repeated for the same reason.
  case carriedIncident = 6
}

/// The positions in the log of everything that can be queried.
struct EventIndex {
  /// Facts about each event and each incident that can be answered without reading the log.
  var lines: [EventID: EventLine] = [:]
  /// The events and incidents in the order in which they were first recorded.
  private(set) var order: [EventID] = []
  /// How many of those are incidents.
  private(set) var incidentCount = 0
  /// The number of the newest step.
  private(set) var newestStep: UInt64 = 0
  /// The number of the last step that each output has delivered.
  var cursors: [String: UInt64] = [:]
  /// The entry with those numbers.
  var cursorsEntry = EntryReference(sequence: 0)
  /// Entries in a format unknown to this version.
  var unreadable = 0

  private var met: UInt64 = 0
  /// Feedback that precedes the step of its event because the step was repeated later.
  private var early: [EventID: EntryReference] = [:]

  /// Adds an entry that was read from the log.
  mutating func restore(_ entry: EventLog.Entry) {
    switch EventEntryKind(rawValue: entry.kind) {
    case .step, .carried:
      guard let step = RecordedStep(sequence: entry.sequence, payload: entry.payload) else {
        unreadable += 1
        return
      }
      note(.event(step), at: entry.place, isRepeated: entry.kind == EventEntryKind.carried.rawValue)
    case .incident, .carriedIncident:
      guard let step = RecordedIncident(sequence: entry.sequence, payload: entry.payload) else {
        unreadable += 1
        return
      }
      note(
        .incident(step), at: entry.place,
        isRepeated: entry.kind == EventEntryKind.carriedIncident.rawValue)
    case .cursors:
      restoreCursors(entry)
    case .feedback:
      guard let feedback = Feedback(payload: entry.payload) else {
        unreadable += 1
        return
      }
      let reference = EntryReference(sequence: entry.sequence, place: entry.place)
      if lines[feedback.event] == nil { early[feedback.event] = reference }
      lines[feedback.event]?.feedback = reference
    case nil: unreadable += 1
    }
  }

  /// Adds a step.
  /// - Parameter place: its position; nil while it is waiting to be written.
  mutating func note(_ entry: RecordedEntry, at place: EventLog.Place?, isRepeated: Bool = false) {
    let id = entry.id
    if lines[id] == nil {
      met += 1
      order.append(id)
      if case .incident = entry { incidentCount += 1 }
    }
    lines[id] = EventLine(
      entry, number: lines[id]?.number ?? met,
      newest: EntryReference(sequence: entry.sequence, place: place), before: lines[id])
    if let feedback = early.removeValue(forKey: id) { lines[id]?.feedback = feedback }
    if !isRepeated { newestStep = entry.sequence }
  }

  /// Called after the last entry of the log has been added.
  mutating func endRestore() { early = [:] }

  mutating func forget(_ ids: Set<EventID>) {
    guard !ids.isEmpty else { return }
    for id in ids {
      if lines[id]?.isIncident == true { incidentCount -= 1 }
      lines[id] = nil
    }
    order.removeAll { ids.contains($0) }
  }

  /// The index in ``order`` of the first event with this number or a later one.
  func place(of number: UInt64) -> Int {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if (lines[order[middle]]?.number ?? 0) < number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func restoreCursors(_ entry: EventLog.Entry) {
    var reader = ByteReader(entry.payload)
    var read: [String: UInt64] = [:]
    do {
      for _ in 0..<(try reader.readUInt16()) {
        let name = try reader.readString()
        read[name] = try reader.readUInt64()
      }
      cursors = read
      cursorsEntry = EntryReference(sequence: entry.sequence, place: entry.place)
    } catch {
      unreadable += 1
    }
  }
}

/// An entry of the log, and its position.
struct EntryReference: Equatable {
  var sequence: UInt64
  /// Nil while the entry is waiting to be written.
  var place: EventLog.Place?
}

/// The in-memory record of an event or an incident: about 120 bytes.
struct EventLine {
  /// Whether it describes an incident.
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

  /// Whether a step is a duplicate: the newest one, or an older one.
  func knows(_ transition: EventTransition, isTold: Bool) -> Bool {
    switch transition {
    case .opened: self.isTold || !isTold || !isOpen
    case .updated: transition.moment <= moment
    case .closed: isOpen ? transition.moment < moment : transition.moment <= moment
    }
  }
}
