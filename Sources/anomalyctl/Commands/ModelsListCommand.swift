import CommandLine
import Control
import Series

extension Command {
  /// `anomalyctl models list`.
  package static let modelsList = Command(
    Usage(
      command: "anomalyctl models list",
      summary: "List the models that the daemon has learnt, or files of trained models",
      details: """
        Seen is the number of samples or trace events that a model has judged, and the approximate \
        time they span; it has learnt from them unless it was frozen. Error is the recent mean \
        absolute forecast error in the metric's unit; skill is the reduction of that error \
        compared with repeating the last value (for traces, the confidence in the network over \
        simple counts). Neither states how well a model detects anomalies. --files lists trained \
        models (*.model) in a directory, without the daemon.
        """,
      arguments: [
        .init("PATTERN", .optional, help: "Only metrics that match, with *, ? and [...]; quote it")
      ],
      options: [
        .flag("frozen", help: "Only models that do not learn"),
        .value("files", "DIR", help: "List trained models in this directory"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
        Pager.option,
      ],
      examples: [
        .init("anomalyctl models list 'disk.*'", "What has been learnt about disks?"),
        .init("anomalyctl models list --frozen", "Which models do not learn, and since when?"),
        .init("anomalyctl models list --files .", "Trained models here."),
      ],
      json: "Type Model of io.anomalyd(7), one per line; for files as 'models show'."
    )
  ) { arguments, console in
    if let folder = arguments.value("files") {
      return try console.write(lines: try TrainedModels(in: folder).lines(console))
    }
    let pattern = arguments.positional.first
    var models: [ModelSummary] = []
    let isPattern = try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      do throws(ControlClientError) {
        try client.listModels(pattern) { models += $0 }
        return true
      } catch .refused(.invalidParameter("pattern")) {
        return false
      }
    }
    if let pattern, !isPattern { throw MetricPattern.refusal(of: pattern) }
    if arguments.has("frozen") { models.removeAll { $0.frozenSince == nil } }
    models.sort { $0.name < $1.name }
    if arguments.has("json") {
      try console.write(lines: models.map { MessageJSON.line($0) })
    } else if models.isEmpty {
      console.note("no model matches\n")
    } else {
      let report = ModelsReport(models: models, now: DaemonAccess.now())
      try console.write(lines: report.lines(width: console.width, style: console.style))
    }
  }
}

/// Files of trained models in a directory.
private struct TrainedModels {
  let folder: String
  private let names: [String]

  init(in folder: String) throws(CommandFailure) {
    self.folder = folder
    names = try LocalFile.names(in: folder).filter { $0.hasSuffix(".model") }.sorted()
  }

  /// A line for each; for an unreadable one, the reason.
  func lines(_ console: Console) -> [String] {
    names.map { name in
      let path = folder + "/" + name
      do throws(CommandFailure) {
        let traces = try ModelFile.traces(path)
        let line =
          if let traces {
            TraceModelReport(traces).oneLine
          } else {
            ModelReport(try ModelFile.read(path)).oneLine
          }
        return "\(Layout.printable(name)): \(line)"
      } catch {
        return Layout.printable(error.message)
      }
    }
  }
}
