import Detection
import Events
import Outbox
import Series

/// `Speak=`: what is sent to an endpoint: each event, or one message for all events that belong
/// together.
public enum OutboxSpeech: String, CaseIterable, Sendable {
  /// Each incident: its first event opens it, later ones update it, and when none of them is open
  /// any more it is closed.
  case incidents
  /// Each event.
  case events
}

/// Which steps are sent to an endpoint, and as what.
///
/// After a crash steps are repeated; each produces the same message as before, so that a receiver
/// can recognise it. Without a minimum severity a message follows from its step alone. With one it
/// also matters whether the endpoint knows the event or incident: that is opened by its first step
/// that is severe enough, and from then on sent until its end.
struct OutboxFilter {
  let speech: OutboxSpeech
  let minimum: Severity
  /// Events or incidents known to the endpoint, oldest first.
  private(set) var known: [Known]

  /// The maximum number remembered; then the oldest are dropped.
  static let maximumKnown = 2_000

  /// An event or incident known to the endpoint.
  struct Known: Equatable {
    let id: String
    /// The time of the step with which it was opened there.
    var opened: Timestamp
    var isOver = false
  }

  init(speech: OutboxSpeech, minimum: Severity, memory: [String]) {
    self.speech = speech
    self.minimum = minimum
    known = memory.compactMap { Known(line: $0) }
  }

  /// The input of ``init(speech:minimum:memory:)`` after a restart.
  var memory: [String] { known.map(\.line) }

  /// The message about a step; nil if it is not sent.
  mutating func message(about transition: EventTransition) -> OutboxEntry? {
    guard let message = spoken(transition), minimum > .info, !message.isTest else {
      return spoken(transition)
    }
    let isGrave = transition.event.severity >= minimum
    guard let place = known.firstIndex(where: { $0.id == message.event }) else {
      guard isGrave else { return nil }
      if message.step == .closed { return message }
      known.append(Known(id: message.event, opened: message.at))
      if known.count > OutboxFilter.maximumKnown { known.removeFirst() }
      return message.sent(as: .opened)
    }
    // A repeated step from before the endpoint knew of it.
    guard message.at >= known[place].opened else { return nil }
    if message.step == .closed {
      known[place].isOver = true
      return message
    }
    if message.at == known[place].opened { return message.sent(as: .opened) }
    if known[place].isOver {
      guard isGrave else { return nil }
      known[place].isOver = false
      if message.step == .opened { known[place].opened = message.at }
      return message
    }
    return message.sent(as: .updated)
  }

  /// The message about a step if all of them are sent.
  private func spoken(_ transition: EventTransition) -> OutboxEntry? {
    let event = transition.event
    guard speech == .incidents, let incident = event.incident,
      event.metric.text != OutboxEntry.testSubject
    else { return transition.outboxEntry }
    let step: OutboxEntry.Step
    switch transition {
    case .closed where incident.open > 0: return nil
    case .closed: step = .closed
    case .updated: step = .updated
    // The first event of all, or the first after the incident had closed.
    case .opened: step = event.id == incident.id || incident.open == 1 ? .opened : .updated
    }
    let id = incident.id.description
    return OutboxEntry(
      at: transition.moment, subject: OutboxEntry.incidentSubject(id), event: id, step: step)
  }
}

extension OutboxFilter.Known {
  /// `ID NANOSECONDS open` or `ID NANOSECONDS over`.
  fileprivate var line: String { "\(id) \(opened.nanoseconds) \(isOver ? "over" : "open")" }

  fileprivate init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count == 3, let time = Int64(words[1]), ["open", "over"].contains(words[2]) else {
      return nil
    }
    self.init(
      id: String(words[0]), opened: Timestamp(nanoseconds: time), isOver: words[2] == "over")
  }
}
