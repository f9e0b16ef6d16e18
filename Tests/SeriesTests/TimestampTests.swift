import Series
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"),
    (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
    (1_795_183_329_250_000_000, "2026-11-20T14:02:09.250Z"),
    (-1_000_000, "1969-12-31T23:59:59.999Z"),
  ])
  func `writes RFC 3339 in UTC and reads its own civil time back`(ns: Int64, text: String) {
    let moment = Timestamp(nanoseconds: ns)
    #expect(moment.iso8601 == text)
    #expect(Timestamp(moment.utc) == moment)
  }

  @Test(arguments: [
    CivilTime(year: 2025, month: 2, day: 29), CivilTime(year: 2025, month: 13, day: 1),
    CivilTime(year: 2025, month: 1, day: 0), CivilTime(year: 2025, month: 1, day: 1, hour: 24),
    CivilTime(year: 3000, month: 1, day: 1),
  ])
  func `refuses a date that the calendar does not have`(civil: CivilTime) {
    #expect(Timestamp(civil) == nil)
  }

  @Test func `clamps instead of trapping on absurd seconds`() {
    #expect(Timestamp(seconds: 1e300) > Timestamp(seconds: 4e9))
    #expect(Timestamp(seconds: -1e300) < Timestamp(seconds: -4e9))
  }

  @Test func `clamps instead of wrapping when advanced past the end`() {
    let late = Timestamp(nanoseconds: .max - 5)
    #expect(late.advanced(by: .seconds(1)) == Timestamp(nanoseconds: .max))
  }
}
