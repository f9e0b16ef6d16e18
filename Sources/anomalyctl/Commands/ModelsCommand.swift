import CommandLine
import Control
import Models
import Monitor
import Series

extension Command {
  /// `anomalyctl models show`.
  package static let modelsShow = Command(
    Usage(
      command: "anomalyctl models show",
      summary: "Describe the model of a metric, or a trained or exported one in a file",
      details: """
        For a metric: what the daemon has learnt about it. For a trained model: its structure, \
        what it was trained on, when it alarms, and how its columns are scaled. For an exported \
        one: where it comes from.
        """,
      arguments: [
        .init("METRIC", help: "Name of a metric, or a file written by 'train' or 'models export'")
      ],
      options: [
        .flag(
          "json", short: "j",
          help: "One JSON object; for a file, with the losses of all "
            + "epochs"),
        DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init("anomalyctl models show cpu.busy", "What the daemon has learnt about the CPU"),
        .init("anomalyctl models show pump.model", "Columns, training, threshold"),
        .init("anomalyctl models show --json pump.model | jq .validation_losses", "The loss curve"),
      ],
      json: """
        For a metric, type Model of io.anomalyd(7). For a trained model: kind, units, window, \
        horizon, dropout, batch, learning_rate, members, seed, weights, epochs, best_epoch, \
        losses, validation_losses, columns (name, mean, scale, transform), left_out, \
        interval_seconds, gaps, errors, threshold, files (name, rows, first, last), version. For \
        an exported one: metric, exported, version, seed, interval, rules.
        """
    )
  ) { arguments, console in
    let name = arguments.positional[0]
    guard !LocalFile.exists(name) else {
      let bytes = try LocalFile.read(name)
      if PortableModel.isOne(bytes) {
        let report = PortableReport(try PortableFile.model(bytes, of: name))
        return try console.write(
          lines: arguments.has("json") ? [report.json] : try report.lines(of: name))
      }
      if let model = try ModelFile.traces(name) {
        let report = TraceModelReport(model)
        return try console.write(
          lines: arguments.has("json") ? [try report.json()] : report.lines(console))
      }
      let report = ModelReport(try ModelFile.read(name))
      return try console.write(
        lines: arguments.has("json") ? [try report.json()] : report.lines(console))
    }
    let model = try ModelsAccess.ask(arguments) {
      client throws(ControlClientError) -> ModelSummary in
      var found: ModelSummary?
      try client.listModels(nil) { models in found = found ?? models.first { $0.name == name } }
      guard let found else { throw .refused(.noSuchMetric(name)) }
      return found
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(model) + "\n")
    } else {
      let now = DaemonAccess.now()
      try console.write(lines: ModelsReport.detail(model, now: now, style: console.style))
    }
  }
}

/// Files of trained models.
enum ModelFile {
  /// The trace model in a file; nil if the file contains something else.
  static func traces(_ path: String) throws(CommandFailure) -> TraceModel? {
    let bytes = try LocalFile.read(path)
    guard TrainedModel.kind(of: bytes) == TraceModel.kind else { return nil }
    do throws(TrainedModel.FileError) {
      return try TraceModel(bytes: bytes)
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }

  /// The model in a file.
  static func read(_ path: String) throws(CommandFailure) -> TrainedModel {
    let bytes = try LocalFile.read(path)
    do throws(TrainedModel.FileError) {
      return try TrainedModel(bytes: bytes)
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }
}
