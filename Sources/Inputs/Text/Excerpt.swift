import Series

/// Bytes of an input as messages show them.
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
