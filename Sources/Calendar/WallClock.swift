import Series

/// The wall clock of a time zone. Its readings are microseconds since 1970-01-01 00:00 as it shows
/// them; instants are microseconds since 1970-01-01 00:00 UTC.
struct WallClock {
  let rules: TimeZoneRules

  enum Resolution: Equatable {
    /// When the clock shows the reading for the first time.
    case instant(Int)
    /// The clock is set forward past the reading; readings up to here are skipped.
    case leftOut(Range<Int>)
  }

  /// The clock's reading.
  func reading(at instant: Int) -> Int {
    instant + period(at: instant).offset * 1_000_000
  }

  /// If the clock was set back and is repeating readings: the first reading that is new again;
  /// otherwise nil.
  func endOfRepetition(at instant: Int) -> Int? {
    let now = period(at: instant)
    guard now.begins != .min else { return nil }
    let before = rules.period(at: now.begins - 1)
    let end = (now.begins + before.offset) * 1_000_000
    return reading(at: instant) < end ? end : nil
  }

  /// When the clock shows a reading.
  func resolve(_ reading: Int) -> Resolution {
    let seconds = floorDivided(reading, by: 1_000_000)
    // No offset from UTC reaches a day.
    var period = rules.period(at: seconds - 86_400)
    while true {
      let instant = seconds - period.offset
      if instant < period.ends { break }
      let next = rules.period(at: period.ends)
      let before = period.ends + period.offset
      let after = period.ends + next.offset
      if before <= seconds, seconds < after {
        return .leftOut(before * 1_000_000..<after * 1_000_000)
      }
      period = next
    }
    return .instant(reading - period.offset * 1_000_000)
  }

  private func period(at instant: Int) -> OffsetPeriod {
    rules.period(at: floorDivided(instant, by: 1_000_000))
  }
}

/// `dividend / divisor` rounded down; `divisor > 0`.
func floorDivided(_ dividend: Int, by divisor: Int) -> Int {
  let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}

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
