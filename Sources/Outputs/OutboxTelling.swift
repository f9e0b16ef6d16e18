import Detection
import Outbox
import Series

/// What an endpoint hears of: each event, or one message for all events that belong together.
public enum OutboxSpeech: Equatable, Sendable {
  /// Each event.
  case events
  /// Each incident: its first event opens it, later ones are news of it, and when none of them is
  /// open any more it is closed.
  case incidents
}

/// Which steps an endpoint hears of, and as what.
///
/// It remembers what has been told and is not over, so that an incident whose first event was not
/// grave enough is opened by the first that is, and what was told is always closed.
struct OutboxTelling {
  let speech: OutboxSpeech
  let minimum: Severity
  /// Events or incidents that were told and are not over, oldest first.
  private(set) var told: [String]

  /// The most that are remembered; then the oldest go, and are closed all the same where their
  /// last event is grave enough.
  static let maximumTold = 2_000

  init(speech: OutboxSpeech, minimum: Severity, told: [String]) {
    self.speech = speech
    self.minimum = minimum
    self.told = told
  }

  /// The message about a step; nil where the endpoint does not hear of it.
  mutating func message(about transition: EventTransition) -> OutboxEntry? {
    let event = transition.event
    if event.metric.text == OutboxEntry.testSubject { return transition.outboxEntry }
    let isGrave = event.severity >= minimum
    if speech == .incidents, let incident = event.incident {
      return message(about: transition, of: incident, isGrave: isGrave)
    }
    let id = event.id.description
    let isTold = told.contains(id)
    switch transition {
    case .closed: forget(id)
    case .opened, .updated: if isGrave { remember(id, isTold) }
    }
    guard isGrave || isTold else { return nil }
    // Grave only now: to the endpoint this is the beginning. One that came back was told before.
    if case .updated = transition, !isTold, event.update != .again {
      return entry(.opened, transition, id, event.metric.text)
    }
    return transition.outboxEntry
  }

  private mutating func message(
    about transition: EventTransition, of incident: IncidentMembership, isGrave: Bool
  ) -> OutboxEntry? {
    let id = incident.id.description
    let subject = OutboxEntry.incidentSubject(id)
    let isTold = told.contains(id)
    if case .closed = transition {
      guard incident.open == 0 else { return nil }
      forget(id)
      return isTold || isGrave ? entry(.closed, transition, id, subject) : nil
    }
    guard isTold || isGrave else { return nil }
    remember(id, isTold)
    // The first event again, after a crash, is the same message again.
    let isFirst = transition.stateName == "opened" && transition.event.id == incident.id
    return entry(isTold && !isFirst ? .updated : .opened, transition, id, subject)
  }

  private func entry(
    _ step: OutboxEntry.Step, _ transition: EventTransition, _ id: String, _ subject: String
  ) -> OutboxEntry {
    OutboxEntry(at: transition.moment, subject: subject, event: id, step: step)
  }

  private mutating func remember(_ id: String, _ isTold: Bool) {
    guard !isTold else { return }
    told.append(id)
    if told.count > OutboxTelling.maximumTold { told.removeFirst() }
  }

  private mutating func forget(_ id: String) {
    told.removeAll { $0 == id }
  }
}
