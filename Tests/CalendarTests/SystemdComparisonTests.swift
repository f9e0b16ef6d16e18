import Calendar
import Series
import Support
import Testing

/// Expressions and times compared with the real `systemd-analyze`.
@Suite(.enabled(if: Needs.systemdAnalyze.isMet, "\(Needs.systemdAnalyze)"))
struct SystemdComparisonTests {
  struct Place: Sendable, CustomTestStringConvertible {
    var zone: String
    var base: String
    var testDescription: String { "\(zone) from \(base)" }
  }

  /// Around leap days, both clock changes in either hemisphere, half-hour changes, skipped
  /// midnights, the last years.
  static let places = [
    Place(zone: "Europe/Berlin", base: "2026-03-28 11:00:00"),
    Place(zone: "Europe/Berlin", base: "2026-03-29 00:30:00"),
    Place(zone: "Europe/Berlin", base: "2026-10-24 22:10:00"),
    Place(zone: "Europe/Berlin", base: "2026-10-25 00:30:00"),
    Place(zone: "Europe/Berlin", base: "2027-12-31 22:59:59"),
    Place(zone: "Europe/Berlin", base: "2028-02-27 05:00:00"),
    Place(zone: "Europe/Berlin", base: "2099-02-27 05:00:00"),
    Place(zone: "Europe/Berlin", base: "2198-12-30 12:00:00"),
    Place(zone: "America/New_York", base: "2026-03-07 12:00:00"),
    Place(zone: "America/New_York", base: "2026-10-31 12:00:00"),
    Place(zone: "America/Sao_Paulo", base: "2018-11-03 00:00:00"),
    Place(zone: "Australia/Lord_Howe", base: "2026-10-03 12:00:00"),
    Place(zone: "Australia/Lord_Howe", base: "2027-04-03 12:00:00"),
    Place(zone: "Asia/Kolkata", base: "1999-12-31 23:59:59"),
    Place(zone: "Pacific/Apia", base: "2011-12-28 12:00:00"),
  ]

  /// Minutes in steps that reach beyond the hour are excluded: systemd 252 loses the first minute
  /// of a day with `*:0/7`.
  static let expressions = [
    "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly",
    "annually", "semi-annually", "biannually", "bi-annually", "DAILY", "daily UTC",
    "weekly America/New_York", "monthly utc",
    "Mon", "mon,", "Monday", "Sat,Sun", "Mon..Fri", "Mon-Fri", "Mon,Wed..Fri", "Mon,Tue", "Sun",
    "Wed..Sat,Tue 12-10-15 1:2:3", "Mon,Fri..Sun 10:00", "MON..wednesday,SUN 23:59:59",
    "02:30", "02:00:00", "2:5", "23:59", "*:00/20", "*:3/7", "*:*:*", "*:*", "*:*:0/15",
    "*:*:0..10/2.5", "*-*-* 00:00:0.5", "*:*:0.1,0.2", "0..5:00", "00..05:30 UTC",
    "*-*-* 8..17/2:0/15", "Sat,Sun *-*-* 08..18:00/10:30", "*:5,10,15..20,30", "1..3:00",
    "01,02,03:15,45", "12:00 Asia/Tokyo", "02:30 America/New_York", "*:59:59",
    "*-*~01", "*-*~1", "*-*~1..3", "*-*~3/2", "*-02~03/1", "Mon *-*~07/1", "*-5~3,1",
    "Mon..Wed *-5~3,1", "*-*~28", "*-02-29", "*-2-29,28", "*-02-30", "*-*-31", "*-*-29..31",
    "*-*-1..7 03:00", "Sun *-*-1..7 03:00", "*-*-13", "Fri *-*-13 13:13:13", "*-1..3-1",
    "*-1/2-*", "*-*-1/10", "*-04/3-15", "2026-04-01", "26-04-05", "70-01-01", "69-01-01",
    "2026-04-31", "1..3,5/2-*-1", "2020/4-02-29", "2026..2030-1-1", "2199-12-31 23:59:59",
    "*-*-* *:*:3.123456", "5-5", "5~5", "*-12-31 23:59:59.999999", "2024/1-*-1",
    "@1790000000", "@0", "*-*-1..3/5", "5..5:00", "*-*-5,5,3,5", "*-*-* *:30..40,35",
  ]

  @Test(arguments: places) func `elapses when systemd says`(place: Place) throws {
    let local = try #require(zone(place.zone))
    let base = try #require(utc(place.base))
    let answers = SystemdAnalyze.calendar(
      Self.expressions, zone: place.zone, base: place.base, iterations: 9)
    for text in Self.expressions {
      let answer = try #require(answers[text], "systemd refuses \(text)")
      let expression = try CalendarExpression(parsing: text, zone: zone)
      #expect(expression.description == answer.normalized)
      var elapses: [String] = []
      var moment = base
      while elapses.count < 9, let next = expression.next(after: moment, local: local) {
        elapses.append(String(next.iso8601.prefix(19)).replacing("T", with: " "))
        moment = next
      }
      #expect(elapses == answer.elapses, "\(text) from \(place.base) in \(place.zone)")
    }
  }

