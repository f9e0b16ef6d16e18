import CommandLine
import Control
import Series

extension Command {
  /// `anomalyctl models freeze`.
  package static let modelsFreeze = ModelsChange.command(
    .freeze, "freeze", summary: "Stop models from learning until they are unfrozen",
    details: """
      Weights, scales, calibration and profiles no longer change; values are judged and events \
      open as before. To discard what is learnt during a limited time, use a silence with \
      --no-learning instead. A model that is still warming up learns until it has finished. \
      Persists across restarts, until 'models unfreeze'.
      """,
    examples: [
      .init("anomalyctl models freeze 'furnace.*'", "Keep a known good state."),
      .init(
        "anomalyctl models freeze cpu.busy --json | jq .changed",
        "The number of models "
          + "changed."),
    ])

  /// `anomalyctl models unfreeze`.
  package static let modelsUnfreeze = ModelsChange.command(
    .unfreeze, "unfreeze", summary: "Let frozen models learn again",
    details: "They continue from the state in which they were frozen.",
    examples: [.init("anomalyctl models unfreeze '*'", "All of them.")])

  /// `anomalyctl models reset`.
  package static let modelsReset = ModelsChange.command(
    .reset, "reset", summary: "Discard what models have learnt and start their warm-up again",
    details: """
      Intended for a metric whose meaning has changed, for example because a different machine now \
      reports under the same name. An open event closes once the metric is judged normal. Event \
      history, feedback and alarm budget debt are kept.
      """,
    examples: [.init("anomalyctl models reset pump.pressure", "The pump has been replaced.")])
}

/// The commands that change models, which differ in a word.
private enum ModelsChange {
  static func command(
    _ change: ModelChange, _ verb: String, summary: String, details: String,
    examples: [Usage.Example]
  ) -> Command {
    Command(
      Usage(
        command: "anomalyctl models \(verb)",
        summary: summary,
        details: details + " Requires root or membership in the group anomalyd-admin.",
        arguments: [
          .init("METRIC", .oneOrMore, help: "Names or patterns with *, ? and [...]; quote patterns")
        ],
        options: [DaemonAccess.jsonOption, DaemonAccess.socketOption],
        examples: examples,
        json: """
          One object, the reply of FreezeModels, UnfreezeModels or ResetModels in io.anomalyd(7).
          """
      )
    ) { arguments, console in
      let request = ModelChangeRequest(metrics: arguments.positional)
      let reply = try ModelsAccess.ask(arguments) { client throws(ControlClientError) in
        try client.changeModels(change, request)
      }
      if arguments.has("json") {
        try console.write(MessageJSON.line(reply) + "\n")
      } else {
        try console.write(lines: lines(reply, change))
      }
    }
  }

  /// The changes, in words.
  private static func lines(_ reply: ModelChangeReply, _ change: ModelChange) -> [String] {
    let (done, before) =
      switch change {
      case .freeze: ("frozen", "frozen before")
      case .unfreeze: ("learning again", "not frozen")
      case .reset: ("reset", "")
      }
    let names = reply.metrics.prefix(10).map { Layout.printable($0) }.joined(separator: ", ")
    let rest = reply.changed - min(10, reply.metrics.count)
    var lines: [String] = []
    if reply.changed > 0 {
      lines.append("\(done): \(names)" + (rest > 0 ? " and \(HumanNumber.count(rest)) more" : ""))
    }
    if reply.unchanged > 0 {
      lines.append("\(before): \(HumanNumber.counted(reply.unchanged, "model"))")
    }
    if change == .freeze, reply.warming > 0 {
      lines.append(
        "\(HumanNumber.counted(reply.warming, "model")) of them still warming up: learning stops "
          + "when done"
      )
    }
    return lines
  }
}

/// Calls about models.
enum ModelsAccess {
  /// Queries the daemon, and suggests names for an unknown one.
  static func ask<Answer>(
    _ arguments: Arguments, _ body: (ControlClient) throws(ControlClientError) -> Answer
  ) throws -> Answer {
    let answer = try DaemonAccess.ask(arguments) {
      client throws(ControlClientError) -> Result<Answer, any Error> in
      do throws(ControlClientError) {
        return .success(try body(client))
      } catch .refused(.noSuchMetric(let name)) {
        var names: [String] = []
        try client.listMetrics(MetricListRequest()) { names += $0.map(\.name) }
        return .failure(CommandFailure(NoSuchMetric(name: name, known: names).message))
      } catch .refused(.invalidParameter("metrics")) {
        return .failure(MetricPattern.refusal(of: arguments.positional.joined(separator: " ")))
      }
    }
    return try answer.get()
  }
}
