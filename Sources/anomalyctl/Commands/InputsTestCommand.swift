import CommandLine
import Config
import Daemon

extension Command {
  /// `anomalyctl inputs test`.
  package static let inputsTest = Command(
    Usage(
      command: "anomalyctl inputs test",
      summary: "Read inputs once, as the daemon would, and print what it would have got",
      details: """
        Needs no daemon and does not disturb one: no position is read or saved, and a serial line \
        that the daemon has open is left to it. Files are read from their beginning, five seconds \
        at most; serial lines are listened to for five seconds; of this host two readings are \
        taken, one interval apart, as rates need that.

        It reads with the permissions of who calls it, not with those of the service.
        """,
      arguments: [.init("NAME", .any, help: "Inputs to try (default: all of the configuration)")],
      options: [
        LocalSettings.option,
        .value("for", "DURATION", help: "Read for so long, such as 30s or 5min"),
        DaemonAccess.jsonOption,
      ],
      examples: [
        .init("anomalyctl inputs test", "Would every input deliver?"),
        .init("anomalyctl inputs test pump --for 1min", "What does the pump's sensor say?"),
        .init(
          "anomalyctl inputs test --config new.conf --json | jq -r '.metrics[].name'",
          "The metrics that a new configuration would bring."
        ),
      ],
      exitCodes: [
        .init(0, "every input delivered and nothing was wrong"),
        .init(1, "something is wrong with an input, or nothing came from it"),
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
      let trial = try InputTrial(section, of: settings)
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
      throw CommandFailure("something is wrong with \(names)")
    }
  }
}

/// Which inputs are tried, and for how long.
private enum InputChoice {
  static func sections(
    _ names: [String],
    of settings: Settings
  ) throws(UsageError) -> [Settings.Input] {
    if names.isEmpty { return settings.inputs }
    var sections: [Settings.Input] = []
    for name in names {
      guard let section = settings.inputs.first(where: { $0.name == name }) else {
        let known = settings.inputs.map(\.name)
        throw .invalidValue(
          of: "NAME",
          value: name,
          expected: "an input of the configuration: \(known.joined(separator: ", "))",
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
