import Series

/// A cursor over the bytes of one time stamp.
struct CSVScanner {
  private(set) var index: Int
  let end: Int

  init(_ range: Range<Int>) {
    index = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { index == end }

  /// The next byte, not consumed; 0 at the end.
  @inline(__always)
  func peek(_ bytes: Span<UInt8>) -> UInt8 { index < end ? bytes[index] : 0 }

  /// Consumes `byte` if it is next.
  @inline(__always)
  mutating func take(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  /// A whole number of `minimum` to `maximum` digits.
  @inline(__always)
  mutating func digits(_ bytes: Span<UInt8>, _ minimum: Int, _ maximum: Int) -> Int? {
    let limit = min(end, index + maximum)
    let start = index
    var number = 0
    while index < limit, case let digit = bytes[index] &- 0x30, digit < 10 {
      number = number * 10 + Int(digit)
      index += 1
    }
    return index - start >= minimum ? number : nil
  }

  /// Digits after a decimal point as nanoseconds; those beyond the ninth are dropped.
  mutating func fraction(_ bytes: Span<UInt8>) -> Int? {
    var nanoseconds = 0
    var weight = 100_000_000
    let start = index
    while index < end, case let digit = bytes[index] &- 0x30, digit < 10 {
      nanoseconds += Int(digit) * weight
      weight /= 10
      index += 1
    }
    return index > start ? nanoseconds : nil
  }

  /// `Z`, `UTC`, `GMT`, `+01:00`, `-0530` or `+01`, in seconds east of Greenwich.
  mutating func zone(_ bytes: Span<UInt8>) -> Int? {
    switch peek(bytes) {
    case 0x5A, 0x7A:
      index += 1
      return 0
    case 0x55, 0x47:
      let isUTC = matches(bytes, "UTC")
      guard isUTC || matches(bytes, "GMT") else { return nil }
      index += 3
      return 0
    case 0x2B, 0x2D:
      let isWest = bytes[index] == 0x2D
      index += 1
      guard let hours = digits(bytes, 2, 2), hours <= 23 else { return nil }
      var minutes = 0
      let hasColon = take(bytes, 0x3A)
      if hasColon || !isAtEnd {
        guard let written = digits(bytes, 2, 2), written <= 59 else { return nil }
        minutes = written
      }
      return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
    default: return nil
    }
  }

  /// Whether the next bytes are `word`, in ASCII and ignoring case.
  func matches(_ bytes: Span<UInt8>, _ word: StaticString) -> Bool {
    guard end - index >= word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for offset in 0..<letters.count where bytes[index + offset] | 0x20 != letters[offset] | 0x20 {
        return false
      }
      return true
    }
  }

  /// Advances by `count` bytes, which must be there.
  mutating func skip(_ count: Int) { index += count }

  /// A date, or a date and a time of day, to the end of the range.
  mutating func iso8601(_ bytes: Span<UInt8>) -> CSVWrittenTime? {
    guard let year = digits(bytes, 4, 4) else { return nil }
    let separator = peek(bytes)
    guard separator == 0x2D || separator == 0x2F, take(bytes, separator),
      let month = digits(bytes, 1, 2), take(bytes, separator), let day = digits(bytes, 1, 2)
    else { return nil }
    var civil = CivilTime(year: year, month: month, day: day)
    var offset: Int?
    if !isAtEnd {
      if !take(bytes, 0x54), !take(bytes, 0x74) {
        guard take(bytes, 0x20) else { return nil }
        while take(bytes, 0x20) {}
      }
      guard let hour = digits(bytes, 1, 2), take(bytes, 0x3A), let minute = digits(bytes, 2, 2)
      else { return nil }
      civil.hour = hour
      civil.minute = minute
      if take(bytes, 0x3A) {
        guard let second = digits(bytes, 2, 2) else { return nil }
        civil.second = second
        if take(bytes, 0x2E) || take(bytes, 0x2C) {
          guard let nanosecond = fraction(bytes) else { return nil }
          civil.nanosecond = nanosecond
        }
      }
      if !isAtEnd {
        while take(bytes, 0x20) {}
        guard let east = zone(bytes), isAtEnd else { return nil }
        offset = east
      }
    }
    return CSVWrittenTime(civil, east: offset)
  }

  /// How far from 1970 a time may be: the range of ``Timestamp``, with room for a fraction.
  private static let latestNanoseconds: Int64 = 9_200_000_000_000_000_000

  /// A decimal count of units since 1970, exact to the nanosecond, to the end of the range.
  mutating func epoch(_ bytes: Span<UInt8>, nanosecondsPerUnit unit: Int64) -> Timestamp? {
    let whole = index..<end
    let isNegative = take(bytes, 0x2D)
    var nanoseconds: Int64 = 0
    var isExact = false
    if let units = digits(bytes, 1, 18) {
      let (product, overflow) = Int64(units).multipliedReportingOverflow(by: unit)
      guard !overflow, product <= CSVScanner.latestNanoseconds else { return nil }
      nanoseconds = product
      isExact = true
      if take(bytes, 0x2E) {
        let perUnit = unit / 1_000_000_000 == 0 ? 1_000_000_000 / unit : 1
        let part = isAtEnd ? 0 : fraction(bytes)
        guard let part else { return nil }
        nanoseconds += Int64(part) / perUnit
      }
    }
    if isExact, isAtEnd {
      return Timestamp(nanoseconds: isNegative ? -nanoseconds : nanoseconds)
    }
    // Exponents, as spreadsheets write them.
    guard case .value(let units) = CSVNumber(bytes, whole),
      case let seconds = units * (Double(unit) * 1e-9),
      abs(seconds) <= Double(CSVScanner.latestNanoseconds) * 1e-9
    else { return nil }
    return Timestamp(seconds: seconds)
  }
}
