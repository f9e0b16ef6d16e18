import FoundationEssentials

/// An event as stored in an outbox: the one JSON form of an event, decoded.
public struct EventPayload: Sendable {
  /// The JSON as written, on one line.
  public let json: String
  let fields: Fields

  /// The fields that the formats use; older messages may lack some.
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

  /// Overrides how the message is interpreted.
  public struct Reading: Sendable {
    /// The id of the subject: the event's, or its incident's.
    public var id: String
    /// `opened`, `updated` or `closed`.
    public var state: String
    /// Whether the message is about the incident and not the event alone.
    public var isIncident: Bool

    /// An interpretation of a message.
    public init(id: String, state: String, isIncident: Bool) {
      self.id = id
      self.state = state
      self.isIncident = isIncident
    }
  }

  private let reading: Reading

  /// Decodes a message.
  /// - Parameter reading: overrides how it is interpreted; nil: as the message says.
  /// - Throws: ``EventPayloadError`` for anything that is not an event.
  public init(_ content: [UInt8], reading: Reading? = nil) throws(EventPayloadError) {
    json = String(decoding: content.split(separator: 10).first ?? [], as: UTF8.self)
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(content))
    } catch {
      throw EventPayloadError(cause: "\(error)")
    }
    self.reading =
      reading ?? Reading(id: fields.id, state: fields.state, isIncident: false)
  }

  /// The id of the event, or of the incident if that is the subject.
  public var id: String { reading.id }
  /// The metric of the event; for an incident, that of the event that opened it.
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
      ? "\(fields.explanation); all \(incident.size) events of the incident that began with "
        + "\(metric) have ended"
      : "\(fields.explanation); event \(incident.position) of \(incident.size) in the incident "
        + "that began with \(metric)"
  }
  private var incident: Incident? { reading.isIncident ? fields.incident : nil }
  /// Whether it is a test of an output; the summary says so too.
  var isTest: Bool { fields.reason == "test" }
  /// The severity in PagerDuty's terms: critical, error, warning or info.
  public var severity: String { fields.severity ?? "warning" }
  /// The time of the reported step, RFC 3339.
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

/// A message that is not an event in JSON.
public struct EventPayloadError: Error, Equatable, CustomStringConvertible {
  /// The decoder's error.
  public var cause: String

  /// One sentence for the user.
  public var description: String { "expected an event as JSON: \(cause.prefix(300))" }
}
