internal import Glibc
package import Models
package import Series

/// Judges recordings with a trained model, using only earlier rows for each row; or with several
/// models together, whose scores are multiplied: a row alarms if their geometric mean reaches 1.
package struct Evaluator: Sendable {
  private let model: TrainedModel
  private let others: [TrainedModel]
  private let matching: Scorecard.Matching
  private let includesTraining: Bool
  private let ignored: [ClosedRange<Timestamp>]

  private let keepsCourses: Bool

  /// - Parameters:
  ///   - others: models that judge together with `model`, whose forecasts are the ones shown.
  ///   - includesTraining: whether rows that the model was trained on count.
  ///   - ignored: excluded spans.
  ///   - keepsCourses: whether to keep ``EvaluatedSeries/courses``, which need more memory than everything
  ///     else.
  package init(
    _ model: TrainedModel, _ matching: Scorecard.Matching, with others: [TrainedModel] = [],
    includesTraining: Bool = false, ignored: [ClosedRange<Timestamp>] = [],
    keepsCourses: Bool = false
  ) {
    self.model = model
    self.others = others
    self.matching = matching
    self.includesTraining = includesTraining
    self.ignored = ignored
    self.keepsCourses = keepsCourses
  }

  /// Why a recording was not judged.
  package enum Failure: Error, Equatable {
    /// These columns are missing.
    case missingColumns([String])
    /// The kind of model is unknown.
    case unknownKind(String)
  }

  /// Judges a recording.
  package func evaluate(_ table: RecordedTable) throws(Failure) -> EvaluatedSeries {
    let views = try others.map { other throws(Failure) in try view(of: table, by: other) }
    let run = try run(of: model)
    let (horizons, places) = (run.horizons, model.places(in: table))
    let trained = includesTraining ? nil : model.provenance.span(of: table.name)
    var series = JudgedSeries(name: table.name)
    var uncounted = EvaluatedSeries.Uncounted()
    var misses = ForecastMisses(places: places)
    var coverage = BandCoverage()
    var courses = keepsCourses ? courses(of: table, places) : []
    // Of every row, since which ones are the peaks of detections is not known yet.
    var shares: [Float] = []
    shares.reserveCapacity(table.count * places.count)
    func addUnknown(until row: Int) {
      while series.count < row {
        append(
          nil, at: table.timestamps[series.count], of: table, trained: trained, to: &series,
          &uncounted)
        shares += repeatElement(0, count: places.count)
      }
    }
    try judge(table, by: run) { index, judged in
      var row = judged
      for (number, view) in views.enumerated() {
        view.add(to: &row, at: index, number: Double(number + 2))
      }
      addUnknown(until: index)
      append(
        row.verdict, at: row.timestamp, of: table, trained: trained, to: &series, &uncounted)
      shares += row.shares.lazy.map(Float.init)
      for place in courses.indices { courses[place].take(row, at: index, column: place) }
      // Nobody can forecast an anomaly.
      guard series.labels[index] == .normal else { return }
      misses.take(row.expected, at: index, of: table)
      for (error, horizon) in zip(row.errors, horizons) where error.isFinite {
        guard let horizon else { continue }
        coverage.add(horizon: horizon, isInside: abs(error) <= ModelRun.bandWidth)
      }
    }
    addUnknown(until: table.count)
    return EvaluatedSeries(
      series: series, isLabelled: table.labels != nil, score: Scorecard.Series(series, matching),
      detections: series.detections(within: matching.joining).map {
        detection($0, series, shares, isLabelled: table.labels != nil)
      },
      uncounted: uncounted,
      // A window is reproduced, and a probability is no forecast.
      forecastErrors: model.kind == AutoencoderModel.name ? [] : misses.errors(of: model.columns),
      coverage: coverage, courses: courses, anomalies: table.anomalies,
      trained: trainedRows(of: table), interval: table.interval)
  }

  private func run(of model: TrainedModel) throws(Failure) -> ModelRun {
    guard let run = ModelRun(model) else { throw .unknownKind(model.kind) }
    return run
  }

  private func judge(
    _ table: RecordedTable, by run: ModelRun, _ body: (Int, ModelRun.Row) -> Void
  ) throws(Failure) {
    do throws(TrainedModel.ReadingError) {
      try run.judge(table, body)
    } catch {
      switch error {
      case .missingColumns(let names): throw .missingColumns(names)
      }
    }
  }

  private func view(
    of table: RecordedTable, by other: TrainedModel
  ) throws(Failure) -> OtherView {
    let places = model.columns.map { column in
      other.columns.firstIndex { $0.name == column.name }
    }
    var view = OtherView(rows: table.count, columns: places)
    try judge(table, by: try run(of: other)) { view.take($1, at: $0) }
    return view
  }

  private func trainedRows(of table: RecordedTable) -> ClosedRange<Int>? {
    guard !includesTraining, let span = model.provenance.span(of: table.name),
      let first = table.timestamps.firstIndex(where: span.contains),
      let last = table.timestamps.lastIndex(where: span.contains)
    else { return nil }
    return first...last
  }

  /// - Parameter verdict: nil for a row that was left out.
  private func append(
    _ verdict: RowJudge.Verdict?, at moment: Timestamp, of table: RecordedTable,
    trained: ClosedRange<Timestamp>?, to series: inout JudgedSeries,
    _ uncounted: inout EvaluatedSeries.Uncounted
  ) {
    var label: RowLabel = table.labels?[series.count] == true ? .anomalous : .normal
    if let trained, trained.contains(moment) {
      label = .uncounted
      uncounted.trained += 1
    } else if ignored.contains(where: { $0.contains(moment) }) {
      label = .uncounted
      uncounted.ignored += 1
    } else if verdict?.isKnown != true {
      label = .uncounted
      uncounted.lead += 1
    }
    series.append(
      at: moment, label: label, score: verdict?.score ?? .nan, alarm: verdict?.isAlarm ?? false)
  }

  private func detection(
    _ range: ClosedRange<Int>, _ series: JudgedSeries, _ shares: [Float], isLabelled: Bool
  ) -> EvaluatedSeries.Detection {
    let peak = range.max { (series.scores[$0], $1) < (series.scores[$1], $0) } ?? range.lowerBound
    let count = model.columns.count
    let parts = shares[(peak * count)..<((peak + 1) * count)].map(Double.init)
    let order = parts.indices.sorted { parts[$0] > parts[$1] }
    let columns = order.prefix(3).filter { parts[$0] >= 0.05 }.map {
      (name: model.columns[$0].name, share: parts[$0])
    }
    return EvaluatedSeries.Detection(
      rows: range, first: series.timestamps[range.lowerBound],
      last: series.timestamps[range.upperBound],
      score: series.scores[peak], isTrue: isLabelled ? series.isTrue(range, matching) : nil,
      columns: columns)
  }

  private func courses(
    of table: RecordedTable, _ places: [Int?]
  ) -> [EvaluatedSeries.Course] {
    let unknown = [Double](repeating: .nan, count: table.count)
    return zip(model.columns, places).compactMap { column, place in
      place.map { place in
        EvaluatedSeries.Course(
          name: column.name, values: (0..<table.count).map { table[$0, place] },
          expected: unknown, margins: unknown)
      }
    }
  }
}

extension EvaluatedSeries.Course {
  fileprivate mutating func take(_ row: ModelRun.Row, at index: Int, column: Int) {
    expected[index] = row.expected[column]
    margins[index] = row.margin[column]
  }
}
