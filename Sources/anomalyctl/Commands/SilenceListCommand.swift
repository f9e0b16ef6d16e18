import CommandLine
import Control

extension Command {
  /// `anomalyctl silence list`.
  package static let silenceList = Command(
    Usage(
      command: "anomalyctl silence list",
      summary: "List silences: those that hold, and those that are to come",
      options: [
        .flag("all", short: "a", help: "Those that ended in the last day, too"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl silence list", "What is silenced now, and for how long still?"),
        .init(
          "anomalyctl silence list --json | jq -r 'select(.state == \"active\").id'",
          "What holds now, by name or number."
        ),
      ]
    )
  ) { arguments, console in
    let all = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.silences()
    }
    let silences = all.filter { arguments.has("all") || $0.state != .ended }
    if arguments.has("json") {
      try console.write(lines: silences.map { MessageJSON.line($0) })
    } else if silences.isEmpty {
      console.note("no silence holds or is to come\n")
    } else {
      let report = SilencesReport(silences: silences, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }

  /// `anomalyctl silence remove`.
  package static let silenceRemove = Command(
    Usage(
      command: "anomalyctl silence remove",
      summary: "End a silence that was added",
      details: """
        Outputs are told of the events that are open then. Only root and the group anomalyd-admin \
        may end one. One of the configuration ends there.
        """,
      arguments: [.init("ID", help: "Its number, as 'anomalyctl silence list' shows it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [.init("anomalyctl silence remove 3", "The backup was done sooner than expected.")]
    )
  ) { arguments, console in
    let silence = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.removeSilence(arguments.positional[0])
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(silence) + "\n")
    } else {
      try console.write(
        "silence \(silence.id) of \(SilencesReport.subject(of: silence)) is over\n")
    }
  }
}
