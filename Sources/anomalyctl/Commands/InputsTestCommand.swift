package import CommandLine
import Config
import Control
package import Daemon
import Events
import Inputs
import Series

extension Command {
  /// `anomalyctl inputs test`.
  package static let inputsTest = Command(
    Usage(
      command: "anomalyctl inputs test",
      summary: "Read inputs once, as the daemon would, and print the data",
      details: """
        Works without the daemon and does not interfere with it: no position is read or saved, and \
        a serial line that the daemon has open is not touched. Files are read from the beginning \
        for at most five seconds; serial lines are read for five seconds; this host is read twice, \
        one interval apart, as rates require.

        Inputs are read with the caller's permissions, not with those of the service.
        """,
      arguments: [.init("INPUT", .any, help: "Inputs to test (default: all configured inputs)")],
      options: [
        LocalSettings.option,
        .value("for", "DURATION", help: "How long to read, such as 30s or 5min"),
        DaemonAccess.jsonOption,
      ],
      examples: [
        .init("anomalyctl inputs test", "Test every input."),
        .init(
          "anomalyctl inputs test pump --for 1min", "Read the pump's sensor for a minute."),
        .init(
          "anomalyctl inputs test --config new.conf --json | jq -r '.metrics[].name'",
          "The metrics of a new configuration."
        ),
      ],
      json: """
        One object per input: input, type, source, ok, complete (whether all of it was read), \
        samples, malformed, gaps, problems (sentences), metrics (name, unit, ignored, samples, \
        gaps; first and newest: at, value; newestEvent: at, id).
        """,
      exitCodes: [
        .init(0, "every input delivered without errors"),
        .init(1, "an input failed, or delivered nothing"),
        .wrongUsage, .invalidConfiguration,
      ]
    )
  ) { arguments, console in
    let limit = try InputChoice.duration(arguments)
    let settings = try LocalSettings.load(arguments)
    let sections = try InputChoice.sections(arguments.positional, of: settings)
    if let refusal = settings.refusals.first {
      throw CommandFailure("invalid configuration:\n\(refusal)", exitCode: 78)
    }
    var bad: [String] = []
    for (index, section) in sections.enumerated() {
      let trial = InputTrial(section, of: settings)
      if let announcement = trial.announcement(for: limit) {
        console.note("\(Layout.printable(section.name)): \(announcement)\n")
      }
      let report = InputTrialReport(trial.run(for: limit))
      if !report.result.problems.isEmpty { bad.append(section.name) }
      if arguments.has("json") {
        try console.write(report.json + "\n")
      } else {
        let lines = report.lines(width: console.width, style: console.style)
        try console.write(lines: (index > 0 ? [""] : []) + lines)
      }
    }
    if !bad.isEmpty {
      let names = Layout.printable(bad.joined(separator: ", "))
      throw CommandFailure("problems with \(names)")
    }
  }
}

/// Which inputs are tested, and for how long.
private enum InputChoice {
  static func sections(
    _ names: [String],
    of settings: Settings
  ) throws(UsageError) -> [Settings.Component] {
    if names.isEmpty { return settings.inputs }
    var sections: [Settings.Component] = []
    for name in names {
      guard let section = settings.inputs.first(where: { $0.name == name }) else {
        let known = settings.inputs.map(\.name)
        throw .invalidValue(
          of: "INPUT",
          value: name,
          expected: "a configured input: \(known.joined(separator: ", "))",
          suggestion: NearMiss.of(name, among: known)
        )
      }
      sections.append(section)
    }
    return sections
  }

  /// `--for`.
  static func duration(_ arguments: Arguments) throws(UsageError) -> Duration? {
    guard let text = arguments.value("for") else { return nil }
    guard let span = TimeSpan.parse(text), span > .zero, span <= .seconds(86_400) else {
      throw .invalidValue(
        of: "--for",
        value: text,
        expected: "a time span such as 30s or 5min, at most 1d",
        suggestion: nil
      )
    }
    return span
  }
}

