import CommandLine
import Control
import Series

extension Command {
  /// `anomalyctl show`.
  package static let show = Command(
    Usage(
      command: "anomalyctl show",
      summary: "Show one metric: recent samples, expected value and evidence",
      arguments: [.init("METRIC", help: "Name of the metric, as 'anomalyctl metrics' lists it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [
        .init("anomalyctl show cpu.busy", "Why does it alarm on the CPU?"),
        .init(
          "anomalyctl show cpu.busy --json | jq '.history[-1]'",
          "Its latest sample."
        ),
      ]
    )
  ) { arguments, console in
    let name = arguments.positional[0]
    let detail = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> Result<MetricDetail, CommandFailure> in
      do throws(ControlClientError) {
        return .success(try client.showMetric(name))
      } catch .refused(.noSuchMetric) {
        var names: [String] = []
        try client.listMetrics(MetricListRequest()) { names += $0.map(\.name) }
        return .failure(CommandFailure(NoSuchMetric(name: name, known: names).message))
      }
    }.get()
    if arguments.has("json") {
      try console.write(MessageJSON.line(detail) + "\n")
    } else {
      let report = MetricReport(detail: detail, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

/// The error for an unknown metric.
package struct NoSuchMetric {
  package let name: String
  package let known: [String]

  package init(name: String, known: [String]) {
    self.name = name
    self.known = known
  }

  /// The message, with suggested names.
  package var message: String {
    let word = name.lowercased()
    let near = NearMiss.of(name, among: known).map { [$0] } ?? []
    let parts = known.filter { $0.lowercased().contains(word) && !near.contains($0) }.sorted()
    let candidates = (near + parts).prefix(5)
    let head = "there is no metric '\(Layout.printable(name))'"
    return candidates.isEmpty
      ? "\(head); 'anomalyctl metrics' lists all \(HumanNumber.count(known.count))"
      : "\(head); did you mean \(candidates.joined(separator: ", "))?"
  }
}
