/// Recurring times in systemd's notation for calendar events: `Sat 02:00`, `*-*~01 03:00 UTC`,
/// `Mon..Fri *:00/15`, `weekly Europe/Berlin`; all of systemd.time(7) except zone abbreviations.
///
/// Its precision is a microsecond, its years are 1970 to 2199.
public struct CalendarExpression: Equatable, Sendable, CustomStringConvertible {
  /// The time zone of an expression's dates and times.
  public enum Zone: Equatable, Sendable {
    /// Local time at the time of evaluation.
    case local
    /// Named at the end of the expression.
    case named(TimeZoneRules)
  }

  /// Days of the week, bit 0 for Monday; all bits if none is named.
  var weekdays: UInt8 = allWeekdays
  var year = CalendarField.any
  var month = CalendarField.any
  var day = CalendarField.any
  /// Whether ``day`` counts from the last day of the month, which is 1.
  var countsFromMonthEnd = false
  var hour = CalendarField.any
  var minute = CalendarField.any
  /// Microseconds of the minute.
  var microsecond = CalendarField.any
  /// The time zone of dates and times.
  public internal(set) var zone = Zone.local

  static let allWeekdays: UInt8 = 0x7F
  static let weekdayNames = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  static let years = 1970...2199

  init() {}

  /// The normalized form, as printed by `systemd-analyze calendar`.
  public var description: String {
    var text = weekdays == CalendarExpression.allWeekdays ? "" : weekdayText + " "
    text += year.text(width: 4) + "-" + month.text(width: 2)
    text += (countsFromMonthEnd ? "~" : "-") + day.text(width: 2)
    text += " " + hour.text(width: 2) + ":" + minute.text(width: 2)
    text += ":" + microsecond.text(width: 2, unit: 1_000_000)
    if case .named(let rules) = zone { text += " " + rules.name }
    return text
  }

  /// Three or more consecutive days are written as a range.
  private var weekdayText: String {
    var words: [String] = []
    var start = 0
    while start < 7 {
      guard weekdays & 1 << start != 0 else {
        start += 1
        continue
      }
      var end = start
      while end < 6, weekdays & 1 << (end + 1) != 0 { end += 1 }
      let names = (start...end).map { String(CalendarExpression.weekdayNames[$0].prefix(3)) }
      words += names.count > 2 ? [names[0] + ".." + names[names.count - 1]] : names
      start = end + 1
    }
    return words.joined(separator: ",")
  }

  /// The same with each field sorted and two-digit years expanded.
  var normalized: CalendarExpression {
    var result = self
    result.year.elements = year.elements.map { element in
      func full(_ year: Int) -> Int {
        switch year {
        case 0..<70: year + 2000
        case 70..<100: year + 1900
        default: year
        }
      }
      return CalendarField.Element(
        start: full(element.start), stop: element.stop.map(full), step: element.step)
    }
    result.year = result.year.normalized
    result.month = month.normalized
    result.day = day.normalized
    result.hour = hour.normalized
    result.minute = minute.normalized
    result.microsecond = microsecond.normalized
    if weekdays == 0 { result.weekdays = CalendarExpression.allWeekdays }
    if day == .any { result.countsFromMonthEnd = false }
    return result
  }

  /// The name of the first field that is out of range; nil if all are valid.
  var invalidField: String? {
    func isValid(
      _ field: CalendarField, _ range: ClosedRange<Int>, fromMonthEnd: Bool = false
    ) -> Bool {
      field.elements.allSatisfy { $0.isValid(in: range, fromMonthEnd: fromMonthEnd) }
    }
    if !isValid(year, CalendarExpression.years) { return "year" }
    if !isValid(month, 1...12) { return "month" }
    if !isValid(day, 1...31, fromMonthEnd: countsFromMonthEnd) { return "day" }
    if !isValid(hour, 0...23) { return "hour" }
    if !isValid(minute, 0...59) { return "minute" }
    if !isValid(microsecond, 0...59_999_999) { return "second" }
    return nil
  }
}