/// The result of trying an input, as text and as JSON.
package struct InputTrialReport {
  package let result: InputTrialResult

  package init(_ result: InputTrialResult) {
    self.result = result
  }

  /// The report in lines.
  /// - Parameter width: columns of the terminal; nil for lines of any length.
  package func lines(width: Int? = nil, style: Style = .plain) -> [String] {
    let title = "\(result.name): \(result.type), \(result.subject) \(result.rhythm)"
    var lines = [style.bold(Layout.printable(title))]
    if !result.metrics.isEmpty {
      lines += table.lines(width: width, style: style, indent: 2)
    }
    lines += result.notices.filter { $0.severity == .info }.map {
      "  \(Layout.printable($0.text))"
    }
    lines += result.problems.map { "  \(style.bad("!")) \(Layout.printable($0))" }
    return lines + ["  " + summary(style)]
  }

  private var table: Table {
    var table = Table([
      .name("metric"), .number("first").optional(2), .number("latest"), .text("unit"),
      .number("samples"), .text("latest at").optional(1), .text("note"),
    ])
    for metric in result.metrics {
      table.add([
        Table.Cell(metric.name.text), value(metric.first), value(metric.newest),
        Table.Cell(MetricUnit(of: metric.name)?.symbol ?? ""),
        Table.Cell(HumanNumber.count(metric.samples)),
        Table.Cell(
          (metric.newest?.timestamp ?? metric.newestEvent?.at).map { Phrases.date($0) }
            ?? ""),
        Table.Cell(note(metric)),
      ])
    }
    return table
  }

  private func value(_ sample: Sample?) -> Table.Cell {
    guard let sample else { return "" }
    return Table.Cell(sample.value.isFinite ? HumanNumber.value(sample.value) : "gap")
  }

  private func note(_ metric: TrialMetric) -> String {
    if metric.isIgnored { return "ignored by the configuration" }
    if let event = metric.newestEvent { return "events, latest \(Layout.printable(event.id))" }
    return metric.gaps > 0 ? HumanNumber.counted(metric.gaps, "gap") : ""
  }

  private func summary(_ style: Style) -> String {
    var parts = [
      "\(HumanNumber.counted(result.metrics.count, "metric")), "
        + "\(HumanNumber.counted(result.samples, "sample")) in "
        + HumanNumber.duration(result.took)
    ]
    if let lag = result.health.lagBytes, lag > 0, !result.isComplete {
      parts.append("\(HumanNumber.bytes(lag)) left unread")
    }
    let malformed = result.health.malformed
    if malformed > 0 { parts.append(style.warning("\(HumanNumber.count(malformed)) malformed")) }
    parts.append(
      result.problems.isEmpty ? style.good("no errors") : style.bad("errors"))
    return parts.joined(separator: "; ")
  }

  /// The same as one JSON object on one line.
  package var json: String {
    MessageJSON.line(
      InputTrialMessage(
        input: result.name,
        type: result.type,
        source: result.subject,
        ok: result.problems.isEmpty,
        complete: result.isComplete,
        samples: result.samples,
        malformed: result.health.malformed,
        gaps: result.health.gaps,
        problems: result.problems,
        metrics: result.metrics.map { metric in
          InputTrialMessage.Metric(
            name: metric.name.text,
            unit: MetricUnit(of: metric.name)?.symbol,
            ignored: metric.isIgnored,
            samples: metric.samples,
            gaps: metric.gaps,
            first: metric.first.map(InputTrialMessage.Reading.init),
            newest: metric.newest.map(InputTrialMessage.Reading.init),
            newestEvent: metric.newestEvent.map {
              InputTrialMessage.Event(at: $0.at, id: $0.id)
            }
          )
        }
      ))
  }
}

/// The result of trying an input as JSON.
private struct InputTrialMessage: Encodable {
  struct Metric: Encodable {
    var name: String
    var unit: String?
    var ignored: Bool
    var samples: Int
    var gaps: Int
    var first: Reading?
    var newest: Reading?
    /// The latest event; nil if it delivers values.
    var newestEvent: Event?
  }

  struct Event: Encodable {
    var at: Timestamp
    var id: String
  }

  struct Reading: Encodable {
    var at: Timestamp
    /// Nil for a gap.
    var value: Double?

    init(_ sample: Sample) {
      at = sample.timestamp
      value = sample.value.isFinite ? sample.value : nil
    }
  }

  var input: String
  var type: String
  var source: String
  var ok: Bool
  var complete: Bool
  var samples: Int
  var malformed: Int
  var gaps: Int
  var problems: [String]
  var metrics: [Metric]
}
