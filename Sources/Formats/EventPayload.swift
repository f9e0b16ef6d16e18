import FoundationEssentials

/// An event as it waits in an outbox: the one JSON form of an event, read back.
public struct EventPayload: Sendable {
  /// The JSON as it was written, on one line.
  public let json: String
  let fields: Fields

  /// What the formats take from the JSON; what is not there in older messages may be missing.
  struct Fields: Decodable, Sendable {
    var id: String
    var metric: String
    var state: String
    var opened: String
    var explanation: String
    var began: String?
    var updated: String?
    var closed: String?
    var value: Double?
    var expected: Double?
    var lower: Double?
    var upper: Double?
    var score: Double?
    var peak_score: Double?
    var reason: String?
    var severity: String?
    var direction: String?
    var incident: Incident?
  }

  /// The incident that the event belongs to.
  struct Incident: Decodable, Sendable {
    struct Reference: Decodable, Sendable {
      var id: String
      var metric: String
    }

    var id: String
    var position: Int
    var size: Int
    var events: [Reference]
  }

  /// How the message is to be understood, where that is not as the event says.
  public struct Reading: Sendable {
    /// The id of what is told: the event's, or that of its incident.
    public var id: String
    /// `opened`, `updated` or `closed`.
    public var state: String
    /// Whether the message tells of the incident and not of the event alone.
    public var isIncident: Bool

    /// A message read in this way.
    public init(id: String, state: String, isIncident: Bool) {
      self.id = id
      self.state = state
      self.isIncident = isIncident
    }
  }

  private let reading: Reading

  /// Reads the content of a message.
  /// - Parameter reading: how it is to be understood; nil: as it says.
  /// - Throws: ``TellableEventError`` for anything that is no event.
  public init(_ content: [UInt8], reading: Reading? = nil) throws(TellableEventError) {
    json = String(decoding: content.split(separator: 10).first ?? [], as: UTF8.self)
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(content))
    } catch {
      throw TellableEventError(cause: "\(error)")
    }
    self.reading =
      reading ?? Reading(id: fields.id, state: fields.state, isIncident: false)
  }

  /// The id of the event, or of the incident that is told of.
  public var id: String { reading.id }
  /// The metric of the event; of an incident that of the event with which it opened.
  public var metric: String {
    guard let incident else { return fields.metric }
    return incident.events.first { $0.id == incident.id }?.metric ?? fields.metric
  }
  /// `opened`, `updated` or `closed`.
  public var state: String { reading.state }
  /// `event` or `incident`.
  public var kind: String { incident == nil ? "event" : "incident" }
  /// What happened, in one line.
  public var summary: String {
    guard let incident, incident.size > 1 else { return fields.explanation }
    return state == "closed"
      ? "\(fields.explanation); with it all \(incident.size) events of the incident that began with "
        + "\(metric) are over"
      : "\(fields.explanation); event \(incident.position) of \(incident.size) in the incident that "
        + "began with \(metric)"
  }
  private var incident: Incident? { reading.isIncident ? fields.incident : nil }
  /// The word for how bad it is, PagerDuty's: critical, error, warning or info.
  public var severity: String { fields.severity ?? "warning" }
  /// When the step was that this tells of, RFC 3339.
  public var moment: String {
    switch fields.state {
    case "closed": fields.closed ?? fields.opened
    case "updated": fields.updated ?? fields.opened
    default: fields.opened
    }
  }
  /// When the event began, RFC 3339.
  public var began: String { fields.began ?? fields.opened }
}

/// A message that is no event in JSON.
public struct TellableEventError: Error, Equatable, CustomStringConvertible {
  /// What the decoder said.
  public var cause: String

  /// One sentence for a person.
  public var description: String { "expected an event as JSON: \(cause.prefix(300))" }
}
