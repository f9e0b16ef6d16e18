import Glibc
import System

/// A request body with `{{field}}` placeholders.
public struct Template: Equatable, Sendable {
  private enum Piece: Equatable {
    case text(String)
    case field(String)
  }

  private let pieces: [Piece]

  /// The fields that a template may contain.
  public static let fields = [
    "began", "closed", "direction", "event", "expected", "explanation", "host", "id", "lower",
    "message_id", "metric", "opened", "peak_score", "reason", "score", "severity", "state",
    "updated", "upper", "value",
  ]
  private static let maximumBytes = 1 << 16

  /// Reads a template from a file.
  public init(path: String) throws(TemplateError) {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try Descriptor(opening: path, O_RDONLY).readAll(atMost: Template.maximumBytes + 1)
    } catch {
      throw TemplateError(path: path, problem: error.description)
    }
    guard bytes.count <= Template.maximumBytes else {
      let problem = "expected at most \(Template.maximumBytes) bytes, found more"
      throw TemplateError(path: path, problem: problem)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TemplateError(path: path, problem: "expected UTF-8, found other bytes")
    }
    try self.init(text, path: path)
  }

  /// Parses a template.
  /// - Parameter path: the file named in errors.
  public init(_ text: String, path: String) throws(TemplateError) {
    var pieces: [Piece] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "{{") {
      pieces.append(.text(String(rest[..<start.lowerBound])))
      let line = 1 + text[..<start.lowerBound].count { $0.isNewline }
      guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
        throw TemplateError(path: path, line: line, problem: "expected }} after {{, found the end")
      }
      let name = rest[start.upperBound..<end.lowerBound].filter { !$0.isWhitespace }
      guard Template.fields.contains(name) else {
        let problem =
          "expected a field out of \(Template.fields.joined(separator: " ")), found "
          + "\"\(JSONText.escape(name.prefix(40)))\""
        throw TemplateError(path: path, line: line, problem: problem)
      }
      pieces.append(.field(name))
      rest = rest[end.upperBound...]
    }
    pieces.append(.text(String(rest)))
    self.pieces = pieces
  }

  /// The text with an event's fields filled in.
  func filled(_ event: EventPayload, messageID: String, host: String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .field(let name): Template.value(name, event, messageID: messageID, host: host)
      }
    }.joined()
  }

  private static func value(
    _ name: String, _ event: EventPayload, messageID: String, host: String
  ) -> String {
    let fields = event.fields
    func text(_ text: String?) -> String { JSONText.escape(text ?? "") }
    func number(_ number: Double?) -> String { number.map { "\($0)" } ?? "null" }
    return switch name {
    case "began": text(event.began)
    case "closed": text(fields.closed)
    case "direction": text(fields.direction)
    case "event": event.json
    case "expected": number(fields.expected)
    case "explanation": text(event.summary)
    case "host": text(host)
    case "id": text(event.id)
    case "lower": number(fields.lower)
    case "message_id": text(messageID)
    case "metric": text(event.metric)
    case "opened": text(fields.opened)
    case "peak_score": number(fields.peak_score)
    case "reason": text(fields.reason)
    case "score": number(fields.score)
    case "severity": text(event.severity)
    case "state": text(event.state)
    case "updated": text(fields.updated)
    case "upper": number(fields.upper)
    default: number(fields.value)
    }
  }
}

/// What is wrong with a template, and where.
public struct TemplateError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The line, counted from 1; nil for the file as a whole.
  public var line: Int?
  /// What was expected, and what was found.
  public var problem: String

  init(path: String, line: Int? = nil, problem: String) {
    self.path = path
    self.line = line
    self.problem = problem
  }

  /// `FILE:LINE: expected …, found …`.
  public var description: String { path + (line.map { ":\($0)" } ?? "") + ": \(problem)" }
}
