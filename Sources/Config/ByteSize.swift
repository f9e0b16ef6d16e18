/// Sizes in bytes in systemd's notation: `4096`, `64M`, `1.5G`, base 1024, with or without a `B`.
enum ByteSize {
  private static let suffixes = ["", "K", "M", "G", "T", "P", "E"]

  /// The number of bytes; nil if it is not a size, or does not fit.
  static func parse(_ text: String) -> Int? {
    let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    var suffix = text.dropFirst(number.count).drop(while: \.isWhitespace)
    if suffix.last == "B" { suffix.removeLast() }
    guard let power = suffixes.firstIndex(of: String(suffix)) else { return nil }
    if let whole = Int(number) {
      let (bytes, overflow) = whole.multipliedReportingOverflow(by: 1 << (10 * power))
      return overflow ? nil : bytes
    }
    guard number.first != ".", number.last != ".", let fraction = Double(number) else { return nil }
    return Int(exactly: (fraction * Double(1 << (10 * power))).rounded(.down))
  }

  /// The size with the largest suffix that leaves a whole number.
  static func format(_ bytes: Int) -> String {
    var power = 0
    while power + 1 < suffixes.count, bytes != 0, bytes % (1 << (10 * (power + 1))) == 0 {
      power += 1
    }
    return "\(bytes >> (10 * power))\(suffixes[power])"
  }
}
