/// The unit behind a number, as in `12.3%` and `51.2 °C`.
///
/// A unit is never converted: `1.5 kB` and `2 MB` in one column are two units, and a reader accepts
/// only the first unit of the column.
enum CellUnit {
  /// The longest unit in bytes.
  static let longest = 8

  /// The unit at the end of `bytes[range]`, without surrounding white space; nil if the cell does
  /// not end in one, or if the text before it does not end like a number.
  static func find(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
    let cell = CSVTokens.trimming(bytes, range)
    var start = cell.upperBound
    while start > cell.lowerBound, isUnitByte(bytes[start - 1]) { start -= 1 }
    let unit = start..<cell.upperBound
    guard (1...longest).contains(unit.count) else { return nil }
    let number = CSVTokens.trimming(bytes, cell.lowerBound..<start)
    guard let last = number.last, isDigit(bytes[last]) || bytes[last] == 0x2E else { return nil }
    // `1e` is an unfinished exponent, `0xFF` a hexadecimal number.
    if number.upperBound == start {
      let first = bytes[start] | 0x20
      if first == UInt8(ascii: "e") && unit.count == 1 || first == UInt8(ascii: "x") { return nil }
    }
    return unit
  }

  /// The number before the unit `unit` in `bytes[range]`; nil if the cell does not end in it.
  static func number(
    _ bytes: Span<UInt8>, _ range: Range<Int>, unit: [UInt8], decimalComma: Bool
  ) -> Double? {
    let cell = CSVTokens.trimming(bytes, range)
    guard !unit.isEmpty, cell.count > unit.count else { return nil }
    let start = cell.upperBound - unit.count
    for offset in 0..<unit.count where bytes[start + offset] != unit[offset] { return nil }
    let number = CSVNumber(bytes, cell.lowerBound..<start, decimalComma: decimalComma)
    return if case .value(let value) = number { value } else { nil }
  }

  /// Letters, `%`, `/`, quotes for minutes and inches, and every byte beyond ASCII: the degree sign
  /// in UTF-8 as well as in Latin-1.
  static func isUnitByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x80..., 0x25, 0x2F, 0x22, 0x27: true
    default: false
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
