import CommandLine
import Config
import Daemon

extension Command {
  /// `anomalyctl inputs test`.
  package static let inputsTest = Command(
    Usage(
      command: "anomalyctl inputs test",
      summary: "Read inputs once, as the daemon would, and print the data",
      details: """
        Needs no daemon and does not disturb one: no position is read or saved, and a serial line \
        that the daemon has open is not touched. Files are read from their beginning, for at most \
        five seconds; serial lines are read for five seconds; this host is read twice, one \
        interval apart, because rates need that.

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
          "anomalyctl inputs test pump --for 1min", "Listen to the pump's sensor for a minute."),
        .init(
          "anomalyctl inputs test --config new.conf --json | jq -r '.metrics[].name'",
          "The metrics of a new configuration."
        ),
      ],
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
