import FoundationEssentials
import Measuring
import Testing

@Suite struct ReportTests {
  /// What readers of the JSON rely on.
  private struct Entry: Decodable, Equatable {
    struct Value: Decodable, Equatable {
      var median: Double
      var least: Double
      var greatest: Double
    }
    var section: String
    var name: String
    var unit: String
    var value: Value
  }

  @Test func `the table shows each measurement as soon as it is known`() {
    var lines: [String] = []
    var report = Report { lines.append($0) }
    report.begin("kernels", "times")
    report.note("step", [3, 1, 2], "ns", remark: "fast")
    report.note("nothing", [], "ns")
    report.skip("peer", because: "not here")
    #expect(lines.prefix(2) == ["", "kernels: times"])
    #expect(lines.count == 4)
    #expect(lines[2].hasPrefix("  step ") && lines[2].hasSuffix("fast"))
    #expect(lines[2].contains(" 2.00 (1.00-3.00) ns"))
    #expect(lines[3].hasPrefix("  peer ") && lines[3].hasSuffix("skipped: not here"))
  }

  @Test func `the JSON has section, name, unit, median and spread`() throws {
    var report = Report { _ in }
    report.begin("kernels", "times")
    report.note("step \"8\"", [3, 1, 2], "ns")
    report.begin("memory", "bytes")
    report.note("model", [42920], "B")
    let entries = try JSONDecoder().decode([Entry].self, from: Data(report.json()))
    #expect(
      entries == [
        Entry(
          section: "kernels", name: "step \"8\"", unit: "ns",
          value: .init(median: 2, least: 1, greatest: 3)),
        Entry(
          section: "memory", name: "model", unit: "B",
          value: .init(median: 42920, least: 42920, greatest: 42920)),
      ])
  }
}
