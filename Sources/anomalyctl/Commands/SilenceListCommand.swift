import CommandLine
import Control

extension Command {
  /// `anomalyctl silence list`.
  package static let silenceList = Command(
    Usage(
      command: "anomalyctl silence list",
      summary: "List active and upcoming silences",
      options: [
        .flag("all", short: "a", help: "Include those that ended in the last day"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl silence list", "What is silenced now, and for how much longer?"),
        .init(
          "anomalyctl silence list --json | jq -r 'select(.state == \"active\").id'",
          "The active ones, by name or number."
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
      console.note("no active or upcoming silences\n")
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
        Outputs are notified of the events that are still open. Only root and the group \
        anomalyd-admin may end one. Silences of the configuration are ended there.
        """,
      arguments: [.init("SILENCE", help: "Its number, as 'anomalyctl silence list' shows it")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [.init("anomalyctl silence remove 3", "The backup finished early.")]
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
