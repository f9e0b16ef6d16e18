import Calendar
import Series
import Testing

@Suite struct CalendarExpressionTests {
  @Test(arguments: [
    ("*:00/20", "2026-10-25 01:30:00", "2026-10-25 02:00:00"),
    ("hourly", "2026-10-25 01:00:00", "2026-10-25 02:00:00"),
    ("02:30", "2026-10-25 01:15:00", "2026-10-26 01:30:00"),
  ])
  func `a repeated clock reading does not count again`(
    text: String, base: String, next: String
  ) throws {
    let expression = try CalendarExpression(parsing: text, zone: zone)
    let local = try #require(zone("Europe/Berlin"))
    let base = try #require(utc(base))
    #expect(expression.next(after: base, local: local) == utc(next))
  }

  @Test(arguments: [
    "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
  ])
  func `the last match is the next one from before it`(name: String) throws {
    let local = try #require(zone(name))
    for text in [
      "*:00/20", "02:30", "daily", "*-02-29", "Mon *-*~07/1", "*:*:*", "Sat,Sun 00:00:00.25",
      "*-*~1..3 23:59:59", "2020..2027-*-1/10", "hourly UTC",
    ] {
      let expression = try CalendarExpression(parsing: text, zone: zone)
      for base in ["2026-03-29 00:30:00", "2026-10-25 01:30:00", "2018-11-04 02:59:59"] {
        var moment = try #require(utc(base))
        for _ in 0..<40 {
          guard let next = expression.next(after: moment, local: local) else { break }
          #expect(next > moment)
          #expect(expression.last(notAfter: next, local: local) == next, "\(text) \(next.iso8601)")
          let before = Timestamp(nanoseconds: next.nanoseconds - 1)
          let last = expression.last(notAfter: before, local: local)
          #expect(last.map { $0 <= moment } ?? true, "\(text) \(next.iso8601)")
          moment = next
        }
      }
    }
  }

  @Test func `the end of the calendar is the end`() throws {
    let expression = try CalendarExpression(parsing: "*-*-* *:*:0/0.000001", zone: zone)
    #expect(expression.next(after: Timestamp(nanoseconds: .max), local: .utc) == nil)
    #expect(expression.last(notAfter: Timestamp(nanoseconds: .min), local: .utc) == nil)
    let first = Timestamp(nanoseconds: 0)
    #expect(expression.next(after: Timestamp(nanoseconds: .min), local: .utc) == first)
    let never = try CalendarExpression(parsing: "*-02-30", zone: zone)
    #expect(never.next(after: first, local: .utc) == nil)
    #expect(never.last(notAfter: first, local: .utc) == nil)
  }

  @Test func `a repetition by the microsecond does not slow down the search`() throws {
    let local = try #require(zone("Europe/Berlin"))
    let expression = try CalendarExpression(parsing: "2:*:0/0.000001", zone: zone)
    let gap = try #require(utc("2026-03-29 00:59:59"))
    #expect(expression.next(after: gap, local: local) == utc("2026-03-30 00:00:00"))
    let repeated = try #require(utc("2026-10-25 01:10:00"))
    #expect(expression.next(after: repeated, local: local) == utc("2026-10-26 01:00:00"))
    #expect(
      expression.last(notAfter: repeated, local: local)
        == utc("2026-10-25 01:00:00").map { Timestamp(nanoseconds: $0.nanoseconds - 1000) })
  }

  @Test(arguments: [
    ("*:61", CalendarExpressionError.outOfRange(field: "minute")),
    ("*-13-1", .outOfRange(field: "month")), ("@99999999999", .outOfRange(field: "year")),
    ("Mon 5", .malformed(at: "")), ("Mon 5;6", .malformed(at: ";6")), ("12:", .malformed(at: "")),
    (String(repeating: "1,", count: 600) + "1:00", .tooLong),
  ])
  func `describes the problem of an input`(text: String, error: CalendarExpressionError) {
    #expect(throws: error) { try CalendarExpression(parsing: text, zone: zone) }
  }
}