  @Test func `rejects what systemd rejects`() {
    let expressions = [
      "*/2", "*:*/2", "Fri..Mon", "2026-04-01T12:00:00", "*-*~07/1 Mon", "*-*-1,2,3,3 8", "8",
      "2027", "0-1", "*:61", "*-*-* *:*:3/70", "*-*-01/5~1", "weekly America/Nope", "*-12..1-1",
      "Mon..", "Mon..Tue..Wed", "Mon;Tue", "*-*~3..1", "*-*~29", "*-13-1", "*-0-1", "24:00",
      "*:*:60", "1969-1-1", "2200-1-1", "*-*-32", "*:59/2", "*:*:1..1.5", "1:2:3:4", "1:", ":1",
      "*-*-*-*", "-1:00", "*:5/0", "*:5..", "*:,5", "*:5,", "fortnightly", " daily",
      "daily ", "Mo", "*~*~1", "1~2-3", "10:00 +2h", "*:1.5", "Mon *", "@", "@x", "@-1", "x",
      "*:0..70/2", "*:00-05", "Tue,Foo", "12:00 Berlin", "*:3..2",
    ]
    let answers = SystemdAnalyze.calendar(
      expressions, zone: "Europe/Berlin", base: "2026-03-28 11:00:00", iterations: 1)
    for text in expressions {
      #expect(answers[text] == nil, "systemd takes \(text)")
      #expect(throws: CalendarExpressionError.self, "\(text)") {
        try CalendarExpression(parsing: text, zone: zone)
      }
    }
  }

  @Test func `agrees with systemd on a thousand random expressions`() throws {
    var random = Generator(state: 20_261_120)
    let expressions = (0..<1000).map { _ in random.expression() }
    let local = try #require(zone("Europe/Berlin"))
    let base = "2027-10-29 09:17:31"
    let start = try #require(utc(base))
    var refused = 0
    for chunk in stride(from: 0, to: expressions.count, by: 100) {
      let part = Array(expressions[chunk..<chunk + 100])
      let answers = SystemdAnalyze.calendar(
        part, zone: "Europe/Berlin", base: base, iterations: 3)
      for text in part {
        let expression = try? CalendarExpression(parsing: text, zone: zone)
        #expect(expression?.description == answers[text]?.normalized, "\(text)")
        guard let expression, let answer = answers[text] else {
          refused += 1
          continue
        }
        var moment = start
        for elapse in answer.elapses {
          let next = try #require(expression.next(after: moment, local: local), "\(text)")
          #expect(String(next.iso8601.prefix(19)).replacing("T", with: " ") == elapse, "\(text)")
          moment = next
        }
        if answer.elapses.count < 3 {
          #expect(expression.next(after: moment, local: local) == nil, "\(text)")
        }
      }
    }
    #expect((50...500).contains(refused))
  }
}

/// Random expressions, most of them well-formed.
private struct Generator {
  var state: UInt64

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + Int(state >> 33) % range.count
  }

  mutating func field(_ range: ClosedRange<Int>) -> String {
    if number(0...2) == 0 { return "*" }
    return (0...number(0...1)).map { _ in
      let start = number(range)
      switch number(0...5) {
      case 0: return "\(start)..\(number(start...range.upperBound + 1))"
      case 1: return "\(start)/\(number(1...max(1, range.upperBound / 3)))"
      case 2: return "\(start)..\(number(start...range.upperBound))/\(number(1...5))"
      default: return "\(start)"
      }
    }.joined(separator: ",")
  }

  mutating func expression() -> String {
    var text = ""
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    switch number(0...5) {
    case 0: text += days[number(0...6)] + " "
    case 1:
      let first = number(0...6)
      text += days[first] + ".." + days[number(first...6)] + " "
    default: break
    }
    if number(0...1) == 0 {
      let year = number(0...4) == 0 ? field(2025...2035) : "*"
      text += "\(year)-\(field(1...12))"
      // systemd rejects the later ones of several days that are far from the end of the month.
      text += number(0...3) == 0 ? "~\(field(1...21)) " : "-\(field(1...28)) "
    }
    text += field(0...23) + ":" + field(0...59)
    if number(0...1) == 0 { text += ":" + field(0...59) }
    if number(0...4) == 0 { text += " UTC" }
    return text
  }
}

/// The moment of `2026-03-28 12:00:00` in UTC.
func utc(_ text: String) -> Timestamp? {
  let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
  guard numbers.count == 6 else { return nil }
  return Timestamp(
    CivilTime(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
      second: numbers[5]))
}
