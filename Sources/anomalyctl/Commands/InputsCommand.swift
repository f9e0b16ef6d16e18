import CommandLine
import Control

extension Command {
  /// `anomalyctl inputs`.
  package static let inputs = Command(
    Usage(
      command: "anomalyctl inputs",
      summary: "List the daemon's inputs with their health",
      details: """
        An input is ok; degraded, if it delivers but part of what it read in the last five minutes \
        failed or was malformed; failing, if nothing has arrived since its last error; or silent, \
        if it has delivered nothing for longer than StallAfter=, which also opens an event.

        'anomalyctl inputs test' reads them without the daemon.
        """,
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [
        .init("anomalyctl inputs", "All inputs and their health."),
        .init(
          "anomalyctl inputs --json | jq -r 'select(.state != \"ok\").name'",
          "Inputs with problems."
        ),
      ]
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status()
    }
    if arguments.has("json") {
      try console.write(lines: reply.inputs.map { MessageJSON.line($0) })
    } else if reply.inputs.isEmpty {
      console.note("the daemon has no inputs\n")
    } else {
      let report = InputsReport(reply.inputs, now: reply.now)
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}
