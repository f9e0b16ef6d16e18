import Control
import Detection
import Events
import Monitor
import Series
import Store

extension Daemon {
  /// Takes up what a person says about an event: in the record, and in the detector of its metric.
  /// - Returns: the evidence that counts, nil where the feedback changes nothing.
  func judge(
    _ recorded: RecordedEvent, _ judgement: RecordedFeedback.Judgement, note: String, user: UInt32
  ) -> EvidenceVector? {
    settle()
    let event = recorded.step.transition.event
    record?.take(
      RecordedFeedback(
        event: event.id, judgement: judgement, at: options.clock(), user: user, note: note))
    let evidence = judgedEvidence(event)
    apply(judgement, to: event, evidence: evidence)
    log.notice(
      "user \(user) says of event \(event.id) of \(event.metric): \(judgement.words)"
        + (note.isEmpty ? "" : " (\(note))"))
    return pipeline.track(named: event.metric) == nil ? nil : evidence
  }

  /// After a start: what the record has, and the saved state has not, because the daemon was killed
  /// in between.
  func restoreFeedback() {
    for recorded in record?.judgedEvents ?? [] {
      let event = recorded.step.transition.event
      guard let track = pipeline.track(named: event.metric) else { continue }
      let known = track.feedback.entries.first { $0.event == event.id }?.judgement
      switch recorded.feedback?.judgement {
      case nil, .withdrawn: pipeline.withdraw(event)
      case .falseAlarm where known == .falseAlarm, .confirmed where known == .confirmed: break
      case .falseAlarm?, .confirmed?:
        guard let feedback = recorded.feedback else { continue }
        apply(feedback.judgement, to: event, evidence: judgedEvidence(event), at: feedback.at)
      }
    }
  }

  private func apply(
    _ judgement: RecordedFeedback.Judgement, to event: Event, evidence: EvidenceVector?,
    at: Timestamp? = nil
  ) {
    switch judgement {
    case .falseAlarm: pipeline.note(.falseAlarm, of: event, evidence: evidence, at: at)
    case .confirmed: pipeline.note(.confirmed, of: event, evidence: evidence, at: at)
    case .withdrawn: pipeline.withdraw(event)
    }
  }

  /// The evidence that opened an event, where feedback can change what follows from it.
  private func judgedEvidence(_ event: Event) -> EvidenceVector? {
    guard case .evidence = event.cause else { return nil }
    return record?.evidence(of: event.id)
  }
}

extension RecordedFeedback.Judgement {
  fileprivate var words: String {
    switch self {
    case .falseAlarm: "a false alarm"
    case .confirmed: "confirmed"
    case .withdrawn: "what was said before is withdrawn"
    }
  }
}
