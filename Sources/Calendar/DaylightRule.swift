/// The yearly rule of a zone, as in the variable TZ: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2017,
/// section 8.3, with the hours of RFC 9636: -167 to 167).
struct DaylightRule: Equatable, Sendable {
  /// Seconds east of UTC in standard time.
  let standard: Int
  /// The same in daylight saving time, and when it begins and ends; nil if there is none.
  let daylight: Daylight?

  struct Daylight: Equatable, Sendable {
    var offset: Int
    var begins: YearlyChange
    var ends: YearlyChange
  }

  /// A day of the year and a time of it.
  struct YearlyChange: Equatable, Sendable {
    enum Date: Equatable, Sendable {
      /// Day 1 to 365, not counting 29 February.
      case julian(Int)
      /// Day 0 to 365, counting 29 February.
      case ordinal(Int)
      /// Weekday 0 (Sunday) to 6, the `week`-th of the month; 5 is the last.
      case weekday(Int, week: Int, month: Int)
    }

    var date: Date
    /// Seconds after midnight; may be negative or exceed a day.
    var time = 7200

    /// Seconds since 1970-01-01 00:00 on the wall clock.
    func reading(in year: Int) -> Int {
      let first = CalendarDay.number(year: year, month: 1, day: 1)
      let day: Int
      switch date {
      case .ordinal(let ordinal): day = first + ordinal
      case .julian(let julian):
        let march = CalendarDay.number(year: year, month: 3, day: 1)
        day = julian < 60 ? first + julian - 1 : march + julian - 60
      case .weekday(let weekday, let week, let month):
        let beginning = CalendarDay.number(year: year, month: month, day: 1)
        let next = CalendarDay.number(
          year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
        // Weekdays of CalendarDay begin with Monday.
        let first = beginning + (weekday + 6 - CalendarDay(number: beginning).weekday) % 7
        let wanted = first + 7 * (week - 1)
        day = wanted < next ? wanted : wanted - 7
      }
      return day * 86_400 + time
    }
  }

  /// The interval around `seconds` since 1970 in which the offset is constant. The first and the last change
  /// are those of 1683 and 2256.
  func period(at seconds: Int) -> OffsetPeriod {
    guard let daylight else { return OffsetPeriod(offset: standard, begins: .min, ends: .max) }
    let bounds = -9_000_000_000...9_000_000_000
    let year = CalendarDay(
      number: floorDivided(min(max(seconds, bounds.lowerBound), bounds.upperBound), by: 86_400)
    ).year
    let changes = (year - 1...year + 1).flatMap { year in
      [
        (at: daylight.begins.reading(in: year) - standard, offset: daylight.offset),
        (at: daylight.ends.reading(in: year) - daylight.offset, offset: standard),
      ]
    }.sorted { $0.at < $1.at }
    // Before the first and after the last of them the interval is open: whoever goes from one interval to the
    // next gets ahead in every step.
    let later = changes.firstIndex { $0.at > seconds } ?? changes.count
    return OffsetPeriod(
      offset: changes[max(later - 1, 0)].offset, begins: later == 0 ? .min : changes[later - 1].at,
      ends: later == changes.count ? .max : changes[later].at)
  }
}

extension DaylightRule {
  /// Parses the text; nil if it is malformed.
  init?(_ text: String) {
    var scanner = DaylightScanner(rest: Substring(text))
    guard scanner.skipName(), let west = scanner.timeOfDay() else { return nil }
    standard = -west
    if scanner.rest.isEmpty {
      daylight = nil
      return
    }
    guard scanner.skipName() else { return nil }
    var offset = standard + 3600
    if !scanner.rest.hasPrefix(",") {
      guard let west = scanner.timeOfDay() else { return nil }
      offset = -west
    }
    guard let begins = scanner.change(), let ends = scanner.change(), scanner.rest.isEmpty,
      abs(offset) < 86_400, abs(west) < 86_400
    else { return nil }
    daylight = Daylight(offset: offset, begins: begins, ends: ends)
  }
}

private struct DaylightScanner {
  var rest: Substring

  mutating func take(_ character: Character) -> Bool {
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  /// `CET` or `<+03>`.
  mutating func skipName() -> Bool {
    if take("<") {
      guard let end = rest.firstIndex(of: ">") else { return false }
      rest = rest[rest.index(after: end)...]
      return true
    }
    let name = rest.prefix { $0.isLetter }
    rest = rest.dropFirst(name.count)
    return !name.isEmpty
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    guard digits.count <= 3, let value = Int(digits), range.contains(value) else { return nil }
    rest = rest.dropFirst(digits.count)
    return value
  }

  /// `[+-]HH[:MM[:SS]]` in seconds.
  mutating func timeOfDay() -> Int? {
    let sign = take("-") ? -1 : 1
    if sign == 1 { _ = take("+") }
    guard let hours = number(0...167) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where take(":") {
      guard let value = number(0...59) else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }

  /// `,DATE` or `,DATE/TIME`.
  mutating func change() -> DaylightRule.YearlyChange? {
    guard take(",") else { return nil }
    var result: DaylightRule.YearlyChange
    if take("M") {
      guard let month = number(1...12), take("."), let week = number(1...5), take("."),
        let weekday = number(0...6)
      else { return nil }
      result = .init(date: .weekday(weekday, week: week, month: month))
    } else if take("J") {
      guard let day = number(1...365) else { return nil }
      result = .init(date: .julian(day))
    } else {
      guard let day = number(0...365) else { return nil }
      result = .init(date: .ordinal(day))
    }
    if take("/") {
      guard let time = timeOfDay() else { return nil }
      result.time = time
    }
    return result
  }
}
