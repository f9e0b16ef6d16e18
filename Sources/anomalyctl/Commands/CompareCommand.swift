import CommandLine
import Evaluation
import Models
import Series

extension Command {
  /// `anomalyctl compare`.
  package static let compare = Command(
    Usage(
      command: "anomalyctl compare",
      summary: "Compare models, runs and simple detectors on labelled recordings",
      details: """
        The first detector on the command line (models, then runs, then baselines) is compared
        with each of the others, file by file, on the rows that count for all of them. Rows that a
        model was trained on, and the first rows of each file, to which baselines are fitted,
        never count.

        Baselines: \(Baselines.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; "));
        window, a feed-forward network trained on the first rows.

        With five or more files, differences have a confidence interval (95%, bootstrap over
        files). The exit code is 1 if the first detector is worse than another, that is, if the
        interval of the difference, or with fewer files the difference itself, is below 0. This
        can gate a rollout.
        """,
      arguments: [.init("FILE", .oneOrMore, help: "CSV files with labels, also .csv.gz")],
      options: [
        .repeated("model", short: "m", "MODEL", help: "A file written by 'anomalyctl train'"),
        .repeated(
          "run", "FOLDER",
          help: "A directory written by 'anomalyctl evaluate --run' for "
            + "these files"),
      ] + ComparisonOptions.options + JudgingOptions.options + RowRange.options
        + TableOptions.options + [
          .flag("json", short: "j", help: "One JSON object")
        ],
      examples: [
        .init(
          "anomalyctl compare -m new.model -m old.model --labels anomaly pump-*.csv",
          "Exit code 1 if the new model is worse than the old one"),
        .init(
          "anomalyctl compare -m pump.model --baseline all --labels anomaly pump-*.csv",
          "Is the model worth the effort?"),
        .init(
          "anomalyctl compare --baseline pca --baseline var --fit 400 --measure point-f1 *.csv",
          "Two simple detectors, fitted to the first 400 rows"),
      ],
      json: """
        One object: measure, files, rows, first_is_worse, detectors (name, points, events and \
        affiliation as of 'evaluate', auc_pr, vus_pr, difference, interval, better_than_first).
        """
    )
  ) { arguments, console in
    let options = try ComparisonOptions(arguments)
    let comparison = try options.compare(arguments.positional, console)
    let report = ComparisonReport(comparison, matching: options.judging.matchingText)
    try console.write(
      lines: arguments.has("json") ? [try JSONLine.text(report.json)] : report.lines(console))
    if comparison.isFirstWorse {
      throw CommandFailure("\(comparison.rows[0].name) is worse: see the difference above")
    }
  }
}

/// The parsed command line of `anomalyctl compare`.
struct ComparisonOptions: Sendable {
  /// The options about baselines and about the deciding measure.
  static let options: [Option] = [
    .repeated("baseline", "NAME", help: "A simple detector for comparison, or 'all'"),
    .value(
      "fit", "ROWS",
      help: "Rows to which baselines are fitted: a number or a share (default "
        + "15%)"),
    .choice(
      "measure", Scorecard.Measure.allCases.map(\.rawValue),
      help: "The measure to compare (default event-f1)"),
    .value("threshold", "RULE", help: "For baselines, as for train (default calibrated)"),
    .value("budget", "ROWS", help: "For baselines: normal rows per alarm (default 5000)"),
  ]

  private enum Detector: Sendable {
    case model(TrainedModel)
    case run(String)
    case baseline(any Baseline.Type)
    case window
  }

  /// The detectors in order.
  let names: [String]
  /// What decides.
  let measure: Scorecard.Measure
  /// The recordings and their labels.
  let judging: JudgingOptions
  private let detectors: [Detector]
  private let fittedRows: Int?
  private let fittedShare: Double
  private let rule: AlarmRule.Form

