import CommandLine
import Evaluation
import FoundationEssentials
import Series

/// The results of recordings with several budgets of the host, for people and for scripts.
struct BudgetReport: Sendable {
  /// In alarms a day, one for each result.
  let budgets: [Double]
  let results: [BacktestResult]

  /// One budget and its result.
  private struct Row: Encodable {
    var budget: Double
    var events: Int
    var incidents: Int
    /// Days in which events could open, without the warm-up.
    var days: Double
    /// Notified incidents a day; null if no time has passed.
    var incidentsPerDay: Double?
    /// The same as a share of the budget.
    var shareOfBudget: Double?

    init(_ budget: Double, _ result: BacktestResult) {
      self.budget = budget
      events = result.outcome.events.count
      incidents = result.notifiedIncidents
      days = result.outcome.watchedDays
      incidentsPerDay = days > 0 ? Double(incidents) / days : nil
      shareOfBudget = incidentsPerDay.map { $0 / budget }
    }

    enum CodingKeys: String, CodingKey {
      case budget, events, incidents, days
      case incidentsPerDay = "incidents_per_day"
      case shareOfBudget = "share_of_budget"
    }
  }

  private var rows: [Row] { zip(budgets, results).map { Row($0, $1) } }

  /// A table of the budgets.
  func text(_ console: Console) -> [String] {
    var table = Table([
      .number("budget a day"), .number("events"), .number("incidents"), .number("a day"),
      .number("of the budget"),
    ])
    for row in rows {
      table.add([
        Table.Cell(HumanNumber.value(row.budget)),
        Table.Cell(HumanNumber.count(row.events)),
        Table.Cell(HumanNumber.count(row.incidents), .strong),
        Table.Cell(row.incidentsPerDay.map { HumanNumber.fixed($0, decimals: 2) } ?? "-"),
        Table.Cell(row.shareOfBudget.map { HumanNumber.fixed($0, decimals: 2) } ?? "-"),
      ])
    }
    let first = results.first
    let metrics = first?.outcome.metrics.count ?? 0
    return table.lines(width: console.width, style: console.style) + [
      "",
      "\(HumanNumber.count(first?.samples ?? 0)) samples of "
        + "\(HumanNumber.count(metrics)) metric\(metrics == 1 ? "" : "s"), "
        + "\(HumanNumber.fixed(rows.first?.days ?? 0, decimals: 1)) days after the warm-up",
    ]
  }

  /// One JSON object per line, one for each budget.
  func json() throws -> [String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try rows.map {
      PrintableText.json(String(decoding: try encoder.encode($0), as: UTF8.self))
    }
  }
}
