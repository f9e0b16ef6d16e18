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
        Outputs are notified, including who closed it and why. No further event opens on that \
        metric until it has been normal again. Requires root or membership in the group \
        anomalyd-admin.
        """,
      arguments: [
        .init("EVENT", help: "The event's id, or a prefix or suffix of it (see 'events')")
      ],
      options: [
        .value("reason", "TEXT", help: "The reason, for the record"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl events close 3f2a91c4 --reason 'disk is replaced tomorrow'",
          "Nobody needs to look into this any more."
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
      try console.write(lines: [reply.closed ? sentence : "it was already closed: \(sentence)"])
    }
  }
}
