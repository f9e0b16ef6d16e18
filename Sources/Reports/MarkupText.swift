import Series

/// Text inside HTML and SVG.
enum MarkupText {
  /// The text with what has a meaning there replaced, on one line.
  static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for character in PrintableText.line(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }
}
