import Events
import Outbox
import Series

/// Decides which steps are sent to an endpoint, and as which kind of message.
///
/// After a crash steps are repeated; each produces the same message as before, so that a receiver
/// can recognise it. Without a minimum severity a message follows from its step alone. With one it
/// also matters whether the endpoint knows the event or incident: its first step that is severe
/// enough opens it there, and from then on its steps are sent until its end.
struct OutboxFilter {
  let minimum: Severity
  /// Events or incidents known to the endpoint, oldest first.
  private(set) var known: [Known]

  /// Maximum number remembered; the oldest are dropped.
  static let maximumKnown = 2_000

  /// An event or incident known to the endpoint.
  struct Known: Equatable {
    let id: String
    /// The time of the step with which it was opened there.
    var opened: Timestamp
    var isOver = false
  }

  init(minimum: Severity, memory: [String]) {
    self.minimum = minimum
    known = memory.compactMap { Known(line: $0) }
  }

  /// The input of ``init(minimum:memory:)`` after a restart.
  var memory: [String] { known.map(\.line) }

  /// The message about a step; nil if it is not sent.
  /// - Parameters:
  ///   - message: the message if all steps are sent.
  ///   - severity: of the event or incident at the step.
  mutating func message(_ message: OutboxEntry, severity: Severity) -> OutboxEntry? {
    guard minimum > .info, !message.isTest else { return message }
    let isGrave = severity >= minimum
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
    return message.step == .opened ? message.sent(as: .updated) : message
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
