import Detection
import Events
import Series

/// Decides what to do with a transition: which incident it belongs to, whether a silence mutes it,
/// and how that affects the incident.
struct AlarmPolicy {
  /// The silences in force.
  let silences: SilenceBook
  var incidents = IncidentTracker()
  var muted = MutedEvents()

  /// Appends the steps that result from a transition: one, or two if the silence that muted the
  /// opening has ended.
  /// - Parameters:
  ///   - now: the time of day; a silence mutes a step if it covers this or the step's event time.
  ///   - lastSeen: see ``IncidentTracker/note(_:lastSeen:)``.
  mutating func take(
    _ transition: EventTransition, at now: Timestamp, lastSeen: (MetricName) -> Timestamp?,
    into steps: inout [EventStep]
  ) {
    var transition = transition
    transition.event.incident = incidents.note(transition, lastSeen: lastSeen)
    let event = transition.event
    let silence = silence(over: transition, at: now)
    let opening = muted.silence(of: event)
    switch (transition, silence, opening) {
    case (.opened, let silence?, _):
      muted.mute(event, by: silence)
      steps.append(EventStep(transition, mutedBy: silence))
    case (.opened, nil, _):
      muted.remove(event.metric)
      steps.append(EventStep(transition))
    case (.closed, _?, nil), (_, nil, nil):
      // An event whose opening was notified is closed for all outputs, silence or not.
      steps.append(EventStep(transition))
    case (_, let silence?, _):
      steps.append(EventStep(transition, mutedBy: silence))
    case (.updated, nil, let opening?):
      // The silence has ended: outputs are notified of the event as it is now.
      muted.remove(event.metric)
      steps.append(EventStep(transition, mutedBy: opening))
      steps.append(EventStep(.opened(event)))
    case (.closed, nil, _?):
      muted.remove(event.metric)
      var reopened = event
      reopened.closed = nil
      steps.append(EventStep(.opened(reopened)))
      steps.append(EventStep(transition))
    }
  }

  /// The opening of an open event whose silence has ended.
  /// - Parameter lastSeen: see ``IncidentTracker/note(_:lastSeen:)``.
  mutating func unmute(
    _ event: Event, lastSeen: (MetricName) -> Timestamp?
  ) -> EventStep {
    var event = event
    // Its incident may be over for outputs.
    event.incident = incidents.note(.opened(event), lastSeen: lastSeen)
    muted.remove(event.metric)
    return EventStep(.opened(event))
  }

  /// The silence that covers a metric at one of these times.
  func silence(of metric: MetricName, at moments: [Timestamp]) -> String? {
    for moment in moments {
      if let silence = silences.coverage(of: metric, at: moment).alarms { return silence }
    }
    return nil
  }

  private func silence(over transition: EventTransition, at now: Timestamp) -> String? {
    silence(of: transition.event.metric, at: [transition.moment, now])
  }
}
