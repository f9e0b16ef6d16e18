import CommandLine
import Evaluation
import Models
import Series

/// A recording that a model has judged.
struct EvaluatedSeries: Sendable {
  /// The rows.
  var series: JudgedSeries
  /// Whether it has labels.
  var isLabelled: Bool
  /// Single rows.
  var points: PointScore
  /// Whole anomalies and detections.
  var events: EventScore
  /// What is to be known about detections, in order.
  var detections: [Detection]
  /// Rows that do not count: those that the model was trained on.
  var trainedRows: Int
  /// Rows that do not count: those before the model could judge.
  var leadRows: Int
  /// Root of the mean squared error of the forecast of the next row, and of the last value; by
  /// column, in its own unit. Empty for columns that are transformed.
  var forecastErrors: [(column: String, model: Double, lastValue: Double)]
  /// Remarks, one line each.
  var notices: [String]

  /// Alarms that belong together.
  struct Detection: Sendable {
    /// Time of the first alarm.
    var first: Timestamp
    /// Time of the last alarm.
    var last: Timestamp
    /// The highest score.
    var score: Double
    /// Whether it meets an anomaly; nil where nothing is labelled.
    var isTrue: Bool?
    /// The columns that added most to the highest score, with their shares.
    var columns: [(name: String, share: Double)]
  }
}

/// What a command line asks `anomalyctl evaluate` to do.
struct EvaluationOptions: Sendable {
  /// The model.
  let model: TrainedModel
  private let labels: LabelSource
  private let anomalous: Double?
  private let join: Int
  private let tolerance: Int
  private let includesTraining: Bool
  private let tables: TableOptions
  private let rows: RowRange

  /// Understands the options.
  init(_ arguments: Arguments, model: TrainedModel) throws {
    self.model = model
    labels = try LabelSource(arguments.value("labels"))
    anomalous = try arguments.number("anomalous")
    join = try arguments.integer("join", in: 1...1_000_000) ?? 30
    tolerance = try arguments.integer("tolerance", in: 0...1_000_000) ?? 0
    includesTraining = arguments.has("include-training")
    tables = try TableOptions(arguments)
    rows = try RowRange(arguments)
  }

  /// Judges a recording.
  func judge(_ path: String) throws(CommandFailure) -> EvaluatedSeries {
    var file = try RecordingFile(
      path, tables, label: labels.column, needed: Set(model.columns.map(\.name)))
    file.keep(rows.rows(of: file.table))
    guard let run = ModelRun(model) else {
      throw CommandFailure("the kind of model '\(model.kind)' is not known")
    }
    var known: [ModelRun.Row?] = Array(repeating: nil, count: file.table.count)
    do throws(TrainedModel.ReadingError) {
      try run.judge(file.table) { known[$0] = $1 }
    } catch {
      switch error {
      case .missingColumns(let names):
        throw CommandFailure(
          "\(path): expected the model's columns, found none called "
            + names.map { "'\($0)'" }.joined(separator: ", "))
      }
    }
    return summarise(file, known)
  }

  private func summarise(_ file: RecordingFile, _ known: [ModelRun.Row?]) -> EvaluatedSeries {
    let table = file.table
    let labels = self.labels.labels(of: file, value: anomalous)
    let trained = includesTraining ? nil : model.trainedSpan(of: table.name)
    var series = JudgedSeries(name: table.name)
    var (trainedRows, leadRows) = (0, 0)
    for row in 0..<table.count {
      let moment = table.timestamps[row]
      let verdict = known[row]?.verdict
      var label: RowLabel = labels?[row] == true ? .anomalous : .normal
      if let trained, trained.contains(moment) {
        label = .uncounted
        trainedRows += 1
      } else if verdict?.isKnown != true {
        label = .uncounted
        leadRows += 1
      }
      series.append(
        at: moment, label: label, score: verdict?.score ?? .nan, alarm: verdict?.isAlarm ?? false)
    }
    let detections = series.detections(within: join).map { range in
      detection(range, series, known, isLabelled: labels != nil)
    }
    var notices = file.notices.map { "\($0)" }
    let interval = table.interval
    if model.interval > 0, interval > 0, abs(interval - model.interval) > model.interval / 4 {
      notices.append(
        "\(table.name): rows are "
          + "\(HumanNumber.duration(seconds: Double(interval) * 1e-9)) apart, the model was trained "
          + "on \(HumanNumber.duration(seconds: Double(model.interval) * 1e-9))")
    }
    return EvaluatedSeries(
      series: series, isLabelled: labels != nil, points: PointScore(series),
      events: EventScore(series, joining: join, tolerance: tolerance), detections: detections,
      trainedRows: trainedRows, leadRows: leadRows,
      forecastErrors: forecastErrors(table, series, known), notices: notices)
  }

  private func detection(
    _ range: ClosedRange<Int>, _ series: JudgedSeries, _ known: [ModelRun.Row?],
    isLabelled: Bool
  ) -> EvaluatedSeries.Detection {
    let peak = range.max { (series.scores[$0], $1) < (series.scores[$1], $0) } ?? range.lowerBound
    let shares = known[peak]?.shares ?? []
    let order = shares.indices.sorted { shares[$0] > shares[$1] }
    let columns = order.prefix(3).filter { shares[$0] >= 0.05 }.map {
      (name: model.columns[$0].name, share: shares[$0])
    }
    let isTrue =
      range.contains { series.labels[$0] == .anomalous }
      || series.anomalies.contains {
        ($0.lowerBound...min($0.upperBound + tolerance, series.count - 1)).overlaps(range)
      }
    return EvaluatedSeries.Detection(
      first: series.timestamps[range.lowerBound], last: series.timestamps[range.upperBound],
      score: series.scores[peak], isTrue: isLabelled ? isTrue : nil, columns: columns)
  }

  /// Of rows that are not labelled as anomalous, since nobody can forecast those.
  private func forecastErrors(
    _ table: RecordedTable, _ series: JudgedSeries, _ known: [ModelRun.Row?]
  ) -> [(column: String, model: Double, lastValue: Double)] {
    let places = model.places(in: table)
    return model.columns.indices.compactMap { column in
      guard let place = places[column] else { return nil }
      var (ours, theirs, count) = (0.0, 0.0, 0.0)
      for row in 1..<max(1, table.count) where series.labels[row] == .normal {
        let (value, before) = (table[row, place], table[row - 1, place])
        guard let expected = known[row]?.expected[column], expected.isFinite, value.isFinite,
          before.isFinite
        else { continue }
        ours += (value - expected) * (value - expected)
        theirs += (value - before) * (value - before)
        count += 1
      }
      guard count > 0 else { return nil }
      return (
        model.columns[column].name, (ours / count).squareRoot(), (theirs / count).squareRoot()
      )
    }
  }
}

extension TrainedModel {
  /// From when to when the model was trained on a recording of that name; nil if it was not.
  fileprivate func trainedSpan(of path: String) -> ClosedRange<Timestamp>? {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let file = provenance.files.first(where: { $0.name == name }) else { return nil }
    return file.first...max(file.first, file.last)
  }
}
