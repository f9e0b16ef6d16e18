public import Series

extension CalendarExpression {
  /// The first match after `moment`; nil if there is none up to 2199.
  ///
  /// A time of day that a clock change skips does not match; one that occurs twice matches only the
  /// first time. This is systemd's behaviour.
  /// - Parameter local: local time, for expressions without a zone.
  public func next(after moment: Timestamp, local: TimeZoneRules) -> Timestamp? {
    search(from: moment, .forward, local)
  }

  /// The last match that is not after `moment`; nil if there is none since 1970.
  public func last(notAfter moment: Timestamp, local: TimeZoneRules) -> Timestamp? {
    search(from: moment, .backward, local)
  }

  private func search(
    from moment: Timestamp,
    _ direction: Direction,
    _ local: TimeZoneRules
  ) -> Timestamp? {
    let clock = WallClock(rules: rules(local))
    let instant = floorDivided(Int(moment.nanoseconds), by: 1000)
    // The wall clock's reading and, if it repeats readings it has already shown, the end of that
    // repetition.
    let shown = clock.reading(at: instant)
    let fresh = clock.endOfRepetition(at: instant).map { max($0, shown + 1) } ?? shown + 1
    var reading = direction == .forward ? fresh : fresh - 1
    while let found = nearestReading(to: reading, direction) {
      switch clock.resolve(found) {
      case .instant(let result): return Timestamp(nanoseconds: Int64(result) * 1000)
      case .leftOut(let gap): reading = direction == .forward ? gap.upperBound : gap.lowerBound - 1
      }
    }
    return nil
  }

  private func rules(_ local: TimeZoneRules) -> TimeZoneRules {
    switch zone {
    case .local: local
    case .named(let rules): rules
    }
  }

  /// The nearest wall clock reading that the fields allow, on one side of `reading`, including
  /// itself. Readings are microseconds since 1970-01-01 00:00 on that clock.
  private func nearestReading(to reading: Int, _ direction: Direction) -> Int? {
    var day = floorDivided(reading, by: microsecondsPerDay)
    var time = reading - day * microsecondsPerDay
    while let found = nearestDay(to: day, direction) {
      if found != day { time = direction == .forward ? 0 : microsecondsPerDay - 1 }
      if let result = nearestTime(to: time, direction) {
        return found * microsecondsPerDay + result
      }
      day = found + direction.rawValue
      time = direction == .forward ? 0 : microsecondsPerDay - 1
    }
    return nil
  }

  private func nearestDay(to number: Int, _ direction: Direction) -> Int? {
    let years = CalendarExpression.years
    let bounds =
      CalendarDay.number(
        year: years.lowerBound, month: 1, day: 1)...CalendarDay.number(
        year: years.upperBound, month: 12, day: 31)
    guard direction == .forward ? number <= bounds.upperBound : number >= bounds.lowerBound else {
      return nil
    }
    let start = CalendarDay(number: min(max(number, bounds.lowerBound), bounds.upperBound))
    var (year, month, from) = (start.year, start.month, Optional(start.day))
    while years.contains(year) {
      if !self.year.contains(year) {
        guard let next = self.year.nearest(year, direction), years.contains(next) else {
          return nil
        }
        (year, month, from) = (next, direction == .forward ? 1 : 12, nil)
      }
      if self.month.contains(month), let day = nearestDay(year, month, from: from, direction) {
        return CalendarDay.number(year: year, month: month, day: day)
      }
      from = nil
      month += direction.rawValue
      if !(1...12).contains(month) {
        year += direction.rawValue
        month = direction == .forward ? 1 : 12
      }
    }
    return nil
  }

  /// The nearest day of a month; from its beginning or end if `from` is nil.
  private func nearestDay(
    _ year: Int, _ month: Int, from: Int?, _ direction: Direction
  ) -> Int? {
    let length = CivilTime.days(inMonth: month, year: year)
    let days = countsFromMonthEnd ? day.fromMonthEnd(length: length) : day
    let before = CalendarDay.number(year: year, month: month, day: 1) - 1
    var candidate = from ?? (direction == .forward ? 1 : length)
    while let found = days.nearest(candidate, direction), (1...length).contains(found) {
      let weekday = CalendarDay(number: before + found).weekday
      if weekdays & 1 << weekday != 0 { return found }
      candidate = found + direction.rawValue
    }
    return nil
  }

  private func nearestTime(to time: Int, _ direction: Direction) -> Int? {
    let minutes = 24 * 60
    var minute = time / microsecondsPerMinute
    var from = time % microsecondsPerMinute
    while (0..<minutes).contains(minute) {
      if !hour.contains(minute / 60) {
        minute = direction == .forward ? (minute / 60 + 1) * 60 : minute / 60 * 60 - 1
      } else {
        if self.minute.contains(minute % 60),
          let found = microsecond.nearest(from, direction),
          (0..<microsecondsPerMinute).contains(found)
        {
          return minute * microsecondsPerMinute + found
        }
        minute += direction.rawValue
      }
      from = direction == .forward ? 0 : microsecondsPerMinute - 1
    }
    return nil
  }
}

private let microsecondsPerMinute = 60_000_000
private let microsecondsPerDay = 86_400_000_000
