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
      event: RecordedEventMessage(recorded),
      samples: event.samples.map { HistorySample(at: Moment($0.timestamp), value: $0.value) },
      evidence: evidence(of: event),
      incident: event.incident.map(IncidentMessage.init)
    )
  }

  func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply {
    let note = request.note ?? ""
    guard note.utf8.count <= FeedbackRequest.maximumNoteBytes else {
      throw .invalidParameter("note")
    }
    let recorded = try find(request.id)
    let event = recorded.step.transition.event
    let judgement: RecordedFeedback.Judgement =
      switch request.judgement {
      case .falseAlarm: .falseAlarm
      case .confirmed: .confirmed
      case .withdrawn: .withdrawn
      }
    let evidence = agent.judge(recorded, judgement, note: note, user: permit.user)
    let metric = agent.monitor[event.metric]
    return FeedbackReply(
      event: RecordedEventMessage(try find("\(event.id)")),
      raised: metric.map { EvidenceReading.readings($0.feedbackOffsets) } ?? [],
      wouldStillOpen: evidence.flatMap { evidence in metric.map { $0.wouldOpen(on: evidence) } }
    )
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
    if let word = request.severity {
      query.severity = Severity.allCases.first { $0.name == word }
      if query.severity == nil { throw .invalidParameter("severity") }
    }
    if let limit = request.limit, limit < 0 { throw .invalidParameter("limit") }
    query.since = request.since?.timestamp
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

extension EvidenceReading {
  /// The kinds of evidence that are not zero.
  static func readings(_ decades: EvidenceVector) -> [EvidenceReading] {
    decades.family.kinds.filter { decades[$0] != 0 }.map {
      EvidenceReading(kind: $0.name, decades: Double(decades[$0]))
    }
  }
}

extension MetricFeedback {
  init(_ entry: FeedbackLedger.Entry, of metric: MonitoredMetric) {
    let now = metric.newest?.timestamp ?? entry.at
    self.init(
      event: "\(entry.event)",
      judgement: entry.judgement == .falseAlarm ? .falseAlarm : .confirmed,
      at: Moment(entry.at),
      effect: EvidenceReading.readings(metric.feedback.effect(of: entry, at: now))
    )
  }
}

extension RecordedEventMessage {
  init(_ recorded: RecordedEvent) {
    self.init(recorded.step, feedback: recorded.feedback)
  }

  init(_ step: RecordedStep, feedback: RecordedFeedback?) {
    let event = step.transition.event
    self.init(
      state: step.transition.stateName,
      event: EventMessage(event),
      closed: event.closed.map { Moment($0) },
      sentence: step.transition.sentence,
      recorded: Moment(step.recorded),
      silence: step.silence,
      feedback: feedback.map(FeedbackMessage.init)
    )
  }
}

extension FeedbackMessage {
  init(_ feedback: RecordedFeedback) {
    let word: JudgementWord =
      switch feedback.judgement {
      case .falseAlarm: .falseAlarm
      case .confirmed: .confirmed
      case .withdrawn: .withdrawn
      }
    self.init(
      judgement: word, at: Moment(feedback.at), user: Int(feedback.user), note: feedback.note)
  }
}

extension IncidentMessage {
  init(_ incident: IncidentMembership) {
    self.init(
      id: "\(incident.id)", position: incident.position, size: incident.size, open: incident.open,
      events: incident.events.map {
        Member(id: "\($0.id)", metric: $0.metric.text, began: Moment($0.began))
      })
  }
}
