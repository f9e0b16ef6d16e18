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

  /// - Parameters:
  ///   - others: models that judge together with `model`, whose forecasts are the ones shown.
  ///   - includesTraining: whether rows that the model was trained on count.
  ///   - ignored: excluded spans.
  package init(
    _ model: TrainedModel, _ matching: Scorecard.Matching, with others: [TrainedModel] = [],
    includesTraining: Bool = false, ignored: [ClosedRange<Timestamp>] = []
  ) {
    self.model = model
    self.others = others
    self.matching = matching
    self.includesTraining = includesTraining
    self.ignored = ignored
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
    var (known, horizons) = try rows(of: table, model)
    for (number, other) in others.enumerated() {
      let more = try rows(of: table, other).rows
      for row in known.indices {
        known[row]?.add(more[row], of: other, to: model, number: Double(number + 2))
      }
    }
    var uncounted = EvaluatedSeries.Uncounted()
    let series = judged(table, known, &uncounted)
    let detections = series.detections(within: matching.joining).map {
      detection($0, series, known, isLabelled: table.labels != nil)
    }
    return EvaluatedSeries(
      series: series, isLabelled: table.labels != nil, score: Scorecard.Series(series, matching),
      detections: detections, uncounted: uncounted,
      forecastErrors: forecastErrors(table, series, known),
      coverage: coverage(series, known, horizons: horizons), courses: courses(table, known),
      anomalies: table.anomalies,
      trained: trainedRows(of: table), interval: table.interval)
  }

  private func rows(
    of table: RecordedTable, _ model: TrainedModel
  ) throws(Failure) -> (rows: [ModelRun.Row?], horizons: [Int?]) {
    guard let run = ModelRun(model) else { throw .unknownKind(model.kind) }
    var known: [ModelRun.Row?] = Array(repeating: nil, count: table.count)
    do throws(TrainedModel.ReadingError) {
      try run.judge(table) { known[$0] = $1 }
    } catch {
      switch error {
      case .missingColumns(let names): throw .missingColumns(names)
      }
    }
    return (known, run.horizons)
  }

  private func trainedRows(of table: RecordedTable) -> ClosedRange<Int>? {
    guard !includesTraining, let span = model.provenance.span(of: table.name),
      let first = table.timestamps.firstIndex(where: span.contains),
      let last = table.timestamps.lastIndex(where: span.contains)
    else { return nil }
    return first...last
  }

  private func judged(
    _ table: RecordedTable, _ known: [ModelRun.Row?], _ uncounted: inout EvaluatedSeries.Uncounted
  ) -> JudgedSeries {
    let trained = includesTraining ? nil : model.provenance.span(of: table.name)
    var series = JudgedSeries(name: table.name)
    for row in 0..<table.count {
      let moment = table.timestamps[row]
      let verdict = known[row]?.verdict
      var label: RowLabel = table.labels?[row] == true ? .anomalous : .normal
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
    return series
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
    return EvaluatedSeries.Detection(
      rows: range, first: series.timestamps[range.lowerBound],
      last: series.timestamps[range.upperBound],
      score: series.scores[peak], isTrue: isLabelled ? series.isTrue(range, matching) : nil,
      columns: columns)
  }

  /// For rows that are not labelled as anomalous, since anomalies cannot be forecast.
  private func forecastErrors(
    _ table: RecordedTable, _ series: JudgedSeries, _ known: [ModelRun.Row?]
  ) -> [(column: String, model: Double, lastValue: Double)] {
    // A reconstructed window or a probability is not a forecast.
    guard model.kind != AutoencoderModel.name else { return [] }
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

  private func coverage(
    _ series: JudgedSeries, _ known: [ModelRun.Row?], horizons: [Int?]
  ) -> BandCoverage {
    var coverage = BandCoverage()
    for row in 0..<series.count where series.labels[row] == .normal {
      guard let errors = known[row]?.errors else { continue }
      for (error, horizon) in zip(errors, horizons) where error.isFinite {
        guard let horizon else { continue }
        coverage.add(horizon: horizon, isInside: abs(error) <= ModelRun.bandWidth)
      }
    }
    return coverage
  }

  private func courses(
    _ table: RecordedTable, _ known: [ModelRun.Row?]
  ) -> [EvaluatedSeries.Course] {
    let places = model.places(in: table)
    return model.columns.indices.compactMap { column in
      guard let place = places[column] else { return nil }
      return EvaluatedSeries.Course(
        name: model.columns[column].name,
        values: (0..<table.count).map { table[$0, place] },
        expected: known.map { $0?.expected[column] ?? .nan },
        margins: known.map { $0?.margin[column] ?? .nan })
    }
  }
}

extension ModelRun.Row {
  /// Combines another model's score of the row.
  /// - Parameter number: how many models have judged it so far.
  fileprivate mutating func add(
    _ row: ModelRun.Row?, of other: TrainedModel, to model: TrainedModel, number: Double
  ) {
    guard let row, row.verdict.isKnown, verdict.isKnown else { return verdict.isKnown = false }
    // Scores of 0 and of fixed thresholds of 0 stay finite.
    func bounded(_ score: Double) -> Double { max(1e-6, min(score, 1e6)) }
    verdict.score = exp(
      ((number - 1) * log(bounded(verdict.score)) + log(bounded(row.verdict.score))) / number)
    for (place, column) in model.columns.enumerated() {
      let share = other.columns.firstIndex { $0.name == column.name }.map { row.shares[$0] } ?? 0
      shares[place] += (share - shares[place]) / number
    }
  }
}
