/// The bytes after the last line break of a file: a line torn by a crash, or a whole line without
/// its break.
enum TornLine {
  /// Whether the bytes are the beginning of an incomplete JSON object.
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
