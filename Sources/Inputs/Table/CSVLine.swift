/// Helpers for the bytes of a line.
enum CSVLine {
  /// An excerpt for a notice: at most `limit` bytes, control characters and broken UTF-8 as
  /// `?`.
  static func shown(
    _ bytes: Span<UInt8>, _ range: Range<Int>, limit: Int = CSVLimits.shownBytes
  ) -> String {
    let end = min(range.upperBound, range.lowerBound + limit)
    var shown = String.UnicodeScalarView()
    let kept = (range.lowerBound..<end).map { bytes[$0] }
    for scalar in String(decoding: kept, as: UTF8.self).unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      shown.append(isControl || scalar == "\u{FFFD}" ? "?" : scalar)
    }
    return String(shown) + (end < range.upperBound ? "..." : "")
  }

  /// Whether there is only white space.
  static func isBlank(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    for index in range where bytes[index] != 0x20 && bytes[index] != 0x09 { return false }
    return true
  }
}
