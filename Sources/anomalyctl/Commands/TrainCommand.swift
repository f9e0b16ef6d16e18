import CommandLine
import Control
import Glibc
import Models
import Series

extension Command {
  /// `anomalyctl train`.
  package static let train = Command(
    Usage(
      command: "anomalyctl train",
      summary: "Train a model on recordings and write it to a file",
      details: """
        KIND is one of: \
        \(ModelKinds.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ")); \
        \(TraceModel.kind), \(TraceModel.summary).

        Constant and empty columns and label columns are skipped, with a message. The others are \
        standardised; mean and scale are part of the model. The last part of each file decides \
        when training stops (early stopping), and the best weights are kept. Ctrl-C also stops \
        training, with the best weights so far.

        Alarms are based on the distance of the errors from those in training: with the daemon's \
        own calibration, which continues to learn, or with a fixed threshold. 'anomalyctl \
        evaluate' judges labelled recordings with the model.

        A classifier requires labels: a column, intervals or windows (--labels, as for evaluate). \
        It is trained on values and their moving averages, with both classes weighted equally. \
        With more than four files, whole files are held back to decide when training stops, \
        otherwise the last part of each; the threshold is the one with the best point F1 on the \
        rows held back (with --validation 0, on all rows).

        For symbols, files are traces: a column of ids (--events), one of time stamps and \
        optionally one of threads (--thread). The daemon's own trace detector makes several passes \
        over the first part of each thread, until forecasts of the last part (--validation) no \
        longer improve.
        """,
      arguments: [
        .init("KIND", help: "The kind of model"),
        .init("FILE", .oneOrMore, help: "CSV files with the same columns, also .csv.gz"),
      ],
      options: TrainingOptions.options + TraceOptions.options + RowRange.options
        + TableOptions.options + [
          .flag("json", short: "j", help: "One JSON object instead of text")
        ],
      examples: [
        .init(
          "anomalyctl train forecaster power.csv --until 1997-03-01 -o power.model",
          "On the first two months; the rest remains unseen"),
        .init(
          "anomalyctl train autoencoder pump-*.csv --first 400 -o pump.model",
          "On the first 400 rows of each file"),
        .init(
          "anomalyctl train forecaster close.csv --transform log-difference -o returns.model",
          "On returns instead of prices"),
        .init(
          "anomalyctl train autoencoder pump.csv --threshold quantile:0.999:1.3 -o pump.model",
          "With a fixed threshold"),
        .init(
          "anomalyctl train classifier pump-*.csv --labels anomaly -o pump.model",
          "From labels"),
        .init(
          "anomalyctl train autoencoder pump.csv --components 95% -o pump.model",
          "On principal components instead of columns"),
        .init(
          "anomalyctl train symbols trace.csv --events call --thread program -o calls.model",
          "On a trace of system calls"),
      ],
      json: """
        One object, as printed by 'models show --json'; for symbols: threads (thread, events), \
        budget, seed, epochs, best_epoch, losses, validation_losses, left_out, files, version.
        """
    )
  ) { arguments, console in
    if arguments.positional[0] == TraceModel.kind {
      return try TraceTrainingCommand.run(arguments, console)
    }
    for option in ["events", "thread"] where arguments.has(option) {
      throw UsageError.conflict("--\(option) applies to traces only: see 'train symbols'")
    }
    let options = try TrainingOptions(arguments)
    try LocalFile.requireWritable(options.output)
    let begin = ContinuousClock.now
    var recordings: [RecordingFile] = []
    for path in options.files {
      var file = try RecordingFile(path, options.tables, label: options.labels.column)
      file.keep(options.rows.rows(of: file.table))
      if options.kind.isSupervised {
        file.table.labels = options.labels.labels(of: file, value: options.anomalous)
      }
      for line in file.notices { console.note("anomalyctl: \(Layout.printable(line))\n") }
      recordings.append(file)
    }
    for name in Set(recordings.flatMap { $0.leftOut + [$0.labelColumn].compactMap(\.self) })
      .sorted()
    {
      let use = options.kind.isSupervised && name == recordings[0].labelColumn
      console.note(
        "anomalyctl: \(Layout.printable(name)) holds labels: "
          + (use ? "learnt from as labels\n" : "left out\n"))
    }
    let training = ModelTraining(options.request, recordings.map(\.table))
    let signals = SignalInterruption([SIGINT, SIGTERM])
    var progress = TrainingProgress(console: console)
    var isInterrupted = false
    let model: TrainedModel
    do throws(ModelTraining.Failure) {
      model = try training.run(threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) {
        columns, dropped in
        for column in dropped {
          console.note(
            "anomalyctl: \(Layout.printable(column.name)) \(column.reason.rawValue): left out\n")
        }
      } proceed: { state in
        progress.show(state)
        isInterrupted = signals?.hasArrived ?? false
        return !isInterrupted
      }
    } catch {
      throw CommandFailure(TrainingReport.text(of: error))
    }
    progress.finish()
    try LocalFile.replace(options.output, with: model.bytes)
    if isInterrupted { console.note("anomalyctl: interrupted, keeping the best model so far\n") }
    let report = ModelReport(model)
    let elapsed = begin.duration(to: .now)
    if arguments.has("json") {
      try console.write(lines: [try report.json()])
    } else {
      try console.write(
        lines: [
          report.oneLine + ", took \(HumanNumber.duration(elapsed))",
          "wrote \(Layout.printable(options.output))",
        ])
    }
  }
}