  /// Parses the options.
  /// - Parameter models: paths of the models; nil for those of `--model`.
  init(_ arguments: Arguments, models: [String]? = nil) throws {
    var named: [(String, Detector)] = []
    for path in models ?? arguments.values("model") {
      named.append((path, .model(try ModelFile.read(path))))
    }
    for folder in arguments.values("run") {
      guard LocalFile.isFolder(folder) else {
        throw CommandFailure(
          "\(folder): expected a directory written by 'evaluate --run', found "
            + "none")
      }
      named.append((folder, .run(folder)))
    }
    let known = Baselines.all.map { $0.name } + [WindowModel.name]
    for word in arguments.values("baseline") {
      for name in word == "all" ? known : [word] {
        if name == WindowModel.name {
          named.append((name, .window))
        } else if let baseline = Baselines.named(name) {
          named.append((name, .baseline(baseline)))
        } else {
          throw UsageError.invalidValue(
            of: "--baseline", value: name, expected: "all, " + known.joined(separator: ", "),
            suggestion: NearMiss.of(name, among: known))
        }
      }
    }
    guard named.count > 1 else {
      throw UsageError.conflict("at least two detectors are required: --model, --run or --baseline")
    }
    names = named.map(\.0)
    detectors = named.map(\.1)
    measure = arguments.value("measure").flatMap(Scorecard.Measure.init) ?? .eventF1
    judging = try JudgingOptions(arguments)
    let text = arguments.value("fit") ?? "15%"
    fittedRows = Int(text)
    let share = text.last == "%" ? Double(text.dropLast()).map { $0 / 100 } : nil
    guard (fittedRows ?? 0) > 0 || share.map({ $0 > 0 && $0 < 1 }) == true else {
      throw UsageError.invalidValue(
        of: "--fit", value: text, expected: "a number of rows or a share such as 15%",
        suggestion: nil)
    }
    fittedShare = share ?? 0
    rule = try TrainingOptions.rule(arguments)
  }

  /// Compares the detectors on recordings.
  func compare(_ files: [String], _ console: Console) throws(CommandFailure) -> Comparison {
    let work = ParallelWork(console: console, unit: "files")
    let results = work.map(files, weights: files.map { max(1, LocalFile.size($0)) }) { file, _ in
      Result { () throws(CommandFailure) in try judge(file) }
    }
    var judged: [[JudgedSeries]] = []
    for result in results { judged.append(try result.get()) }
    let contenders = names.enumerated().map { index, name in
      Comparison.Contender(name: name, series: judged.map { $0[index] })
    }
    do throws(Comparison.Failure) {
      return try Comparison(contenders, judging.matching, by: measure)
    } catch {
      throw CommandFailure(ComparisonReport.text(of: error))
    }
  }

  /// The result of each detector for a recording.
  private func judge(_ path: String) throws(CommandFailure) -> [JudgedSeries] {
    var needed: Set<String> = []
    for detector in detectors {
      if case .model(let model) = detector { needed.formUnion(model.columns.map(\.name)) }
    }
    let table = try judging.read(path, needed: needed).table
    guard table.labels != nil else {
      throw CommandFailure("\(path): expected labels, found none: see --labels")
    }
    let fitted = fittedRows ?? Int(fittedShare * Double(table.count))
    let ignored = judging.ignoredSpans(of: path)
    var result: [JudgedSeries] = []
    for detector in detectors {
      var series: JudgedSeries
      switch detector {
      case .model(let model):
        series = try Evaluator(model, judging.matching).evaluate(table, at: path).series
      case .run(let folder): series = try RunFolder.scores(of: table, in: folder)
      case .baseline(let baseline):
        series = baseline.judge(table, fitted: fitted, rule: rule)
      case .window: series = try window(table, fitted: fitted)
      }
      series.leaveOut { row in ignored.contains { $0.contains(table.timestamps[row]) } }
      result.append(series)
    }
    return result
  }

  private func window(
    _ table: RecordedTable, fitted: Int
  ) throws(CommandFailure) -> JudgedSeries {
    var request = ModelTraining.Request(WindowModel.self)
    request.rule = rule
    request.plan.window = min(request.plan.window, max(2, fitted / 10))
    let model: TrainedModel
    do throws(ModelTraining.Failure) {
      model = try ModelTraining(request, [table.rows(0..<min(fitted, table.count))])
        .run(threads: 1, began: { _, _ in }) { _ in true }
    } catch {
      throw CommandFailure("\(table.name): \(TrainingReport.text(of: error))")
    }
    return try Evaluator(model, judging.matching).evaluate(table, at: table.name).series
  }
}
