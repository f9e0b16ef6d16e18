import Glibc

/// A cell read as a number.
enum CSVNumber: Equatable {
  /// A finite number, correctly rounded to a double.
  case value(Double)
  /// Nothing, `NaN`, `NA`, `N/A`, `null`, `none`, an infinity, or a number beyond a double's range.
  case gap
  /// Anything else.
  case text

  /// Reads `bytes[range]`: decimal digits with an optional sign, point and exponent, white space
  /// around them allowed. Does not allocate.
  /// - Parameter decimalComma: whether a comma may replace the point, if it does not separate
  ///   cells.
  ///
  /// Up to 2^53 with up to 22 decimal places, one multiplication or division of two exact doubles
  /// rounds correctly (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990); the
  /// rest goes to `strtod`.
  init(_ bytes: Span<UInt8>, _ range: Range<Int>, decimalComma: Bool = false) {
    let trimmed = CSVTokens.trimming(bytes, range)
    let end = trimmed.upperBound
    var index = trimmed.lowerBound
    guard index < end else {
      self = .gap
      return
    }
    var isNegative = false
    if bytes[index] == 0x2D || bytes[index] == 0x2B {
      isNegative = bytes[index] == 0x2D
      index += 1
    }
    var mantissa: UInt64 = 0
    var exponent = 0
    let wholeStart = index
    while index < end, case let digit = bytes[index] &- 0x30, digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      index += 1
    }
    var digits = index - wholeStart
    if index < end, bytes[index] == 0x2E || (decimalComma && bytes[index] == 0x2C) {
      index += 1
      let fractionStart = index
      while index < end, case let digit = bytes[index] &- 0x30, digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        index += 1
      }
      exponent = fractionStart - index
      digits -= exponent
    }
    guard digits > 0 else {
      self = CSVNumber.isWord(bytes, trimmed) ? .gap : .text
      return
    }
    if index < end, bytes[index] | 0x20 == 0x65 {
      guard let written = CSVNumber.exponent(bytes, index + 1..<end) else {
        self = .text
        return
      }
      exponent += written
      index = end
    }
    guard index == end else {
      self = CSVNumber.isWord(bytes, trimmed) ? .gap : .text
      return
    }
    // 19 digits always fit in 64 bits, so only then is the mantissa known to be exact.
    if digits <= 19, mantissa <= 1 << 53, (-22...22).contains(exponent) {
      let whole = Double(mantissa)
      let magnitude =
        exponent < 0
        ? whole / CSVNumber.powersOfTen[-exponent] : whole * CSVNumber.powersOfTen[exponent]
      self = .value(isNegative ? -magnitude : magnitude)
    } else {
      let value = CSVNumber.roundedByLibrary(bytes, trimmed)
      self = value.isFinite ? .value(value) : .gap
    }
  }

  /// The exponent after the `e`, nil if it is malformed; clamped, since no double needs more.
  private static func exponent(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    var isNegative = false
    if index < range.upperBound, bytes[index] == 0x2D || bytes[index] == 0x2B {
      isNegative = bytes[index] == 0x2D
      index += 1
    }
    guard index < range.upperBound else { return nil }
    var magnitude = 0
    while index < range.upperBound {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      magnitude = min(magnitude * 10 + Int(digit), 100_000)
      index += 1
    }
    return isNegative ? -magnitude : magnitude
  }

  /// `strtod` on a NUL-terminated copy on the stack; only an absurdly long number, of 1,000
  /// characters or more, allocates.
  private static func roundedByLibrary(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double {
    guard range.count < 1_000 else {
      let text = (range.lowerBound..<range.upperBound).map { bytes[$0] == 0x2C ? 0x2E : bytes[$0] }
      return Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: range.count + 1) { copy in
      for offset in 0..<range.count {
        let byte = bytes[range.lowerBound + offset]
        copy[offset] = CChar(truncatingIfNeeded: byte == 0x2C ? 0x2E : byte)
      }
      copy[range.count] = 0
      return strtod(copy.baseAddress!, nil)
    }
  }

  /// Whether the cell is one of the words for "no value".
  private static func isWord(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var start = range.lowerBound
    if bytes[start] == 0x2D || bytes[start] == 0x2B { start += 1 }
    let count = range.upperBound - start
    guard (2...8).contains(count) else { return false }
    var packed: UInt64 = 0
    for index in start..<range.upperBound {
      let byte = bytes[index]
      let isUpper = byte >= 0x41 && byte <= 0x5A
      packed = packed << 8 | UInt64(isUpper ? byte | 0x20 : byte)
    }
    return words.contains(packed)
  }

  private static let words: [UInt64] = [
    "nan", "inf", "infinity", "na", "n/a", "null", "none",
  ].map { $0.utf8.reduce(0) { $0 << 8 | UInt64($1) } }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
