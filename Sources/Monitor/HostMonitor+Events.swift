import Detection
package import Events
package import Series

/// What is known and said about events besides samples.
extension HostMonitor {
  /// Says that an event was open before a crash, see ``EventTracker/expect(_:)``; of a metric that
  /// is not there yet, its tracker will hear. To be called after all metrics are restored and before
  /// any input runs.
  package func expect(_ event: Event) {
    guard let id = registry.id(of: event.metric) else {
      expected[event.metric] = event
      return
    }
    tracks[id.index].tracker.expect(event)
  }

  /// Whether an event is open as far as its metric's tracker knows.
  package func hasOpen(_ event: Event) -> Bool {
    track(named: event.metric)?.openEvent?.id == event.id
  }

  /// Takes up what a person said about an event; see ``MonitoredMetric/note(_:of:evidence:at:)``.
  package func note(
    _ judgement: FeedbackLedger.Judgement, of event: Event, evidence: EvidenceVector?,
    at: Timestamp? = nil
  ) {
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].note(judgement, of: event.id, evidence: evidence, at: at)
  }

  /// Forgets what was said about an event.
  package func withdraw(_ event: Event) {
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].withdraw(event.id)
  }

  /// Takes it back that an event is expected.
  package func dismiss(_ event: Event) {
    if expected[event.metric]?.id == event.id { expected[event.metric] = nil }
    guard let id = registry.id(of: event.metric) else { return }
    tracks[id.index].tracker.dismiss(event)
  }
}
