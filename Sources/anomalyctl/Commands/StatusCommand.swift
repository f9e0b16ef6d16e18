import CommandLine
import Control

extension Command {
  /// `anomalyctl status`.
  package static let status = Command(
    Usage(
      command: "anomalyctl status",
      summary: "Show the state of the daemon, its inputs and outputs, and current problems",
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl status", "Problems first, then the rest."),
        .init(
          "anomalyctl status --json | jq -r '.incidents[].sentence'",
          "What is wrong now, one line per incident."
        ),
      ],
      json: "One object, the reply of Status in io.anomalyd(7)."
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status()
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(reply) + "\n")
    } else {
      try console.write(
        lines: StatusReport(reply: reply).lines(width: console.width, style: console.style)
      )
    }
  }
}
