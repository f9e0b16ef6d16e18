import Control
import Detection
import Events
import Store

/// `ListEvents`: recorded events, newest first, page by page. It stores no events: one that is
/// dropped between two pages is not listed.
final class EventListStream: ReplyStream {
  private static let pageSize = 50

  private let query: EventQuery
  private weak var record: EventHistory?
  private let newestStep: UInt64
  private var left: Int
  private var nextPage: UInt64?

  init(_ query: EventQuery, limit: Int, of record: EventHistory?) {
    self.query = query
    self.record = record
    left = limit
    newestStep = record?.newestStep ?? 0
  }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep {
    guard let record, left > 0 else { return .part(reply([]), continues: false) }
    let page = record.page(query, before: nextPage, limit: min(left, EventListStream.pageSize))
    nextPage = page.next
    left -= page.events.count
    return .part(
      reply(page.events.map(\.message)),
      continues: nextPage != nil && left > 0
    )
  }

  private func reply(_ events: [RecordedEventMessage]) -> EventsReply {
    EventsReply(events: events, step: Int(clamping: newestStep))
  }

  func end() {}
}

/// `ListIncidents`: recorded incidents, newest first, page by page.
final class IncidentListStream: ReplyStream {
  private static let pageSize = 50

  private let query: EventQuery
  private weak var record: EventHistory?
  private var left: Int
  private var nextPage: UInt64?

  init(_ query: EventQuery, limit: Int, of record: EventHistory?) {
    self.query = query
    self.record = record
    left = limit
  }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep {
    guard let record, left > 0 else {
      return .part(IncidentsReply(incidents: []), continues: false)
    }
    let page = record.incidents(
      query, before: nextPage, limit: min(left, IncidentListStream.pageSize))
    nextPage = page.next
    left -= page.incidents.count
    return .part(
      IncidentsReply(incidents: page.incidents.map { IncidentMessage($0.transition) }),
      continues: nextPage != nil && left > 0)
  }

  func end() {}
}

/// `FollowEvents`: every step from a given one or from now on. It buffers none: a slow client
/// continues from the history, where the steps are stored.
final class EventFollowStream: ReplyStream {
  private static let stepsPerPart = 50
  /// Steps examined in one iteration of the loop, sent or not.
  private static let effort = 200

  private let query: EventQuery
  private weak var record: EventHistory?
  private var cursor: StepCursor?

  /// - Parameter step: the last step to skip; nil: the newest.
  init(_ query: EventQuery, after step: UInt64?, of record: EventHistory?) {
    self.query = query
    self.record = record
    cursor = step.flatMap { record?.steps(after: $0) } ?? record?.endOfSteps
  }

  var isReady: Bool { (record?.newestStep ?? 0) > (cursor?.sequence ?? .max) }

  func next() -> ReplyStreamStep {
    guard let record, var cursor else { return .later }
    defer { self.cursor = cursor }
    var steps: [RecordedEventMessage] = []
    var looked = 0
    while steps.count < EventFollowStream.stepsPerPart, looked < EventFollowStream.effort {
      guard let entry = record.next(&cursor) else { break }
      looked += 1
      guard let step = entry.event else { continue }
      guard query.admits(step.transition.event) else { continue }
      steps.append(step.message(nil))
    }
    if looked < EventFollowStream.effort, record.newestStep > cursor.sequence, steps.isEmpty {
      // Damaged or missing steps are skipped.
      cursor = record.endOfSteps
    }
    guard !steps.isEmpty else { return .later }
    return .part(
      EventsReply(events: steps, step: Int(clamping: cursor.sequence)), continues: true)
  }

  func end() {}
}
