import CommandLine
import Control
import Monitor
import Series

extension Command {
  /// `anomalyctl models rollback`.
  package static let modelsRollback = Command(
    Usage(
      command: "anomalyctl models rollback",
      summary: "Roll models back to a snapshot",
      details: """
        Restores weights, scales, calibration, profiles and the sampling interval. Event history, \
        open events, feedback, alarm budget debt, counters, recent samples and input positions are \
        not changed; to the models, the time since the snapshot is a gap. A model stays frozen or \
        learning as it is now. Requires root or membership in the group anomalyd-admin.
        """,
      arguments: [
        .init("METRIC", .any, help: "Names or patterns with *, ? and [...]; quote patterns")
      ],
      options: [
        .value(
          "to", "SNAPSHOT",
          help:
            "Its name, or a time (2h, yesterday, 2026-11-20 14:00, UTC): the newest one before it"),
        .flag("all", help: "All metrics"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init(
          "anomalyctl models rollback --all --to before-upgrade",
          "Undo what was learnt since "
            + "the upgrade."),
        .init("anomalyctl models rollback 'disk.*' --to 2h", "As two hours ago."),
      ],
      json: "One object, the reply of RollBackModels in io.anomalyd(7)."
    )
  ) { arguments, console in
    guard let to = arguments.value("to") else { throw UsageError.missingArgument("--to") }
    let metrics = try RollbackReport.metrics(arguments)
    let reply = try ModelsAccess.ask(arguments) { client throws(ControlClientError) in
      var request = RollbackRequest(metrics: metrics)
      if let moment = SinceTime.parse(to, now: DaemonAccess.now()),
        try !client.snapshots().snapshots.contains(where: { $0.name == to })
      {
        request.before = moment
      } else {
        request.snapshot = to
      }
      return try client.rollBackModels(request)
    }
    try RollbackReport.write(reply, arguments, console)
  }

  /// `anomalyctl models unlearn`.
  package static let modelsUnlearn = Command(
    Usage(
      command: "anomalyctl models unlearn",
      summary: "Make models forget what they learnt during a span of time",
      details: """
        Rolls models back to the newest snapshot before the span, like 'models rollback', and then \
        relearns the retained samples (HistorySamples= in [Agent], per metric) except those in the \
        span. What was learnt between the snapshot and the oldest retained sample is lost as well; \
        no samples of traces are retained. Requires root or membership in the group \
        anomalyd-admin.
        """,
      arguments: [
        .init(
          "SPAN", help: "SINCE..UNTIL, such as 2h..1h, yesterday..today or 2026-11-20..now; UTC"),
        .init("METRIC", .any, help: "Names or patterns with *, ? and [...]; quote patterns"),
      ],
      options: [
        .flag("all", help: "All metrics"), DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl models unlearn 2h..1h --all", "An outage that should not become normal."),
        .init(
          "anomalyctl models unlearn '2026-11-20 14:00..2026-11-20 16:00' 'disk.*'",
          "A backup test."),
      ],
      json: "One object, the reply of UnlearnModels in io.anomalyd(7)."
    )
  ) { arguments, console in
    let span = arguments.positional[0]
    let now = DaemonAccess.now()
    guard let dots = span.firstRange(of: ".."),
      let since = SinceTime.parse(String(span[..<dots.lowerBound]), now: now),
      let until = SinceTime.parse(String(span[dots.upperBound...]), now: now), since < until
    else {
      throw UsageError.invalidValue(
        of: "SPAN", value: span,
        expected:
          "SINCE..UNTIL with times such as 2h, yesterday or 2026-11-20 14:00, the earlier first",
        suggestion: nil)
    }
    let metrics = try RollbackReport.metrics(arguments, after: 1)
    let request = RollbackRequest(metrics: metrics, before: since, until: until)
    let reply = try ModelsAccess.ask(arguments) { client throws(ControlClientError) in
      try client.rollBackModels(request)
    }
    try RollbackReport.write(reply, arguments, console)
  }
}

/// The result of a roll-back.
private enum RollbackReport {
  /// The metrics on the command line: none stands for all, which must be stated explicitly.
  static func metrics(_ arguments: Arguments, after count: Int = 0) throws(UsageError) -> [String] {
    let metrics = Array(arguments.positional.dropFirst(count))
    if arguments.has("all"), let metric = metrics.first {
      throw .conflict("--all and \(metric) are mutually exclusive")
    }
    guard arguments.has("all") || !metrics.isEmpty else {
      throw .missingArgument("METRIC or --all")
    }
    return metrics
  }

  static func write(
    _ reply: RollbackReply?, _ arguments: Arguments, _ console: Console
  ) throws {
    guard let reply else { throw CommandFailure("the daemon stopped before it was done") }
    if arguments.has("json") { return try console.write(MessageJSON.line(reply) + "\n") }
    var lines = [
      "\(HumanNumber.counted(reply.metrics, "model")) returned to snapshot "
        + "\(Layout.printable(reply.snapshot.name)) of \(Phrases.date(reply.snapshot.made))"
    ]
    if reply.relearnt > 0 {
      lines.append("\(HumanNumber.counted(reply.relearnt, "kept sample")) learnt again")
    }
    if reply.newer > 0 {
      lines.append("not in the snapshot, unchanged: \(HumanNumber.counted(reply.newer, "model"))")
    }
    if reply.failed > 0 {
      lines.append(
        "unusable in the snapshot, unchanged: \(HumanNumber.counted(reply.failed, "model")); the first: "
          + Layout.printable(reply.firstFailure ?? "not known"))
    }
    lines.append(
      "not rolled back: events and their history, feedback, the alarm budget, positions of inputs")
    try console.write(lines: lines)
  }
}
