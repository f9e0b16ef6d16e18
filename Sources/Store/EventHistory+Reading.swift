public import Detection
public import Events
public import Series

/// An event as stored in the history.
public struct RecordedEvent: Equatable, Sendable {
  /// Its newest step.
  public var step: RecordedStep
  /// Whether outputs were notified of its opening.
  public var isTold: Bool
  /// The latest feedback about it; nil if there is none, or it was withdrawn.
  public var feedback: Feedback?

  /// Whether it is open.
  public var isOpen: Bool {
    if case .closed = step.transition { false } else { true }
  }
}

/// A selection of events.
public struct EventQuery: Equatable, Sendable {
  /// Only of metrics whose whole name matches; nil for all.
  public var metric: Glob?
  /// Only those that opened at or after this event time; nil for all.
  public var since: Timestamp?
  /// Only those that are open.
  public var isOpen = false
  /// Only those of at least this severity; nil for all.
  public var severity: Severity?

  /// All events.
  public init() {}

  func admits(_ line: EventLine, ofIncident: Bool) -> Bool {
    line.isIncident == ofIncident && (!isOpen || line.isOpen)
      && (since.map { line.opened >= $0 } ?? true)
      && (severity.map { line.severity >= $0 } ?? true)
  }

  /// Whether an event matches.
  public func admits(_ event: Event) -> Bool {
    (!isOpen || event.closed == nil) && (since.map { event.opened >= $0 } ?? true)
      && (severity.map { event.severity >= $0 } ?? true)
      && (metric?.matches(event.metric.text) ?? true)
  }
}

/// The position of a reader of steps.
public struct StepCursor: Equatable, Sendable {
  /// The number of the last step that it has read.
  public var sequence: UInt64
  var place: EventLog.Place
}

/// What an abbreviated event id refers to.
public enum EventSearch: Equatable, Sendable {
  /// Fewer than ``EventHistory/shortestID`` hexadecimal digits, or not hexadecimal.
  case malformed
  /// No event has such an id.
  case none
  /// One event.
  case one(EventID)
  /// Several events; their number.
  case several(Int)
}

extension EventHistory {
  /// Minimum number of digits for a search.
  public static let shortestID = 4

  /// An event; nil if it is unknown, or its newest step is damaged.
  public func event(_ id: EventID) -> RecordedEvent? {
    guard let line = index.lines[id], !line.isIncident, let payload = payload(line.newest),
      let step = RecordedStep(sequence: line.newest.sequence, payload: payload)
    else { return nil }
    var feedback = line.feedback.flatMap { self.payload($0) }.flatMap(Feedback.init)
    if feedback?.judgement == .withdrawn { feedback = nil }
    return RecordedEvent(step: step, isTold: line.isTold, feedback: feedback)
  }

  /// An incident as of its newest step; nil if it is unknown, or that is damaged.
  public func incident(_ id: EventID) -> RecordedIncident? {
    guard let line = index.lines[id], line.isIncident, let payload = payload(line.newest) else {
      return nil
    }
    return RecordedIncident(sequence: line.newest.sequence, payload: payload)
  }

  /// The open incidents, oldest first, without those whose newest step is damaged.
  public var openIncidents: [RecordedIncident] {
    index.order.filter { index.lines[$0]?.isOpen ?? false }.compactMap { incident($0) }
  }

  /// Some incidents, newest first; see ``page(_:before:limit:effort:)``.
  public func incidents(
    _ query: EventQuery, before number: UInt64?, limit: Int, effort: Int = 500
  ) -> (incidents: [RecordedIncident], next: UInt64?) {
    let (found, next) = page(before: number, limit: limit, effort: effort) { line, id in
      query.admits(line, ofIncident: true) ? incident(id) : nil
    }
    return (found, next)
  }

  /// Whether an event or incident is known and open.
  public func isOpen(_ id: EventID) -> Bool? { index.lines[id]?.isOpen }

  /// The open events, oldest first, without those whose newest step is damaged.
  public var openEvents: [RecordedEvent] {
    index.order.filter { index.lines[$0]?.isOpen ?? false }.compactMap { event($0) }
  }

