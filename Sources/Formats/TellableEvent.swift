import FoundationEssentials

/// An event as it waits in an outbox: the one JSON form of an event, read back.
public struct TellableEvent: Sendable {
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
  }

  /// Reads the content of a message.
  /// - Throws: ``TellableEventError`` for anything that is no event.
  public init(_ content: [UInt8]) throws(TellableEventError) {
    json = String(decoding: content.split(separator: 10).first ?? [], as: UTF8.self)
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(content))
    } catch {
      throw TellableEventError(cause: "\(error)")
    }
  }

  /// The event's id.
  public var id: String { fields.id }
  /// The metric, or what else the event is about.
  public var metric: String { fields.metric }
  /// `opened`, `updated` or `closed`.
  public var state: String { fields.state }
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
