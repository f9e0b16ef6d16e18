import Config
import Series

/// The syntax of values used by several sections.
enum TextSyntax {
  private static let delimiterNames: KeyValuePairs<String, UInt8> = [
    "comma": UInt8(ascii: ","), "semicolon": UInt8(ascii: ";"), "tab": UInt8(ascii: "\t"),
    "pipe": UInt8(ascii: "|"), "space": UInt8(ascii: " "),
  ]

  /// A byte between cells; nil for `auto`. Characters of numbers, names and quotes are refused.
  static let delimiter = ValueSyntax<UInt8?>(
    expectation: "auto, comma, semicolon, tab, pipe, space, or one character such as #"
  ) { text in
    if text == "auto" { return .some(nil) }
    if let named = delimiterNames.first(where: { $0.key == text }) { return named.value }
    guard text.utf8.count == 1, let byte = text.utf8.first,
      (0x21...0x7E).contains(byte), !"\"'\\.+-_".utf8.contains(byte),
      !Character(Unicode.Scalar(byte)).isLetter, !Character(Unicode.Scalar(byte)).isNumber
    else { return nil }
    return byte
  } format: { byte in
    guard let byte else { return "auto" }
    return delimiterNames.first { $0.value == byte }?.key ?? String(Unicode.Scalar(byte))
  }

  /// The prefix of metric names; `""` for an empty one, nil if unset.
  static let prefix = ValueSyntax<String?>(
    expectation: "the beginning of a metric name, at most 100 bytes without white space, or \"\""
  ) { text in
    parsePrefix(text).map { .some($0) }
  } format: { prefix in
    prefix.map { $0.isEmpty ? "\"\"" : $0 } ?? ""
  }

  /// The same, with placeholders for parts of a file's path.
  static let filePrefix = ValueSyntax<String?>(
    expectation: "the beginning of a metric name, at most 100 bytes without white space, with "
      + "{file} or {directory} in it where wanted, or \"\""
  ) { text in
    guard let prefix = parsePrefix(text) else { return nil }
    var plain = prefix
    for placeholder in TableSection.placeholders { plain.replace(placeholder, with: "") }
    guard !plain.contains(where: { "{}".contains($0) }) else { return nil }
    return prefix
  } format: {
    prefix.format($0)
  }

  private static func parsePrefix(_ text: String) -> String? {
    if text == "\"\"" { return "" }
    guard text.utf8.count <= 100, (try? MetricName(validating: text)) != nil else { return nil }
    return text
  }
}

/// Excerpts of an input for messages.
enum Excerpt {
  /// How many bytes are shown.
  static let shownBytes = 60

  /// The first bytes in quotes.
  static func quoted(_ bytes: some Collection<UInt8>) -> String { "\"\(text(bytes))\"" }

  /// The first bytes of a part of a buffer.
  static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    text(range.prefix(shownBytes + 1).map { bytes[$0] })
  }

  /// The first bytes as text; control characters, and bytes that are not UTF-8, as `\x` and two
  /// digits.
  static func text(_ bytes: some Collection<UInt8>, limit: Int = shownBytes) -> String {
    var text = ""
    var rest = Array(bytes.prefix(limit))[...]
    while let byte = rest.first {
      var codec = UTF8()
      var iterator = rest.makeIterator()
      if case .scalarValue(let scalar) = codec.decode(&iterator), PrintableText.isSafe(scalar) {
        text.unicodeScalars.append(scalar)
        rest = rest.dropFirst(UTF8.width(scalar))
      } else {
        text += (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
        rest = rest.dropFirst()
      }
    }
    return text + (bytes.count > limit ? "..." : "")
  }
}
