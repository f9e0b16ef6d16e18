package import CommandLine
package import Control
import Monitor
package import Series

/// A list of metrics.
package struct MetricsReport {
  /// The sort order.
  package enum Order: String, CaseIterable {
    case name, score, level
  }

  /// The metrics in order.
  package let metrics: [MetricSummary]
  private let now: Timestamp

  package init(metrics: [MetricSummary], order: Order, now: Timestamp) {
    self.now = now
    self.metrics = metrics.sorted { a, b in
      switch order {
      case .score where a.score != b.score: a.score > b.score
      case .level where a.level != b.level: a.level > b.level
      case .name, .score, .level: a.name < b.name
      }
    }
  }

  /// The list in lines, heading first.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    var table = Table([
      .name("metric"), .text("state", yields: true), .number("value"),
      .number("expected").optional(1), .text("band").optional(2), .number("score"),
      .number("level").optional(4), .text("last seen").optional(3), .number("gaps").optional(5),
    ])
    for metric in metrics {
      let reading = Phrases.reading(
        of: metric.name, metric.value, metric.expected, metric.lower, metric.upper)
      table.add([
        Table.Cell(metric.name, metric.state == .anomalous ? .bad : nil),
        Table.Cell(Phrases.state(metric, now: now), Phrases.tint(metric.state)),
        Table.Cell(reading.value), Table.Cell(reading.expected), Table.Cell(reading.band),
        Table.Cell(Phrases.score(metric.score, of: metric)),
        Table.Cell(Phrases.score(metric.level, of: metric)),
        Table.Cell(Phrases.ago(metric.lastSeen, now: now)),
        Table.Cell(HumanNumber.count(metric.gaps), metric.gaps > 0 ? nil : .faint),
      ])
    }
    return table.lines(width: width, style: style)
  }
}
