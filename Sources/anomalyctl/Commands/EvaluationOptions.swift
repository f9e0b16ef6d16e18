import CommandLine
import Evaluation
import Models
import Series

/// The recordings that a command line judges, and how they are labelled and matched.
struct JudgingOptions: Sendable {
  /// The options.
  static let options: [Option] = [
    .value(
      "labels", "WHAT",
      help:
        "A column, a .csv file of intervals, a .json file of windows, 'events' or a .jsonl file of them"
    ),
    .value(
      "anomalous", "NUMBER",
      help: "The number in the label column that means an anomaly (default: any but 0)"),
    .value("ignore", "FILE", help: "A .csv file of intervals to ignore"),
    .value(
      "join", "ROWS",
      help: "Join alarms at most this far apart into one detection (default "
        + "30)"),
    .value(
      "tolerance", "ROWS",
      help: "Rows after an anomaly in which an alarm still finds it (default 0)"),
    DaemonAccess.socketOption,
  ]

  /// How alarms and anomalies are matched.
  let matching: Scorecard.Matching
  private let labels: LabelSource
  private let ignored: LabelSource?
  private let unjudged: [ClosedRange<Timestamp>]
  private let anomalous: Double?
  private let tables: TableOptions
  private let rows: RowRange

  /// Parses the options.
  /// - Parameter tolerance: default number of rows after an anomaly in which an alarm still finds
  ///   it.
  init(_ arguments: Arguments, tolerance: Int = 0) throws {
    if let text = arguments.value("labels"), let events = try EventLabels(text, arguments) {
      labels = .intervals(["": events.anomalous])
      unjudged = events.unjudged
    } else {
      labels = try LabelSource(arguments.value("labels"))
      unjudged = []
    }
    anomalous = try arguments.number("anomalous")
    if let path = arguments.value("ignore") {
      ignored = .intervals(try LabelSource.table(try LocalFile.read(path), from: path))
    } else {
      ignored = nil
    }
    matching = Scorecard.Matching(
      joining: try arguments.integer("join", in: 1...1_000_000) ?? 30,
      tolerance: try arguments.integer("tolerance", in: 0...1_000_000) ?? tolerance)
    tables = try TableOptions(arguments)
    rows = try RowRange(arguments)
  }

  /// Reads a recording with its labels.
  /// - Parameter needed: names of columns to read whatever they are called.
  func read(_ path: String, needed: Set<String> = []) throws(CommandFailure) -> RecordingFile {
    var file = try RecordingFile(path, tables, label: labels.column, needed: needed)
    file.keep(rows.rows(of: file.table))
    file.table.labels = labels.labels(of: file, value: anomalous)
    return file
  }

  /// The spans of a recording that do not count.
  func ignoredSpans(of path: String) -> [ClosedRange<Timestamp>] {
    (ignored?.spans(of: path) ?? []) + unjudged
  }

  /// The anomalous spans of a thread of a trace: intervals of its file or of itself; nil if nothing is
  /// labelled.
  func spans(of path: String, thread: String) -> [ClosedRange<Timestamp>]? {
    guard case .intervals = labels else { return nil }
    return (labels.spans(of: path) ?? []) + (thread.isEmpty ? [] : labels.spans(named: thread))
  }

  /// A description of how alarms and anomalies are matched.
  var matchingText: String {
    let tolerance =
      matching.tolerance == 0
      ? "" : " or up to \(HumanNumber.counted(matching.tolerance, "row")) after it"
    return "an anomaly is found if a row in it\(tolerance) alarms; alarms at most "
      + "\(HumanNumber.counted(matching.joining, "row")) apart are one detection, a false alarm if it "
      + "meets no anomaly"
  }
}

/// The parsed command line of `anomalyctl evaluate`.
struct EvaluationOptions: Sendable {
  /// The model.
  let model: TrainedModel
  /// The recordings and their labels.
  let judging: JudgingOptions
  private let others: [TrainedModel]
  private let includesTraining: Bool

  /// Parses the options.
  /// - Parameter others: models that judge together with `model`.
  init(_ arguments: Arguments, model: TrainedModel, others: [TrainedModel] = []) throws {
    self.model = model
    self.others = others
    judging = try JudgingOptions(arguments)
    includesTraining = arguments.has("include-training")
  }

  /// A recording that was judged, and remarks about it, one line each.
  typealias Judged = (series: EvaluatedSeries, notices: [String])

  /// Judges a recording.
  /// - Parameter keepsCourses: whether it will be drawn.
  func judge(_ path: String, keepsCourses: Bool = false) throws(CommandFailure) -> Judged {
    let file = try judging.read(
      path, needed: Set(([model] + others).flatMap { $0.columns.map(\.name) }))
    let evaluator = Evaluator(
      model, judging.matching, with: others, includesTraining: includesTraining,
      ignored: judging.ignoredSpans(of: path), keepsCourses: keepsCourses)
    let series = try evaluator.evaluate(file.table, at: path)
    var notices = file.notices
    let interval = series.interval
    if model.interval > 0, interval > 0, abs(interval - model.interval) > model.interval / 4 {
      notices.append(
        "\(path): rows are "
          + "\(HumanNumber.duration(seconds: Double(interval) * 1e-9)) apart, the model was trained "
          + "on \(HumanNumber.duration(seconds: Double(model.interval) * 1e-9))")
    }
    return (series, notices)
  }
}

extension Evaluator {
  /// Judges the recording of a file.
  func evaluate(
    _ table: RecordedTable, at path: String
  ) throws(CommandFailure) -> EvaluatedSeries {
    do throws(Evaluator.Failure) {
      return try evaluate(table)
    } catch {
      switch error {
      case .missingColumns(let names):
        throw CommandFailure(
          "\(path): expected the model's columns, found none named "
            + names.map { "'\($0)'" }.joined(separator: ", "))
      case .unknownKind(let kind):
        throw CommandFailure("the kind of model '\(kind)' is not known")
      }
    }
  }
}
