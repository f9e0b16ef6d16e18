/// The end of a file after the last line break: what a crash has left of a line, or a whole line whose
/// break is missing.
enum TornLine {
  /// Whether the bytes are the beginning of a JSON object that does not end.
  static func isTorn(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == UInt8(ascii: "{") else { return false }
    var depth = 0
    var isText = false
    var isEscaped = false
    for byte in bytes {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"): isEscaped = isText
      case UInt8(ascii: "\""): isText.toggle()
      case UInt8(ascii: "{") where !isText: depth += 1
      case UInt8(ascii: "}") where !isText: depth -= 1
      default: break
      }
    }
    return depth > 0
  }
}
