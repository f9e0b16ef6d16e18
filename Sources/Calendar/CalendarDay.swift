import Series

/// A day of the proleptic Gregorian calendar.
struct CalendarDay: Equatable {
  /// Days since 1970-01-01.
  let number: Int
  let year: Int
  let month: Int
  let day: Int

  /// The day `number` days after 1970-01-01, 1678 to 2261; outside that range the date of the first
  /// or last day, because local time may be one day past the last representable instant.
  init(number: Int) {
    let shown = min(max(number, -106_751), 106_751)
    let date = Timestamp(nanoseconds: Int64(shown) * 86_400_000_000_000).utc
    (self.number, year, month, day) = (number, date.year, date.month, date.day)
  }

  /// Monday is 0.
  var weekday: Int { ((number + 3) % 7 + 7) % 7 }

  /// Days since 1970-01-01 of a valid date, 1678 to 2261; 0 for any other.
  static func number(year: Int, month: Int, day: Int) -> Int {
    let midnight = Timestamp(CivilTime(year: year, month: month, day: day))
    return Int((midnight?.nanoseconds ?? 0) / 86_400_000_000_000)
  }
}
