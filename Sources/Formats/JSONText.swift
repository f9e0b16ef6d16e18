/// JSON built piece by piece; existing JSON can be embedded as is.
enum JSONText {
  case text(String)
  case raw(String)
  case object([(String, JSONText)])
  case array([JSONText])

  /// The text on one line.
  var line: String {
    switch self {
    case .text(let text): "\"" + JSONText.escape(text) + "\""
    case .raw(let json): json
    case .object(let members):
      "{" + members.map { "\"\(JSONText.escape($0.0))\":\($0.1.line)" }.joined(separator: ",") + "}"
    case .array(let elements): "[" + elements.map(\.line).joined(separator: ",") + "]"
    }
  }

  /// The text as it appears between the quotes of a JSON string (RFC 8259, section 7).
  static func escape(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
