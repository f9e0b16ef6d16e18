import Daemon
import Detection
import Events
import FoundationEssentials
import Inputs
import Monitor
import Series
import Support
import Testing

/// Fifteen stretches of eleven days without incidents, as if one host had them all. With BUDGETS,
/// such as `0.5,1,2`, these budgets are tried and their table is printed.
@Suite struct BudgetTests {
  private static let folder = "data/kpi_web_clean"

  private static let budgets: [Double] =
    ProcessInfo.processInfo.environment["BUDGETS"]?.split(separator: ",").compactMap {
      Double($0)
    } ?? [2]

  @Test(
    .enabled(if: SharedData.has(BudgetTests.folder), "\(SharedData.absent)"),
    arguments: BudgetTests.budgets)
  func `a host without incidents gets as many false alarms as its budget allows`(
    alarmsPerDay: Double
  ) throws {
    let paths = try FileManager.default.contentsOfDirectory(
      atPath: SharedData.path(BudgetTests.folder)
    ).sorted()
    let series = try paths.map { file in
      let configuration = TableSection()
      let path = SharedData.path(BudgetTests.folder + "/" + file)
      let recording = try CSVFile.read(path: path, table: configuration)
      return try #require(recording.series.first { $0.label == "value" }).samples
    }
    let monitor = HostMonitor(
      limits: HostMonitor.Limits(metrics: series.count, history: 16), hostSeed: 1,
      alarmsPerDay: alarmsPerDay
    ) { _ in .watch(DetectorConfiguration(), sharesHostBudget: true) }
    let metrics = try series.indices.map { try #require(monitor.metric(named: name("m\($0)"))) }
    let longest = series.map(\.count).max() ?? 0
    for row in 0..<longest {
      for (index, samples) in series.enumerated() where row < samples.count {
        // On one host all begin at once.
        let moment = Timestamp(seconds: 1_700_000_000 + 60 * Double(row))
        monitor.receive(
          Sample(timestamp: moment, value: samples[row].value), of: metrics[index])
      }
    }
    let charges = monitor.takeSteps().map(\.charge)
    let calls = charges.count { $0 == .host }
    let events = calls + charges.count { $0 == .share }
    let days = Double(longest - ValueDetector.warmUpSamples) / 1440
    let rate = Double(calls) / days
    print(
      "budget \(alarmsPerDay)/day: \(calls) calls for \(events) events in \(days) days, "
        + "\(rate / alarmsPerDay) of the budget")
    // No metric alarms more often than once in so many samples, however large the budget.
    let most = Double(series.count) * 1440 / HostBudget.fewestSamplesPerAlarm
    #expect((0.5...2).contains(rate / min(alarmsPerDay, most)))
  }
}
