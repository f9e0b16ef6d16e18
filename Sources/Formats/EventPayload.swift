import FoundationEssentials

/// An event or incident as stored in an outbox: its only JSON form, decoded.
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
    var kind: String?
  }

  /// Overrides how the message is interpreted.
  public struct Reading: Sendable {
    /// The id of the event or incident.
    public var id: String
    /// `opened`, `updated`, `worsened` or `closed`.
    public var state: String

    /// An interpretation of a message.
    public init(id: String, state: String) {
      self.id = id
      self.state = state
    }
  }

  private let reading: Reading

  /// Decodes a message.
  /// - Parameter reading: overrides its interpretation; nil: as the message says.
  /// - Throws: ``EventPayloadError`` if it is not an event.
  public init(_ content: [UInt8], reading: Reading? = nil) throws(EventPayloadError) {
    json = String(decoding: content.split(separator: 10).first ?? [], as: UTF8.self)
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(content))
    } catch {
      throw EventPayloadError(cause: "\(error)")
    }
    self.reading =
      reading ?? Reading(id: fields.id, state: fields.state)
  }

  /// The id of the event or incident.
  public var id: String { reading.id }
  /// The metric of the event; for an incident, that of its lead.
  public var metric: String { fields.metric }
  /// `opened`, `updated`, `worsened` or `closed`.
  public var state: String { reading.state }
  /// `event` or `incident`.
  public var kind: String { fields.kind ?? "event" }
  /// What happened, in one line.
  public var summary: String { fields.explanation }
  /// Whether it is a test of an output; the summary says so too.
  var isTest: Bool { fields.reason == "test" }
  /// The severity in PagerDuty's terms: critical, error, warning or info.
  public var severity: String { fields.severity ?? "warning" }
  /// The time of the reported step, RFC 3339.
  public var moment: String {
    switch fields.state {
    case "closed": fields.closed ?? fields.opened
    case "updated", "worsened": fields.updated ?? fields.opened
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
