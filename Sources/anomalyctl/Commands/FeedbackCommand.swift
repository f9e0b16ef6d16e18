import CommandLine
package import Control
import Detection
import Events
import Series

extension Command {
  /// `anomalyctl feedback`.
  package static let feedback = Command(
    Usage(
      command: "anomalyctl feedback",
      summary: "Mark an incident or an event as a false alarm or as confirmed",
      details: """
        Feedback on an incident applies to each of its events. A false alarm raises the bar for \
        the contributing kinds of evidence, on that metric only, just enough that such an event \
        would not have opened, by at most 3.5 decades per kind. A confirmation halves any offsets \
        from earlier false alarms for the contributing kinds, and the storm guard forgets the \
        event. Effects halve every 14 days; --withdraw reverts them at once. 'anomalyctl show \
        METRIC' shows the offsets in effect. Requires root or membership in the group \
        anomalyd-admin.
        """,
      arguments: [
        .init(
          "INCIDENT",
          help:
            "The id of an incident or event, or a prefix or suffix of it (see 'incidents', "
            + "'events')")
      ],
      options: [
        .flag("false-alarm", help: "Nothing was wrong"),
        .flag("confirmed", help: "Something was wrong"),
        .flag("withdraw", help: "Revert earlier feedback"),
        .value("note", "TEXT", help: "A comment, stored with the event"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl feedback 7d2f --false-alarm --note 'nightly backup'",
          "Do not alarm on any of this again."
        ),
        .init("anomalyctl feedback 3f2a91c4 --withdraw", "It was not the backup after all."),
      ],
      json: "One object, the reply of SetFeedback in io.anomalyd(7)."
    )
  ) { arguments, console in
    let words: [(option: String, judgement: Judgement)] = [
      ("false-alarm", .falseAlarm), ("confirmed", .confirmed), ("withdraw", .withdrawn),
    ]
    let given = words.filter { arguments.has($0.option) }
    guard let first = given.first else {
      throw UsageError.missingArgument("--false-alarm, --confirmed or --withdraw")
    }
    if given.count > 1 {
      throw UsageError.conflict("--\(first.option) and --\(given[1].option) are mutually exclusive")
    }
    if let note = arguments.value("note"), note.utf8.count > Feedback.maximumNoteBytes {
      throw UsageError.invalidValue(
        of: "--note", value: String(note.prefix(20)) + "...",
        expected: "at most \(Feedback.maximumNoteBytes) bytes", suggestion: nil)
    }
    let id = arguments.positional[0]
    let request = FeedbackRequest(
      id: id, judgement: first.judgement, note: arguments.value("note"))
    let reply = try EventID.ask(about: id, arguments) {
      client throws(ControlClientError) in try client.setFeedback(request)
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(reply) + "\n")
    } else {
      try console.write(lines: FeedbackReport(reply: reply).lines)
    }
  }
}

/// The effect of feedback.
package struct FeedbackReport {
  package let reply: FeedbackReply

  package init(reply: FeedbackReply) {
    self.reply = reply
  }

  /// The increases of evidence offsets, such as `jump by 0.8 decades`.
  static func raises(_ raised: [EvidenceReading]) -> String {
    raised.map {
      "\(Layout.printable($0.kind)) by \(HumanNumber.fixed($0.decades, decimals: 2)) decades"
    }.joined(separator: ", ")
  }

  /// The report in lines.
  package var lines: [String] {
    let first = FeedbackEffectMessage(
      metric: reply.event.event.metric, raised: reply.raised, wouldStillOpen: reply.wouldStillOpen)
    return lines(first) + reply.others.flatMap { lines($0) }
  }

  private func lines(_ effect: FeedbackEffectMessage) -> [String] {
    let metric = Layout.printable(effect.metric)
    guard let wouldStillOpen = effect.wouldStillOpen else {
      return [
        (reply.others.isEmpty ? "" : "\(metric): ")
          + "stored with the event; detection does not change, because a limit or a stall opened it "
          + "or its metric is gone"
      ]
    }
    return [
      effect.raised.isEmpty
        ? "\(metric): no offset is in effect any more"
        : "\(metric): raised, \(FeedbackReport.raises(effect.raised))",
      wouldStillOpen
        ? "an event with the same evidence would still open"
        : "such an event would no longer open",
    ]
  }
}
