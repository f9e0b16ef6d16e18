import Control
import Detection
import Events
import Monitor
import Outputs
import Series
import Store

extension DaemonReport {
  func listEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream {
    guard request.after == nil else { throw .invalidParameter("after") }
    return EventListStream(try query(request), limit: request.limit ?? .max, of: agent.record)
  }

  func followEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream {
    let after = try request.after.map { step throws(ControlError) in
      // A step that does not exist yet cannot have been sent: the history is a different one now.
      guard let step = UInt64(exactly: step), step <= agent.record?.newestStep ?? 0 else {
        throw .invalidParameter("after")
      }
      return step
    }
    return EventFollowStream(try query(request), after: after, of: agent.record)
  }

  func showEvent(_ id: String) throws(ControlError) -> EventDetail {
    let recorded = try find(id)
    let event = recorded.step.transition.event
    return EventDetail(
      event: recorded.message,
      samples: event.samples,
      evidence: evidence(of: event),
      incident: event.incident
    )
  }

  func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply {
    let note = request.note ?? ""
    guard note.utf8.count <= Feedback.maximumNoteBytes else {
      throw .invalidParameter("note")
    }
    let recorded = try find(request.id)
    let event = recorded.step.transition.event
    let evidence = agent.judge(recorded, request.judgement, note: note, user: permit.user)
    let metric = agent.monitor[event.metric]
    return FeedbackReply(
      event: try find("\(event.id)").message,
      raised: metric.map { EvidenceReading.readings($0.feedbackOffsets) } ?? [],
      wouldStillOpen: evidence.flatMap { evidence in metric.map { $0.wouldOpen(on: evidence) } }
    )
  }

  func closeEvent(
    _ request: CloseEventRequest, by permit: ChangePermit
  ) throws(ControlError) -> CloseEventReply {
    let reason = request.reason ?? ""
    guard reason.utf8.count <= ManualClosing.maximumReasonBytes else {
      throw .invalidParameter("reason")
    }
    let recorded = try find(request.id)
    guard recorded.isOpen else { return CloseEventReply(event: recorded.message, closed: false) }
    let event = recorded.step.transition.event
    agent.close(event, by: ManualClosing(user: permit.user, reason: reason))
    return CloseEventReply(event: try find("\(event.id)").message, closed: true)
  }

  private func find(_ id: String) throws(ControlError) -> RecordedEvent {
    switch agent.record?.find(id) {
    case .one(let found):
      guard let event = agent.record?.event(found) else { throw .noSuchEvent(id) }
      return event
    case .several: throw .ambiguousEvent(id)
    case .malformed: throw .invalidParameter("id")
    case nil, EventSearch.none?: throw .noSuchEvent(id)
    }
  }

  private func query(_ request: EventListRequest) throws(ControlError) -> EventQuery {
    var query = EventQuery()
    if let pattern = request.pattern {
      query.metric = Glob(pattern)
      if query.metric == nil { throw .invalidParameter("pattern") }
    }
    query.severity = request.severity
    if let limit = request.limit, limit < 0 { throw .invalidParameter("limit") }
    query.since = request.since
    query.isOpen = request.open ?? false
    return query
  }

  private func evidence(of event: Event) -> [EvidenceReading] {
    guard case .evidence(let kind) = event.cause, let found = agent.record?.evidence(of: event.id)
    else { return [] }
    return kind.family.kinds.map {
      EvidenceReading(kind: $0.name, decades: Double(found[$0]))
    }
  }
}

extension RecordedEvent {
  /// As it is listed.
  var message: RecordedEventMessage { step.message(feedback) }
}

extension RecordedStep {
  /// As it is listed.
  func message(_ feedback: Feedback?) -> RecordedEventMessage {
    RecordedEventMessage(transition, recorded: recorded, silence: silence, feedback: feedback)
  }
}