  /// How rare each kind of evidence was when an event opened; nil if unknown.
  public func evidence(of id: EventID) -> EvidenceVector? { index.lines[id]?.evidence }

  /// The events with feedback that has not been withdrawn, oldest first.
  public var judgedEvents: [RecordedEvent] {
    index.order.filter { index.lines[$0]?.feedback != nil }.compactMap { event($0) }
  }

  /// Some events, newest first.
  /// - Parameters:
  ///   - number: the end of the previous page; nil for the first page.
  ///   - limit: maximum number of events on the page.
  ///   - effort: maximum number of events examined.
  /// - Returns: the events, and the start of the next page; nil at the end.
  public func page(
    _ query: EventQuery, before number: UInt64?, limit: Int, effort: Int = 500
  ) -> (events: [RecordedEvent], next: UInt64?) {
    let (found, next) = page(before: number, limit: limit, effort: effort) { line, id in
      guard query.admits(line, ofIncident: false), let event = event(id),
        query.admits(event.step.transition.event)
      else { return nil as RecordedEvent? }
      return event
    }
    return (found, next)
  }

  private func page<Found>(
    before number: UInt64?, limit: Int, effort: Int, _ find: (EventLine, EventID) -> Found?
  ) -> (found: [Found], next: UInt64?) {
    var found: [Found] = []
    var place = number.map { index.place(of: $0) } ?? index.order.count
    var looked = 0
    while place > 0, found.count < limit, looked < effort {
      place -= 1
      looked += 1
      let id = index.order[place]
      if let line = index.lines[id], let wanted = find(line, id) { found.append(wanted) }
    }
    return (found, place > 0 ? index.lines[index.order[place]]?.number : nil)
  }

  /// The event whose id begins or ends with these hexadecimal digits; dashes are ignored.
  public func find(_ text: some StringProtocol) -> EventSearch {
    find(text, isIncident: false)
  }

  /// The incident whose id begins or ends with these hexadecimal digits; dashes are ignored.
  public func findIncident(_ text: some StringProtocol) -> EventSearch {
    find(text, isIncident: true)
  }

  private func find(_ text: some StringProtocol, isIncident: Bool) -> EventSearch {
    let digits = text.lowercased().compactMap { $0 == "-" ? nil : $0.hexDigitValue }
    guard digits.count >= EventHistory.shortestID, digits.count <= 32,
      text.allSatisfy({ $0 == "-" || $0.hexDigitValue != nil })
    else { return .malformed }
    var wanted: UInt128 = 0
    for digit in digits { wanted = wanted << 4 | UInt128(digit) }
    let bits = UInt128(digits.count * 4)
    let mask: UInt128 = bits == 128 ? .max : (1 << bits) - 1
    let found = index.order.filter { id in
      guard index.lines[id]?.isIncident == isIncident else { return false }
      let whole = UInt128(id.high) << 64 | UInt128(id.low)
      return whole >> (128 - bits) == wanted || whole & mask == wanted
    }
    guard let first = found.first else { return .none }
    return found.count == 1 ? .one(first) : .several(found.count)
  }

  /// A reader positioned after the newest step.
  public var endOfSteps: StepCursor { StepCursor(sequence: newestStep, place: log.end) }

  /// A reader positioned after a step.
  public func steps(after sequence: UInt64) -> StepCursor {
    let sequence = min(sequence, EventLogFormat.largestSequence)
    return StepCursor(sequence: sequence, place: log.place(before: sequence + 1))
  }

  /// Advances to the next step and returns it; nil if there is none.
  public func next(_ cursor: inout StepCursor) -> RecordedEntry? {
    while let entry = log.nextEntry(from: cursor.place) {
      cursor.place = entry.next
      guard entry.sequence > cursor.sequence,
        let step = RecordedEntry(
          kind: entry.kind, sequence: entry.sequence, payload: entry.payload)
      else { continue }
      cursor.sequence = entry.sequence
      return step
    }
    // While the disk is full, steps wait in memory.
    while let (sequence, kind, payload) = log.firstWaiting(after: cursor.sequence) {
      cursor.sequence = sequence
      guard let step = RecordedEntry(kind: kind, sequence: sequence, payload: payload) else {
        continue
      }
      return step
    }
    return nil
  }
}