/// The progress line of a training, on a terminal.
struct TrainingProgress {
  private let console: Console
  /// When the training of this member began.
  private var begin = ContinuousClock.now
  private var member = 1
  private var lastDrawn: ContinuousClock.Instant?

  init(console: Console) {
    self.console = console
  }

  /// Shows the progress of a training; at most ten times a second.
  mutating func show(_ state: ModelTrainer.Progress) {
    let now = ContinuousClock.now
    if state.member != member { (member, begin) = (state.member, now) }
    guard let width = console.progressWidth else { return }
    if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(100) { return }
    lastDrawn = now
    let spent = begin.duration(to: now) / .seconds(1)
    // It ends at the latest when patience runs out, but never later than the last epoch.
    let most = min(state.epochs, state.bestEpoch + state.patience)
    let epochs = Double(most - state.epoch + (state.members - state.member) * most)
    let left = max(1, spent / Double(state.epoch) * epochs)
    let members = state.members > 1 ? "member \(state.member)/\(state.members), " : ""
    var line =
      members
      + "epoch \(state.epoch)/\(state.epochs), loss \(HumanNumber.value(state.trainingLoss))"
    if state.validationLoss.isFinite {
      line += ", validation \(HumanNumber.value(state.validationLoss))"
    }
    line +=
      ", best at \(state.bestEpoch), at least \(HumanNumber.duration(seconds: left.rounded())) left"
    console.note("\r" + Layout.truncate(line, width: max(1, width - 1)) + "\u{1B}[K")
  }

  /// Removes the line.
  mutating func finish() {
    if lastDrawn != nil { console.note("\r\u{1B}[K") }
  }
}

/// Why a training failed, in words.
enum TrainingReport {
  static func text(of failure: ModelTraining.Failure) -> String {
    switch failure {
    case .noColumns(let dropped):
      "expected a column that varies, found none"
        + (dropped.isEmpty
          ? "" : ": " + dropped.map { "\($0.name) \($0.reason.rawValue)" }.joined(separator: ", "))
    case .tooFewRows(let found, let needed):
      "expected at least \(needed) consecutive rows for training, found \(found) rows in total: "
        + "choose a smaller --window or --horizon, or more rows"
    case .noLabels(let anomalous, let normal):
      "expected labels with normal and anomalous rows, found \(normal) normal and \(anomalous) "
        + "anomalous rows in the training data: see --labels"
    case .otherColumns(let name):
      "\(name): expected the columns of the first file, found others; choose some with --column"
    }
  }
}
