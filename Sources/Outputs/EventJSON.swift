import Detection
public import Events
import FoundationEssentials
import Series

/// The only JSON encoding of an event or an incident: a line of a file output and of `anomalyctl
/// backtest --json`.
///
/// Keys, all of them always present, in alphabetical order:
/// - `kind`: `event` or `incident`; `id`, `metric`;
/// - `state`: `opened`, `updated` (an event), `worsened` (an incident) or `closed`; `update`: `worse`,
///   `ongoing` or `again` if it is `updated`, otherwise null;
/// - `began`, `opened`, `updated`, `closed`, `peak_at`: RFC 3339, UTC; `updated` and `closed` are
///   null if there is no such step yet; `duration_seconds` runs from `began` to this step;
/// - `value`, `expected`, `lower`, `upper`: of the sample that opened the event; in an update, of the
///   newest one. With `peak_value` in the metric's unit, null if there is none;
/// - `score`, `peak_score`;
/// - `severity`: `info`, `warning`, `error` or `critical`; `direction`: `high`, `low` or `unusual`;
/// - `reason`: a kind of evidence, `limit`, `host_limit`, `silence`, `missed_visit` or `test`; `explanation`: a
///   sentence;
/// - `samples`: around the opening, oldest first, each `[Unix seconds, value or null]`;
/// - `symbols`: null for a metric of values; for an event stream an object with the `id` that came,
///   the `previous` one, its `probability`, what was `expected` (at most three, each with `id` and
///   `probability`), `interval_seconds` since the previous event and `usual_interval_seconds`;
/// - `columns`: null, or of a trained model the columns that contributed most, greatest share first, each
///   with its `metric`, `value`, `usual` value and `share`, 0 to 1;
/// - `recurrence`: null, or an object about earlier events of the metric that resemble it: `standing`
///   (`scheduled`, `unscheduled`, `higher`, `longer`, `unordered`, `missed` or `excessive`), how many came
///   `earlier`, and when
///   they `usually` begin, a text or null;
/// - `incident`: null, or an object with the `id` of the incident, the event's `position` in it
///   (from 1, in the order in which the events began), its `size` and how many are `open`, and
///   `events` in that order, each with `id`, `metric` and `began`; at most 32 are listed.
///
/// Of an incident, `metric`, the numbers, `direction`, `reason`, `samples`, `symbols`, `columns`
/// and `recurrence` are those of its lead; `updated` is when it last became worse; `incident` is
/// null. It also has:
/// - `metrics`: how many have had an event; `size`: how many events; `open`: how many of these are;
/// - `subsystems`: in the order in which they joined; `headline`: what it is about, in a few words;
/// - `members`: its events in the order in which they began, at most 64, each with `id`, `metric`,
///   `began`, `severity`, `peak_score` and `subsystem`; muted ones are left out;
/// - `attributions`: what accounts for it, each with `unit` and, where it matters, `cpu` (processors of
///   the host's `processors`), `readRate` and `writeRate` (bytes per second), `memory` (bytes).
public struct EventJSON: Encodable, Sendable {
  private let transition: EventTransition
  private let incident: IncidentTransition?

  /// The encoding of a step of an event.
  public init(_ transition: EventTransition) {
    self.transition = transition
    incident = nil
  }

  /// The encoding of a step of an incident. One without a lead has no step.
  public init(_ transition: IncidentTransition) {
    let unknown = Event(
      id: transition.incident.id, metric: MetricName(sanitizing: ""), cause: .test,
      direction: .unusual, severity: .info, opened: transition.incident.opened, value: .nan)
    self.transition = .opened(transition.incident.lead ?? unknown)
    incident = transition
  }

  /// The encoding of an event in its present state: closed if it has a closing time, otherwise
  /// opened.
  public init(_ event: Event) {
    transition = event.closed == nil ? .opened(event) : .closed(event)
    incident = nil
  }

