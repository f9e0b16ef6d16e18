import CommandLine
import Control
import Events
import Series

extension Command {
  /// `anomalyctl events close`.
  package static let closeEvent = Command(
    Usage(
      command: "anomalyctl events close",
      summary: "Close an open event by hand",
      details: """
        Outputs are notified of the close, with who closed it and why. No other event opens on that \
        metric until it was normal again. Requires root or membership in the group anomalyd-admin.
        """,
      arguments: [
        .init("EVENT", help: "The event's id, or its beginning or end (see 'events')")
      ],
      options: [
        .value("reason", "TEXT", help: "Why, for those who read it later"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl events close 3f2a91c4 --reason 'disk is replaced tomorrow'",
          "Nobody needs to look at this any more."
        )
      ],
      json: "One object, the reply of CloseEvent in io.anomalyd(7)."
    )
  ) { arguments, console in
    if let reason = arguments.value("reason"),
      reason.utf8.count > ManualClosing.maximumReasonBytes
    {
      throw UsageError.invalidValue(
        of: "--reason", value: String(reason.prefix(20)) + "...",
        expected: "at most \(ManualClosing.maximumReasonBytes) bytes", suggestion: nil)
    }
    let id = arguments.positional[0]
    let request = CloseEventRequest(id: id, reason: arguments.value("reason"))
    let reply = try EventID.ask(about: id, arguments) {
      client throws(ControlClientError) in try client.closeEvent(request)
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(reply) + "\n")
    } else {
      let sentence = Layout.printable(reply.event.sentence)
      try console.write(lines: [reply.closed ? sentence : "it had been closed before: \(sentence)"])
    }
  }
}
