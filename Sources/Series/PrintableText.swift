/// Text from outside - names of files and units, reasons of silences, cells, notes - made safe to show.
///
/// Everything that is logged, sent to the journal or the service manager, or printed passes here, so
/// that no such text begins a line of its own or controls a terminal.
public enum PrintableText {
  /// The text on one line: control characters as visible symbols (`␊`, `␛`), those that reorder or
  /// break lines elsewhere as `U+FFFD`.
  public static func line(_ text: some StringProtocol) -> String {
    // Nearly all text is harmless.
    guard !text.unicodeScalars.allSatisfy(isSafe) else { return String(text) }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSafe(scalar) {
        result.append(scalar)
      } else {
        let symbol = scalar.value < 0x20 ? Unicode.Scalar(0x2400 + scalar.value) : nil
        result.append(symbol ?? "\u{FFFD}")
      }
    }
    return String(result)
  }

  /// The text on one line in double quotes, cut off after `limit` characters.
  public static func quoted(_ text: some StringProtocol, limit: Int = 80) -> String {
    let isCut = text.unicodeScalars.count > limit
    let shown = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    return "\"" + line(shown) + (isCut ? "…\"" : "\"")
  }

  /// JSON that says the same and may be printed: what is not safe is written as `\u009B`. JSON escapes only
  /// the control characters of ASCII by itself.
  public static func json(_ text: String) -> String {
    guard !text.unicodeScalars.allSatisfy(isSafe) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      // Those of ASCII stand between values, where they only make the text readable.
      if isSafe(scalar) || scalar.value < 0x20 {
        result.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars
      }
    }
    return String(result)
  }

  /// The text with Unicode scalars replaced, for programs that give a meaning to some of them. A `Character`
  /// would be missed if a combining mark follows: a quotation mark with an accent still ends a quotation.
  /// - Parameter replacement: what stands for a scalar; nil for the scalar itself.
  public static func escaped(
    _ text: some StringProtocol, _ replacement: (Unicode.Scalar) -> String?
  ) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let other = replacement(scalar) {
        result += other.unicodeScalars
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether a character may be shown as it is: not a control character, a separator of lines or
  /// paragraphs, or one that changes the direction of text.
  public static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
    default: true
    }
  }
}
