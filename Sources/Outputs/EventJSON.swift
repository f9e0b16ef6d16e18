public import Detection
import FoundationEssentials
import Series

/// The one JSON encoding of an event: a line of a file output and of `anomalyctl backtest --json`.
///
/// Keys: `id`, `metric`, `state` (`opened` or `closed`), `opened` and `closed` (RFC 3339, UTC;
/// `closed` is null while the event is open), `value`, `expected`, `lower`, `upper` (the metric's
/// unit; null where there is none), `score`, `peak_score`, `reason`, `explanation`. All keys are
/// always there, in alphabetical order.
public struct EventJSON: Encodable, Sendable {
  private let transition: EventTransition

  /// The encoding of a step in an event's life.
  public init(_ transition: EventTransition) {
    self.transition = transition
  }

  /// The encoding of an event as it stands: closed if it has a closing time, else opened.
  public init(_ event: Event) {
    transition = event.closed == nil ? .opened(event) : .closed(event)
  }

  /// The object on one line, without a line break.
  /// - Throws: ``EventJSONError`` when the encoder refuses, with what it said.
  public func line() throws(EventJSONError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      throw EventJSONError(metric: transition.event.metric.text, cause: "\(error)")
    }
  }

  /// Writes the keys; see the type.
  public func encode(to encoder: any Encoder) throws {
    let event = transition.event
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(event.id.description, forKey: .id)
    try object.encode(event.metric.text, forKey: .metric)
    try object.encode(transition.stateName, forKey: .state)
    try object.encode(event.opened.iso8601, forKey: .opened)
    try object.encode(event.closed?.iso8601, forKey: .closed)
    try object.encode(finite(event.value), forKey: .value)
    try object.encode(finite(event.expected), forKey: .expected)
    try object.encode(finite(event.lower), forKey: .lower)
    try object.encode(finite(event.upper), forKey: .upper)
    try object.encode(finite(event.score), forKey: .score)
    try object.encode(finite(event.peakScore), forKey: .peakScore)
    try object.encode(event.reason.name, forKey: .reason)
    try object.encode(transition.sentence, forKey: .explanation)
  }

  private enum Key: String, CodingKey {
    case id, metric, state, opened, closed, value, expected, lower, upper, score
    case peakScore = "peak_score"
    case reason, explanation
  }

  private func finite<Number: FloatingPoint>(_ number: Number) -> Number? {
    number.isFinite ? number : nil
  }
}

/// An event that could not be written as JSON.
public struct EventJSONError: Error, Equatable, CustomStringConvertible {
  /// The metric of the event.
  public var metric: String
  /// What the encoder said.
  public var cause: String

  /// One sentence for a person.
  public var description: String { "an event of \(metric) cannot be written as JSON: \(cause)" }
}
