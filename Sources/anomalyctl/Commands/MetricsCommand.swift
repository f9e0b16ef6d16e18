package import CommandLine
package import Control
import Monitor
package import Series

extension Command {
  /// `anomalyctl metrics`.
  package static let metrics = Command(
    Usage(
      command: "anomalyctl metrics",
      summary: "List metrics with their latest value, expected value and score",
      details: """
        The band contains 99% of normal samples. The score is log10 of the number of normal \
        samples per alarm at that score: at 3, one normal sample in a thousand scores as high. The \
        level is the score smoothed over the last 50 samples.

        --openmetrics prints metrics about the daemon itself, as TextfileMetrics= of [Agent] \
        writes them for node_exporter; with a PATTERN also the state, score, value and expected \
        value of matching metrics, four series each.
        """,
      arguments: [
        .init("PATTERN", .optional, help: "Only names that match, with *, ? and [...]; quote it")
      ],
      options: [
        .choice(
          "state",
          MetricState.allCases.map(\.rawValue),
          help: "Only metrics in this state"
        ),
        .choice(
          "sort",
          MetricsReport.Order.allCases.map(\.rawValue),
          help: "By name (default), or highest score or level first"
        ),
        .flag("openmetrics", help: "Print metrics about the daemon itself, in OpenMetrics format"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init("anomalyctl metrics --state anomalous", "Current anomalies."),
        .init("anomalyctl metrics 'disk.*' --sort level", "The most unusual disk first."),
        .init("anomalyctl metrics --json | jq -r .name", "All names."),
        .init("anomalyctl metrics --openmetrics", "The state of the daemon, for Prometheus."),
      ],
      json: "Type Metric of io.anomalyd(7), one per line."
    )
  ) { arguments, console in
    let request = MetricListRequest(
      pattern: arguments.positional.first,
      state: arguments.value("state").flatMap(MetricState.init(rawValue:))
    )
    let order = arguments.value("sort").flatMap(MetricsReport.Order.init(rawValue:)) ?? .name
    let asksForOpenMetrics = arguments.has("openmetrics")
    var metrics: [MetricSummary] = []
    var status: StatusReply?
    let isPattern = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      do throws(ControlClientError) {
        if asksForOpenMetrics { status = try client.status() }
        if !asksForOpenMetrics || request.pattern != nil {
          try client.listMetrics(request) { metrics += $0 }
        }
        return true
      } catch .refused(.invalidParameter("pattern")) {
        return false
      }
    }
    if let pattern = request.pattern, !isPattern { throw MetricPattern.refusal(of: pattern) }
    if let status {
      return try console.write(OpenMetrics(status, metrics: metrics).text(.openMetrics))
    }
    let report = MetricsReport(metrics: metrics, order: order, now: DaemonAccess.now())
    if arguments.has("json") {
      try console.write(lines: report.metrics.map { MessageJSON.line($0) })
    } else if metrics.isEmpty {
      console.note("no metric matches\n")
    } else {
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

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
