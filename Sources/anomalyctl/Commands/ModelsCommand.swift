import CommandLine
import Models

extension Command {
  /// `anomalyctl models show`.
  package static let modelsShow = Command(
    Usage(
      command: "anomalyctl models show",
      summary: "Describe a trained model",
      details:
        "What it is, what it was trained on, what it alarms on, and how its columns are scaled.",
      arguments: [.init("MODEL", help: "A file that 'anomalyctl train' wrote")],
      options: [.flag("json", short: "j", help: "One JSON object, with the losses of all epochs")],
      examples: [
        .init("anomalyctl models show pump.model", "Columns, training, threshold"),
        .init("anomalyctl models show --json pump.model | jq .validation_losses", "The loss curve"),
      ]
    )
  ) { arguments, console in
    let report = ModelReport(try ModelFile.read(arguments.positional[0]))
    try console.write(
      lines: arguments.has("json") ? [try report.json()] : report.lines(console))
  }
}

/// Files of trained models.
enum ModelFile {
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
