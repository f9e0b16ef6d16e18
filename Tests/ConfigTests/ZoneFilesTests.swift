import Calendar
import Config
import Testing

@Suite struct ZoneFilesTests {
  /// 2026-07-01T00:00:00Z.
  private let summer: Int64 = 1_782_864_000_000_000_000

  @Test(arguments: [
    ("Europe/Berlin", "2026-07-01 02:00:00"), (":Europe/Berlin", "2026-07-01 02:00:00"),
    (":/usr/share/zoneinfo/Asia/Tokyo", "2026-07-01 09:00:00"),
    ("CET-1CEST,M3.5.0,M10.5.0/3", "2026-07-01 02:00:00"), ("", "2026-07-01 00:00:00"),
    ("Europe/Atlantis", "2026-07-01 00:00:00"),
  ])
  func `local time is what TZ says`(variable: String, shown: String) {
    let rules = ZoneFiles.local(environment: { $0 == "TZ" ? variable : nil }, file: "/dev/null")
    #expect(rules.text(summer) == shown)
  }

  @Test func `local time is that of the file if TZ is not set`() {
    let file = "/usr/share/zoneinfo/America/New_York"
    #expect(
      ZoneFiles.local(environment: { _ in nil }, file: file).text(summer)
        == "2026-06-30 20:00:00")
    #expect(ZoneFiles.local(environment: { _ in nil }, file: "/nowhere") == .utc)
  }

  @Test(arguments: [
    "../../etc/passwd", "/usr/share/zoneinfo/UTC", "zone1970.tab", "Europe", "Europe//Berlin", "",
    "12", "tzdata.zi", "Europe/Berlin/",
  ])
  func `an invalid zone name has no rules`(name: String) {
    #expect(ZoneFiles.rules(named: name) == nil)
  }
}
