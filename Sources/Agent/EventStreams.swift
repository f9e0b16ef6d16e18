import Control
import Detection
import Store

/// `ListEvents`: recorded events, newest first, page by page. It holds no events: what is forgotten
/// between two pages is not listed.
final class EventListStream: ReplyStream {
  private static let pageSize = 50

  private let query: EventQuery
  private weak var record: EventRecord?
  private var left: Int
  private var nextPage: UInt64?

  init(_ query: EventQuery, limit: Int, of record: EventRecord?) {
    self.query = query
    self.record = record
    left = limit
  }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep {
    guard let record, left > 0 else { return .part(EventsReply(events: []), continues: false) }
    let page = record.page(query, before: nextPage, limit: min(left, EventListStream.pageSize))
    nextPage = page.next
    left -= page.events.count
    return .part(
      EventsReply(events: page.events.map { RecordedEventMessage($0) }),
      continues: nextPage != nil && left > 0
    )
  }

  func end() {}
}

/// `FollowEvents`: every step from now on. It holds none: a client that is slow reads on in the
/// record, where the steps are.
final class EventFollowStream: ReplyStream {
  private static let stepsPerPart = 50
  /// Steps looked at in one turn of the loop, wanted or not.
  private static let effort = 200

  private let query: EventQuery
  private weak var record: EventRecord?
  private var cursor: StepCursor?

  init(_ query: EventQuery, of record: EventRecord?) {
    self.query = query
    self.record = record
    cursor = record?.endOfSteps
  }

  var isReady: Bool { (record?.newestStep ?? 0) > (cursor?.sequence ?? .max) }

  func next() -> ReplyStreamStep {
    guard let record, var cursor else { return .later }
    defer { self.cursor = cursor }
    var steps: [RecordedEventMessage] = []
    var looked = 0
    while steps.count < EventFollowStream.stepsPerPart, looked < EventFollowStream.effort {
      guard let step = record.next(&cursor) else { break }
      looked += 1
      guard query.admits(step.transition.event) else { continue }
      steps.append(RecordedEventMessage(step, feedback: nil))
    }
    if looked < EventFollowStream.effort, record.newestStep > cursor.sequence, steps.isEmpty {
      // Steps that are damaged or gone are not waited for.
      cursor = record.endOfSteps
    }
    return steps.isEmpty ? .later : .part(EventsReply(events: steps), continues: true)
  }

  func end() {}
}
