import CommandLine
import Detection
import Events
import FoundationEssentials
import Outputs
import Series

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
    let metrics = results.flatMap(\.metrics)
    let events = metrics.flatMap(\.events)
    guard !events.isEmpty else { return [summary] }
    // Where a sentence does not fit, a word stands for it and is explained below.
    let isWide = (console.width ?? .max) >= BacktestReport.wide
    var columns: [Table.Column] = [
      .text("opened (UTC)"), .text("closed"), .number("value"), .number("expected"), .text("band"),
      .number("peak"), .text(isWide ? "because" : "reason"),
    ]
    if metrics.count > 1 { columns.insert(.text("metric", yields: true), at: 2) }
    var table = Table(columns)
    for event in events {
      let band =
        event.lower.isFinite && event.upper.isFinite
        ? "\(HumanNumber.value(event.lower)) to \(HumanNumber.value(event.upper))" : "-"
      var cells = [
        Table.Cell(BacktestReport.brief(event.opened)),
        BacktestReport.closing(event),
        Table.Cell(HumanNumber.value(event.value), .strong),
        Table.Cell(HumanNumber.value(event.expected)),
        Table.Cell(band),
        Table.Cell(HumanNumber.fixed(Double(event.peakScore), decimals: 1)),
        Table.Cell(
          isWide ? event.symbolSentence ?? event.cause.explanation : event.cause.name),
      ]
      if metrics.count > 1 { cells.insert(Table.Cell(event.metric.text), at: 2) }
      table.add(cells)
    }
    let reasons = isWide ? [] : Set(events.map(\.cause.name)).sorted()
    let legend = reasons.map {
      console.style.faint("\($0): \(Phrases.reason($0))")
    }
    return table.lines(width: console.width, style: console.style) + legend + ["", summary]
  }

  /// Columns of a terminal from which on whole sentences fit into the table.
  private static let wide = 150

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

  /// Date and time of day, with fractions of a second only where there are some.
  private static func brief(_ moment: Timestamp) -> String {
    let text = moment.iso8601
    return "\(text.prefix(10)) "
      + text.dropFirst(11).dropLast(text.hasSuffix(".000Z") ? 5 : 1)
  }

  /// The end of an event; the date is left out where less than a day has passed.
  private static func closing(_ event: Event) -> Table.Cell {
    guard let closed = event.closed else { return Table.Cell("open", .warning) }
    let text = brief(closed)
    let isWithinADay = closed.elapsed(since: event.opened) < .seconds(86_400)
    return Table.Cell(isWithinADay ? String(text.dropFirst(11)) : text)
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
