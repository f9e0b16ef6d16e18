import Detection
import FoundationEssentials
import Outputs
import Series
import Terminal

/// What `anomalyctl backtest` found, for people and for scripts.
struct BacktestReport: Sendable {
  /// One result per file, in the order of the command line.
  var results: [BacktestResult]
  /// The seed and the budget.
  var configuration: DetectorConfiguration
  /// From start to end.
  var elapsed: Duration

  /// A table of the events, then a summary.
  func text(_ console: Console) -> [String] {
    var table = Table([
      .text("opened"), .text("closed"), .text("metric", yields: true), .number("value"),
      .number("expected"), .text("band"), .number("peak"), .text("because", yields: true),
    ])
    for event in results.flatMap(\.metrics).flatMap(\.events) {
      let band =
        event.lower.isFinite && event.upper.isFinite
        ? "\(HumanNumber.value(event.lower)) to \(HumanNumber.value(event.upper))" : "-"
      table.add([
        Table.Cell(BacktestReport.brief(event.opened)),
        event.closed.map { Table.Cell(BacktestReport.brief($0)) } ?? Table.Cell("open", .warning),
        Table.Cell(event.metric.text),
        Table.Cell(HumanNumber.value(event.value), .strong),
        Table.Cell(HumanNumber.value(event.expected)),
        Table.Cell(band),
        Table.Cell(HumanNumber.fixed(Double(event.peakScore), decimals: 1)),
        Table.Cell(event.reason.explanation),
      ])
    }
    let lines = table.rows.isEmpty ? [] : table.lines(width: console.width, style: console.style)
    return lines + (lines.isEmpty ? [] : [""]) + [summary]
  }

  private var summary: String {
    let total = BacktestTotal(results)
    func count(_ number: Int, _ noun: String) -> String {
      "\(HumanNumber.count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
    var parts = [count(total.samples, "sample")]
    if total.metrics > 1 { parts[0] += " of \(count(total.metrics, "metric"))" }
    if total.gaps > 0 { parts.append(count(total.gaps, "gap")) }
    if total.malformed > 0 { parts.append(count(total.malformed, "malformed line")) }
    parts.append(count(total.events, "event"))
    if total.events > 0, let rate = total.alarmsPerDay {
      let often =
        rate < 1 ? "one in \(HumanNumber.value(1 / rate)) days" : "\(HumanNumber.value(rate)) a day"
      parts[parts.count - 1] += total.metrics > 1 ? " (\(often) per metric)" : " (\(often))"
    }
    if total.openEvents > 0 { parts.append("\(total.openEvents) of them open at the end") }
    parts.append("took \(HumanNumber.duration(elapsed))")
    return parts.joined(separator: ", ")
  }

  /// One JSON object a line: the events, then a summary.
  func json() throws -> [String] {
    var lines: [String] = []
    for event in results.flatMap(\.metrics).flatMap(\.events) {
      lines.append(try EventJSON(event).line())
    }
    let summary = Summary(
      BacktestTotal(results),
      configuration,
      seconds: elapsed / .seconds(1)
    )
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    lines.append(String(decoding: try encoder.encode(["summary": summary]), as: UTF8.self))
    return lines
  }

  /// RFC 3339 without fractions of a second, which few series have.
  private static func brief(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return text.hasSuffix(".000Z") ? text.dropLast(5) + "Z" : text
  }

  private struct Summary: Encodable {
    var files: Int
    var failedFiles: Int
    var metrics: Int
    var samples: Int
    var gaps: Int
    var malformed: Int
    var events: Int
    var openEvents: Int
    var days: Double
    var alarmsPerDay: Double?
    var seed: UInt64
    var budget: Double
    var seconds: Double

    init(_ total: BacktestTotal, _ configuration: DetectorConfiguration, seconds: Double) {
      files = total.files
      failedFiles = total.failedFiles
      metrics = total.metrics
      samples = total.samples
      gaps = total.gaps
      malformed = total.malformed
      events = total.events
      openEvents = total.openEvents
      days = total.days
      alarmsPerDay = total.alarmsPerDay
      seed = configuration.seed
      budget = configuration.alarmBudget
      self.seconds = seconds
    }

    enum CodingKeys: String, CodingKey {
      case files, metrics, samples, gaps, malformed, events, days, seed, budget, seconds
      case failedFiles = "failed_files"
      case openEvents = "open_events"
      case alarmsPerDay = "alarms_per_day"
    }
  }
}
