/// A moment of event time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Range: years 1678 to 2261. All detector decisions are based on event time, so that a backtest of
/// a recorded series and the live daemon agree.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since the Unix epoch; negative before it.
  public var nanoseconds: Int64

  /// A moment `nanoseconds` after the Unix epoch.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A moment given in seconds since the Unix epoch, rounded to the nearest nanosecond.
  /// - Parameter seconds: finite, within ±9.2e9; values outside are clamped to that range.
  public init(seconds: Double) {
    let limit = 9.2e9
    let bounded = min(max(seconds, -limit), limit)
    let whole = bounded.rounded(.down)
    nanoseconds = Int64(whole) * 1_000_000_000 + Int64(((bounded - whole) * 1e9).rounded())
  }

  /// Seconds since the Unix epoch, to the precision of a double (about 0.2 µs today).
  public var seconds: Double {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return Double(whole) + Double(rest) * 1e-9
  }

  /// Whether `lhs` is earlier than `rhs`.
  public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }

  /// The time from `earlier` to this one; negative if this one is earlier, and limited to 292 years
  /// either way.
  public func elapsed(since earlier: Timestamp) -> Duration {
    .nanoseconds(nanoseconds(since: earlier))
  }

  /// The same in nanoseconds.
  public func nanoseconds(since earlier: Timestamp) -> Int64 {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return overflow ? (nanoseconds < 0 ? .min : .max) : difference
  }

  /// The time `duration` later, clamped to the representable range.
  public func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return Timestamp(nanoseconds: seconds < 0 ? .min : .max) }
    let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(
      product + attoseconds / 1_000_000_000)
    return Timestamp(nanoseconds: sumOverflow ? (seconds < 0 ? .min : .max) : sum)
  }
}

extension Timestamp {
  /// The civil date and time of day in UTC.
  ///
  /// Days to civil date as in Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
  /// `civil_from_days` (proleptic Gregorian calendar).
  public var utc: CivilTime {
    let dayNanoseconds: Int64 = 86_400 * 1_000_000_000
    var day = nanoseconds / dayNanoseconds
    var rest = nanoseconds % dayNanoseconds
    if rest < 0 {
      day -= 1
      rest += dayNanoseconds
    }
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let seconds = rest / 1_000_000_000
    return CivilTime(
      year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), month: Int(month),
      day: Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), hour: Int(seconds / 3600),
      minute: Int(seconds / 60 % 60), second: Int(seconds % 60),
      nanosecond: Int(rest % 1_000_000_000))
  }

  /// The time of a civil date and time of day in UTC, or nil if it is invalid (month 13, 30
  /// February, hour 24) or outside the representable years.
  ///
  /// Inverse of ``utc``; a second of 60 becomes the first second of the next minute.
  public init?(_ civil: CivilTime) {
    guard (1678...2261).contains(civil.year), (1...12).contains(civil.month),
      (1...CivilTime.days(inMonth: civil.month, year: civil.year)).contains(civil.day),
      (0...23).contains(civil.hour), (0...59).contains(civil.minute),
      (0...60).contains(civil.second), (0..<1_000_000_000).contains(civil.nanosecond)
    else { return nil }
    let year = civil.month <= 2 ? civil.year - 1 : civil.year
    let era = year / 400
    let yearOfEra = year - era * 400
    let shiftedMonth = civil.month > 2 ? civil.month - 3 : civil.month + 9
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + civil.day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = Int64(era * 146_097 + dayOfEra - 719_468)
    let seconds =
      days * 86_400 + Int64(civil.hour) * 3600 + Int64(civil.minute) * 60 + Int64(civil.second)
    self.init(nanoseconds: seconds * 1_000_000_000 + Int64(civil.nanosecond))
  }

  /// RFC 3339 text in UTC with milliseconds, such as `2026-11-20T14:02:09.250Z`.
  public var iso8601: String {
    let time = utc
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return padded(time.year, 4) + "-" + padded(time.month, 2) + "-" + padded(time.day, 2) + "T"
      + padded(time.hour, 2) + ":" + padded(time.minute, 2) + ":" + padded(time.second, 2) + "."
      + padded(time.nanosecond / 1_000_000, 3) + "Z"
  }
}

/// A date and a time of day in the proleptic Gregorian calendar, UTC.
public struct CivilTime: Equatable, Sendable {
  /// Year, such as 2026.
  public var year: Int
  /// Month of the year, 1...12.
  public var month: Int
  /// Day of the month, 1...31.
  public var day: Int
  /// Hour of the day, 0...23.
  public var hour: Int
  /// Minute of the hour, 0...59.
  public var minute: Int
  /// Second of the minute, 0...60.
  public var second: Int
  /// Nanosecond of the second, 0..<1,000,000,000.
  public var nanosecond: Int

  /// A date and time; the fields are validated on conversion to a ``Timestamp``.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    nanosecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.nanosecond = nanosecond
  }

  /// Number of days in a month (1...12) of a year.
  public static func days(inMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Duration {
  /// Its length in seconds.
  public var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
