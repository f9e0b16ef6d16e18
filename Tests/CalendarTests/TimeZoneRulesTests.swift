import Calendar
import Glibc
import Series
import Testing

@Suite struct TimeZoneRulesTests {
  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Pacific/Apia", "Asia/Kolkata", "Africa/Casablanca", "Europe/Dublin", "America/Nuuk",
    "Asia/Gaza", "Asia/Tehran", "Antarctica/Troll", "Etc/GMT+5",
  ])
  func `shows the time that the C library shows`(name: String) throws {
    let rules = try #require(zone(name))
    // From 1930 to 2098, at odd steps of some two days, and beyond what the file lists.
    let (first, step, last) = (-1_262_304_000, 170_003, 4_050_000_000)
    let command =
      "seq \(first) \(step) \(last) | sed 's/^/@/' | TZ=\(name) date -f - '+%F %T'"
    let expected = output(of: command).split(separator: "\n").map(String.init)
    let shown = stride(from: first, through: last, by: step).map {
      rules.text(Int64($0) * 1_000_000_000)
    }
    #expect(shown.count == expected.count)
    let wrong = zip(shown, expected).first { $0 != $1 }
    #expect(wrong == nil)
  }

  /// A zone file without transitions, whose last line is `footer`.
  private func file(footer: String, version: UInt8 = 0x32) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }
    let header =
      Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
      + [0, 0, 0, 0, 1, 4].flatMap(number)
    let body = number(3600) + [0, 0] + Array("CET\0".utf8)
    return header + body + header + body + Array("\n\(footer)\n".utf8)
  }

  @Test func `a zone may begin with the big bang`() throws {
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 0xFF) } }
    let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
    let type = number(3600) + [0, 0] + Array("CET\0".utf8)
    let change: [UInt8] = [0xF8, 0, 0, 0, 0, 0, 0, 0]
    let rules = try #require(
      TimeZoneRules(
        name: "Test",
        zoneFile: header + [0, 0, 0, 0, 1, 4].flatMap(number) + type + header
          + [0, 0, 0, 1, 1, 4].flatMap(number) + change + [0] + type + Array("\n\n".utf8)))
    let now = Timestamp(seconds: 1_767_236_400)
    let expression = try CalendarExpression(parsing: "*-*-* 05:00:00", zone: { _ in nil })
    #expect(expression.next(after: now, local: rules) == now.advanced(by: .seconds(3600)))
  }

  @Test(arguments: [
    ("<-03>3", "2026-01-01 00:00:00"), ("CET-1", "2026-01-01 04:00:00"),
    ("A-1B,J60/0,J300", "2026-01-01 04:00:00"), ("A-1B,0/0,J365/25", "2026-01-01 05:00:00"),
    ("NST3:30NDT,M3.2.0,M11.1.0", "2025-12-31 23:30:00"),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01 14:00:00"),
  ])
  func `follows the rule at the end of the file`(footer: String, shown: String) throws {
    let rules = try #require(TimeZoneRules(name: "Test", zoneFile: file(footer: footer)))
    #expect(rules.text(1_767_236_400_000_000_000) == shown)
  }

  @Test(arguments: [
    "CET", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/3x",
    "<CET-1", "CET-200", "-1",
  ])
  func `a file with an invalid rule is rejected`(footer: String) {
    #expect(TimeZoneRules(name: "Test", zoneFile: file(footer: footer)) == nil)
  }

  @Test func `the first and the last representable moment have a text`() throws {
    let east = try #require(TimeZoneRules(name: "Test", zoneFile: file(footer: "<+14>-14")))
    for rules in [TimeZoneRules.utc, east] {
      #expect(rules.text(.min).hasPrefix("1677-09-2"))
      #expect(rules.text(.max).hasPrefix("2262-04-1"))
    }
  }

  @Test func `a truncated or altered file is rejected or another zone, and never a crash`() throws {
    var bytes: [UInt8] = []
    let path = try #require(fopen("/usr/share/zoneinfo/Europe/Berlin", "r"))
    defer { fclose(path) }
    while case let byte = getc(path), byte != EOF { bytes.append(UInt8(byte)) }
    for length in stride(from: 0, to: bytes.count - 60, by: 7) {
      #expect(TimeZoneRules(name: "Cut", zoneFile: Array(bytes[..<length])) == nil)
    }
    for index in bytes.indices {
      var altered = bytes
      altered[index] ^= 0xFF
      _ = TimeZoneRules(name: "Altered", zoneFile: altered)?.text(1_767_236_400_000_000_000)
    }
  }
}
