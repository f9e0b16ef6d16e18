import Control
import Detection
import Events
import Monitor
import Series
import Store

extension Daemon {
  /// Records feedback on an event, and applies it to the detector of its metric.
  /// - Returns: the evidence that counts, nil if the feedback has no effect.
  func judge(
    _ recorded: RecordedEvent, _ judgement: Judgement, note: String, user: UInt32
  ) -> EvidenceVector? {
    let event = recorded.step.transition.event
    record?.take(
      Feedback(
        event: event.id, judgement: judgement, at: options.clock(), user: user, note: note))
    setTime()
    let evidence = monitor.judge(
      event, judgement, evidence: record?.evidence(of: event.id))
    log.notice(
      "feedback of user \(user) on event \(event.id) of \(event.metric): \(judgement.words)"
        + (note.isEmpty ? "" : " (\(note))"))
    return evidence
  }

  /// Closes an open event for a user.
  func close(_ event: Event, by closing: ManualClosing) {
    setTime()
    monitor.close(event, by: closing)
    log.notice("user \(closing.user) closed event \(event.id) of \(event.metric)")
    commitEvents()
  }

  /// After startup: applies feedback that is in the history but not in the checkpoint, because the
  /// daemon was killed in between.
  func restoreFeedback() {
    for recorded in record?.judgedEvents ?? [] {
      let event = recorded.step.transition.event
      monitor.restoreFeedback(
        on: event, recorded.feedback?.judgement ?? .withdrawn,
        evidence: record?.evidence(of: event.id),
        at: recorded.feedback?.at)
    }
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
