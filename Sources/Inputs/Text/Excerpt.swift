/// An excerpt of an input's bytes for a message.
enum Excerpt {
  /// How many bytes are shown.
  static let shownBytes = 60

  /// The first bytes in quotes; what is not printable ASCII as `\x` and two digits.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    var text = "\""
    for byte in bytes.prefix(shownBytes) {
      if (0x20...0x7E).contains(byte) {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += byte < 16 ? "\\x0" : "\\x"
        text += String(byte, radix: 16)
      }
    }
    return text + (bytes.count > shownBytes ? "…\"" : "\"")
  }
}