  /// The object on one line, without a line break; safe to print.
  /// - Throws: ``EventJSONError`` if the encoder fails, with its error.
  public func line() throws(EventJSONError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return PrintableText.json(String(decoding: try encoder.encode(self), as: UTF8.self))
    } catch {
      throw EventJSONError(metric: transition.event.metric.text, cause: "\(error)")
    }
  }

  /// Writes the keys; see the type.
  public func encode(to encoder: any Encoder) throws {
    let event = transition.event
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(event.metric, forKey: .metric)
    if let incident {
      try encode(incident, &object)
    } else {
      try object.encode("event", forKey: .kind)
      try object.encode(event.id, forKey: .id)
      try object.encode(transition.stateName, forKey: .state)
      try object.encode(event.began, forKey: .began)
      try object.encode(event.opened, forKey: .opened)
      try object.encode(event.updated, forKey: .updated)
      try object.encode(event.closed, forKey: .closed)
      try object.encode(
        transition.moment.seconds - event.began.seconds, forKey: .durationSeconds)
      try object.encode(event.severity, forKey: .severity)
      try object.encode(transition.sentence, forKey: .explanation)
    }
    let reading = transition.reading
    try object.encode(reading.value.ifFinite, forKey: .value)
    try object.encode(reading.expected.ifFinite, forKey: .expected)
    try object.encode(reading.lower.ifFinite, forKey: .lower)
    try object.encode(reading.upper.ifFinite, forKey: .upper)
    try object.encode(event.score.ifFinite, forKey: .score)
    try object.encode(event.peakScore.ifFinite, forKey: .peakScore)
    try object.encode(event.peakValue.ifFinite, forKey: .peakValue)
    try object.encode(event.peakAt, forKey: .peakAt)
    try object.encode(event.direction, forKey: .direction)
    try object.encode(event.cause.name, forKey: .reason)
    try object.encode(update, forKey: .update)
    try object.encode(
      event.samples.map { [$0.timestamp.seconds, $0.value.ifFinite] }, forKey: .samples)
    try object.encode(event.symbols.map { Symbols(facts: $0) }, forKey: .symbols)
    try object.encode(
      event.columns.isEmpty ? nil : event.columns.map { Column(fact: $0) }, forKey: .columns)
    try object.encode(event.recurrence.map { Earlier(recurrence: $0) }, forKey: .recurrence)
    try object.encode(event.incident, forKey: .incident)
  }

  private func encode(
    _ transition: IncidentTransition, _ object: inout KeyedEncodingContainer<Key>
  ) throws {
    let incident = transition.incident
    try object.encode("incident", forKey: .kind)
    try object.encode(incident.id, forKey: .id)
    try object.encode(transition.stateName, forKey: .state)
    try object.encode(incident.began, forKey: .began)
    try object.encode(incident.opened, forKey: .opened)
    var updated: Timestamp?
    if case .worsened = transition { updated = transition.moment }
    try object.encode(updated, forKey: .updated)
    try object.encode(incident.state == .over ? incident.closed : nil, forKey: .closed)
    try object.encode(incident.duration / .seconds(1), forKey: .durationSeconds)
    try object.encode(incident.severity, forKey: .severity)
    try object.encode(transition.sentence, forKey: .explanation)
    try object.encode(incident.metrics, forKey: .metrics)
    try object.encode(incident.counted, forKey: .size)
    try object.encode(incident.openCount, forKey: .open)
    try object.encode(incident.subsystems.map(\.description), forKey: .subsystems)
    try object.encode(incident.headline, forKey: .headline)
    try object.encode(
      incident.members.filter(\.counts).map { Member(member: $0) }, forKey: .members)
    try object.encode(incident.attributions, forKey: .attributions)
  }

  private struct Member: Encodable {
    var member: IncidentMember

    enum Key: String, CodingKey {
      case id, metric, began, severity, subsystem
      case peakScore = "peak_score"
    }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: Key.self)
      let reference = member.reference
      try object.encode(reference.id, forKey: .id)
      try object.encode(reference.metric, forKey: .metric)
      try object.encode(reference.began, forKey: .began)
      try object.encode(member.severity, forKey: .severity)
      try object.encode(member.peakScore.ifFinite, forKey: .peakScore)
      try object.encode(Subsystem(of: reference.metric).description, forKey: .subsystem)
    }
  }

  private struct Symbols: Encodable {
    var facts: SymbolFacts

    enum Key: String, CodingKey {
      case id, previous, probability, expected
      case interval = "interval_seconds"
      case usualInterval = "usual_interval_seconds"
    }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: Key.self)
      try object.encode(facts.id, forKey: .id)
      try object.encode(facts.previous, forKey: .previous)
      try object.encode(facts.probability, forKey: .probability)
      try object.encode(facts.expected, forKey: .expected)
      try object.encode(facts.interval, forKey: .interval)
      try object.encode(facts.usualInterval, forKey: .usualInterval)
    }
  }

  private struct Column: Encodable {
    var fact: ColumnFact

    enum Key: String, CodingKey {
      case metric, value, usual, share
    }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: Key.self)
      try object.encode(fact.metric, forKey: .metric)
      try object.encode(fact.value.ifFinite, forKey: .value)
      try object.encode(fact.usual.ifFinite, forKey: .usual)
      try object.encode(fact.share.ifFinite, forKey: .share)
    }
  }

  private struct Earlier: Encodable {
    var recurrence: Recurrence

    enum Key: String, CodingKey {
      case standing, earlier, usually
    }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: Key.self)
      try object.encode(recurrence.standing, forKey: .standing)
      try object.encode(recurrence.earlier, forKey: .earlier)
      try object.encode(recurrence.schedule?.text, forKey: .usually)
    }
  }

  private var update: EventUpdate? {
    if case .updated(let event) = transition { event.update } else { nil }
  }

  private enum Key: String, CodingKey {
    case kind, id, metric, state, update, began, opened, updated, closed, samples, symbols
    case columns, recurrence, incident
    case metrics, size, open, subsystems, headline, members, attributions
    case value, expected, lower, upper, score, severity, direction, reason, explanation
    case durationSeconds = "duration_seconds"
    case peakScore = "peak_score"
    case peakValue = "peak_value"
    case peakAt = "peak_at"
  }
}

/// An event that could not be written as JSON.
public struct EventJSONError: Error, Equatable, CustomStringConvertible {
  /// The metric of the event.
  public var metric: String
  /// The encoder's error.
  public var cause: String

  /// One sentence for the user.
  public var description: String { "an event of \(metric) cannot be written as JSON: \(cause)" }
}
