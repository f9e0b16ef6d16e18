import CommandLine
import Control

extension Command {
  /// `anomalyctl outputs`.
  package static let outputs = Command(
    Usage(
      command: "anomalyctl outputs",
      summary: "List outputs and the health of their endpoints",
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
      examples: [
        .init("anomalyctl outputs", "All outputs and the state of delivery."),
        .init(
          "anomalyctl outputs --json | jq .delivery.lastAnswer", "The last answers of endpoints."),
      ]
    )
  ) { arguments, console in
    let reply = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status()
    }
    if arguments.has("json") {
      try console.write(lines: reply.outputs.map { MessageJSON.line($0) })
    } else {
      let report = OutputsReport(outputs: reply.outputs, now: reply.now)
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}
