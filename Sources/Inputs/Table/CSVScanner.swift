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

  /// The order in which a date is written.
  enum DateOrder {
    /// 2014-02-14, the year with four digits.
    case yearFirst
    /// 14.02.2014, the year with four digits or two.
    case dayFirst
    /// 2/14/2014, the year with four digits or two.
    case monthFirst
  }

  /// A date, or a date and a time of day, up to the end of the range.
  mutating func moment(_ bytes: Span<UInt8>, _ order: DateOrder) -> CSVWrittenTime? {
    if order == .yearFirst, end - index == 19, let civil = fixed(bytes) {
      return CSVWrittenTime(civil, east: nil)
    }
    guard var civil = date(bytes, order) else { return nil }
    guard !isAtEnd else { return CSVWrittenTime(civil, east: nil) }
    if !take(bytes, 0x54), !take(bytes, 0x74) {
      guard take(bytes, 0x20) else { return nil }
      while take(bytes, 0x20) {}
    }
    var east: Int?
    guard timeOfDay(bytes, &civil, &east) else { return nil }
    return CSVWrittenTime(civil, east: east)
  }

  /// The most frequent form: `2014-02-14 14:27:00`, with two digits in all parts but the year; nil
  /// for any other.
  private func fixed(_ bytes: Span<UInt8>) -> CivilTime? {
    var wrong: UInt8 = 0
    func digit(_ offset: Int) -> Int {
      let digit = bytes[index + offset] &- 0x30
      wrong |= digit > 9 ? 1 : 0
      return Int(digit)
    }
    func pair(_ offset: Int) -> Int { digit(offset) * 10 + digit(offset + 1) }
    let civil = CivilTime(
      year: pair(0) * 100 + pair(2), month: pair(5), day: pair(8), hour: pair(11),
      minute: pair(14), second: pair(17))
    let separator = bytes[index + 10]
    guard wrong == 0, bytes[index + 4] == 0x2D, bytes[index + 7] == 0x2D,
      separator == 0x20 || separator == 0x54, bytes[index + 13] == 0x3A, bytes[index + 16] == 0x3A
    else { return nil }
    return civil
  }

  /// A date with `-`, `/` or `.` between its parts, not checked against the calendar.
  @inline(__always)
  mutating func date(_ bytes: Span<UInt8>, _ order: DateOrder) -> CivilTime? {
    let isYearFirst = order == .yearFirst
    guard let first = isYearFirst ? digits(bytes, 4, 4) : digits(bytes, 1, 2) else { return nil }
    let separator = peek(bytes)
    guard separator == 0x2D || separator == 0x2F || separator == 0x2E, take(bytes, separator),
      let second = digits(bytes, 1, 2), take(bytes, separator)
    else { return nil }
    let start = index
    guard let third = isYearFirst ? digits(bytes, 1, 2) : digits(bytes, 2, 4) else { return nil }
    switch order {
    case .yearFirst: return CivilTime(year: first, month: second, day: third)
    case .dayFirst, .monthFirst:
      guard index - start != 3 else { return nil }
      let year = index - start == 4 ? third : third < 69 ? 2000 + third : 1900 + third
      return order == .dayFirst
        ? CivilTime(year: year, month: second, day: first)
        : CivilTime(year: year, month: first, day: second)
    }
  }

  /// A time of day up to the end of the range: hours and minutes, optional seconds with their
  /// fraction, AM or PM, and a zone, in seconds `east` of Greenwich.
  @inline(__always)
  mutating func timeOfDay(
    _ bytes: Span<UInt8>, _ civil: inout CivilTime, _ east: inout Int?
  ) -> Bool {
    guard let hour = digits(bytes, 1, 2), take(bytes, 0x3A), let minute = digits(bytes, 2, 2)
    else { return false }
    civil.hour = hour
    civil.minute = minute
    if take(bytes, 0x3A) {
      guard let second = digits(bytes, 2, 2) else { return false }
      civil.second = second
      if take(bytes, 0x2E) || take(bytes, 0x2C) {
        guard let nanosecond = fraction(bytes) else { return false }
        civil.nanosecond = nanosecond
      }
    }
    if isAtEnd { return true }
    while take(bytes, 0x20) {}
    let isAfternoon = matches(bytes, "pm")
    if isAfternoon || matches(bytes, "am") {
      guard (1...12).contains(hour) else { return false }
      civil.hour = hour % 12 + (isAfternoon ? 12 : 0)
      skip(2)
      if isAtEnd { return true }
      while take(bytes, 0x20) {}
    }
    east = zone(bytes)
    return east != nil && isAtEnd
  }

  /// Maximum distance of a time from 1970: the range of ``Timestamp``, with room for a fraction.
  private static let latestNanoseconds: Int64 = 9_200_000_000_000_000_000

  /// A decimal count of units in nanoseconds, exact, up to the end of the range.
  mutating func count(_ bytes: Span<UInt8>, nanosecondsPerUnit unit: Int64) -> Int64? {
    let whole = index..<end
    let isNegative = take(bytes, 0x2D)
    var nanoseconds: Int64 = 0
    var isExact = false
    if let units = digits(bytes, 1, 18) {
      let (scaled, overflow) = Int64(units).multipliedReportingOverflow(by: unit)
      guard !overflow else { return nil }
      var product = scaled
      // Nanoseconds since 1970 have 19 digits.
      if unit == 1, case let digit = peek(bytes) &- 0x30, digit < 10 {
        guard product <= CSVScanner.latestNanoseconds / 10 else { return nil }
        product = product * 10 + Int64(digit)
        skip(1)
      }
      guard product <= CSVScanner.latestNanoseconds else { return nil }
      nanoseconds = product
      isExact = true
      if take(bytes, 0x2E) || take(bytes, 0x2C) {
        let part = isAtEnd ? 0 : fraction(bytes)
        guard let part else { return nil }
        nanoseconds += Int64(part) / (1_000_000_000 / unit)
      }
    }
    if isExact, isAtEnd { return isNegative ? -nanoseconds : nanoseconds }
    // Exponents, as spreadsheets write them.
    guard case .value(let units) = CSVNumber(bytes, whole),
      case let seconds = units * (Double(unit) * 1e-9),
      abs(seconds) <= Double(CSVScanner.latestNanoseconds) * 1e-9
    else { return nil }
    return Timestamp(seconds: seconds).nanoseconds
  }
}
