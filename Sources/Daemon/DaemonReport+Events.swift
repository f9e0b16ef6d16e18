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
    return EventListStream(
      try query(request), limit: request.limit ?? .max, of: agent.events.record)
  }

  func followEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream {
    let after = try request.after.map { step throws(ControlError) in
      // A future step cannot have been sent: this is a different history.
      guard let step = UInt64(exactly: step), step <= agent.events.record?.newestStep ?? 0 else {
        throw .invalidParameter("after")
      }
      return step
    }
    return EventFollowStream(try query(request), after: after, of: agent.events.record)
  }

  func showEvent(_ id: String) throws(ControlError) -> EventDetail {
    let recorded = try find(id)
    let event = recorded.step.transition.event
    return EventDetail(
      event: recorded.message,
      samples: event.samples,
      evidence: evidence(of: event),
      incident: event.incident,
      recurrence: event.recurrence.map { RecurrenceMessage($0) },
      severityReason: SeverityReason(
        event, under: agent.monitor[event.metric]?.tracker.rules
      ).sentence
    )
  }

  func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply {
    let note = request.note ?? ""
    guard note.utf8.count <= Feedback.maximumNoteBytes else {
      throw .invalidParameter("note")
    }
    let recorded = try eventsToJudge(request.id)
    let effects = recorded.map { recorded in
      effect(of: request.judgement, on: recorded, note: note, user: permit.user)
    }
    return FeedbackReply(
      event: try find("\(recorded[0].step.transition.event.id)").message,
      raised: effects[0].raised, wouldStillOpen: effects[0].wouldStillOpen,
      others: Array(effects.dropFirst()))
  }

  private func effect(
    of judgement: Judgement, on recorded: RecordedEvent, note: String, user: UInt32
  ) -> FeedbackEffectMessage {
    let evidence = judge(recorded, judgement, note: note, user: user)
    let name = recorded.step.transition.event.metric
    let metric = agent.monitor[name]
    return FeedbackEffectMessage(
      metric: name.text, raised: metric.map { EvidenceReading.readings($0.feedbackOffsets) } ?? [],
      wouldStillOpen: evidence.flatMap { evidence in metric.map { $0.wouldOpen(on: evidence) } })
  }

  /// The event with an id, or the events of an incident, with the lead first; at least one.
  private func eventsToJudge(_ id: String) throws(ControlError) -> [RecordedEvent] {
    // Lists show eight digits of an event id, messages fewer of an incident id.
    let isShort = id.utf8.count < 8
    if isShort, case .one(let found)? = agent.events.record?.findIncident(id) {
      return try members(of: found)
    }
    do throws(ControlError) {
      return [try find(id)]
    } catch {
      guard case .noSuchEvent = error, case .one(let found)? = agent.events.record?.findIncident(id)
      else { throw error }
      return try members(of: found)
    }
  }

  /// The stored events of an incident, with the lead first.
  private func members(of id: EventID) throws(ControlError) -> [RecordedEvent] {
    guard let incident = agent.events.record?.incident(id)?.transition.incident else {
      throw .noSuchIncident("\(id)")
    }
    // More events may have joined since its newest step.
    let present = agent.monitor.incidents.last { $0.id == id } ?? incident
    let ids = present.members.map(\.reference.id)
    let events = ids.compactMap { agent.events.record?.event($0) }
    guard !events.isEmpty else { throw .noSuchIncident("\(id)") }
    let lead = present.lead?.id
    return events.filter { $0.step.transition.event.id == lead }
      + events.filter { $0.step.transition.event.id != lead }
  }

  func listIncidents(_ request: IncidentListRequest) throws(ControlError) -> any ReplyStream {
    if let limit = request.limit, limit < 0 { throw .invalidParameter("limit") }
    var query = EventQuery()
    query.severity = request.severity
    query.since = request.since
    query.isOpen = request.open ?? false
    return IncidentListStream(query, limit: request.limit ?? .max, of: agent.events.record)
  }

  func showIncident(_ id: String) throws(ControlError) -> IncidentDetail {
    switch agent.events.record?.findIncident(id) {
    case .one(let found):
      guard let recorded = agent.events.record?.incident(found) else { throw .noSuchIncident(id) }
      let events = try members(of: found).map(\.message)
      return IncidentDetail(
        incident: IncidentMessage(recorded.transition),
        events: events.sorted { $0.event.began < $1.event.began })
    case .several: throw .ambiguousEvent(id)
    case .malformed: throw .invalidParameter("id")
    case nil, EventSearch.none?: throw .noSuchIncident(id)
    }
  }

  /// Records feedback on an event, and applies it to the detector of its metric.
  /// - Returns: the evidence that counts, nil if the feedback has no effect.
  private func judge(
    _ recorded: RecordedEvent, _ judgement: Judgement, note: String, user: UInt32
  ) -> EvidenceVector? {
    let event = recorded.step.transition.event
    agent.events.record?.take(
      Feedback(
        event: event.id, judgement: judgement, at: agent.options.clock(), user: user, note: note))
    agent.options.setTime(of: agent.monitor)
    let evidence = agent.monitor.judge(
      event, judgement, evidence: agent.events.record?.evidence(of: event.id))
    agent.log.notice(
      "feedback of user \(user) on event \(event.id) of \(event.metric): \(judgement.words)"
        + (note.isEmpty ? "" : " (\(note))"))
    return evidence
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
    agent.options.setTime(of: agent.monitor)
    agent.monitor.close(event, by: ManualClosing(user: permit.user, reason: reason))
    agent.log.notice("user \(permit.user) closed event \(event.id) of \(event.metric)")
    agent.commitEvents()
    return CloseEventReply(event: try find("\(event.id)").message, closed: true)
  }

  private func find(_ id: String) throws(ControlError) -> RecordedEvent {
    switch agent.events.record?.find(id) {
    case .one(let found):
      guard let event = agent.events.record?.event(found) else { throw .noSuchEvent(id) }
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
    guard case .evidence(let kind) = event.cause,
      let found = agent.events.record?.evidence(of: event.id)
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

extension Judgement {
  fileprivate var words: String {
    switch self {
    case .falseAlarm: "a false alarm"
    case .confirmed: "confirmed"
    case .withdrawn: "earlier feedback is withdrawn"
    }
  }
}
