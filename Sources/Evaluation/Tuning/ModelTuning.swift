package import Models

/// Tunes a model: trained on the first part of each recording, judged on the second, and, once
/// chosen, on the third.
package struct ModelTuning: Sendable {
  /// Shares of the rows for training and for choosing between trials; the rest is held out.
  package static let shares = (training: 0.6, choice: 0.2)

  /// The results of a chosen model on the held-out rows.
  package struct HeldOut: Sendable {
    /// The measures; nil without labels.
    package var scorecard: Scorecard?
    /// Root mean squared errors of the forecasts over the last value's, by column and recording.
    package var forecastRatios: [Double]
  }

  private let request: ModelTraining.Request
  private let tables: [RecordedTable]
  private let names: [String]
  private let matching: Scorecard.Matching
  private let measure: Scorecard.Measure?
  private let threads: Int

  /// - Parameters:
  ///   - names: parameters that vary: units, window, horizon, learning-rate, dropout, batch, budget.
  ///   - measure: the measure to maximise; nil for the likelihood of rows that were not trained on.
  package init(
    _ request: ModelTraining.Request, _ tables: [RecordedTable], varying names: [String],
    _ matching: Scorecard.Matching, by measure: Scorecard.Measure?, threads: Int
  ) {
    self.request = request
    self.tables = tables
    self.names = names
    self.matching = matching
    self.measure = measure
    self.threads = threads
  }

  /// The parameters that can be tuned, with their usual bounds.
  package static let known: [Tuner.Parameter] = [
    .init("units", 8...64, isLogarithmic: true, isWhole: true),
    .init("window", 16...128, isLogarithmic: true, isWhole: true),
    .init("learning-rate", 0.001...0.01, isLogarithmic: true, isWhole: false),
    .init("budget", 100...20_000, isLogarithmic: true, isWhole: true),
    .init("horizon", 1...64, isLogarithmic: true, isWhole: true),
    .init("dropout", 0...0.5, isLogarithmic: false, isWhole: false),
    .init("batch", 8...64, isLogarithmic: true, isWhole: true),
  ]

  /// The request of a trial.
  package func request(_ values: [Double]) -> ModelTraining.Request {
    var request = request
    for (name, value) in zip(names, values) {
      switch name {
      case "units": request.plan.hidden = request.plan.hidden.map { _ in Int(value) }
      case "window": request.plan.window = Int(value)
      case "horizon": request.plan.horizon = Int(value)
      case "learning-rate": request.plan.learningRate = value
      case "dropout": request.plan.dropout = value
      case "batch": request.plan.batch = Int(value)
      case "budget": request.rule = .calibrated(budget: value)
      default: break
      }
    }
    return request
  }

  /// The value of a trial: the measure on the second part, or minus the mean loss there.
  package func value(_ values: [Double], proceed: () -> Bool) throws(ModelTraining.Failure)
    -> Double
  {
    var request = request(values)
    guard let measure else {
      // The second part decides when training ends and provides the likelihood.
      let (training, choice) = ModelTuning.shares
      request.validationShare = choice / (training + choice)
      let model = try train(request, share: training + choice, proceed)
      let losses = model.validationLosses
      return losses.indices.contains(model.bestEpoch - 1) ? -losses[model.bestEpoch - 1] : .nan
    }
    let model = try train(request, share: ModelTuning.shares.training, proceed)
    let end = ModelTuning.shares.training + ModelTuning.shares.choice
    let judged = judge(model, tables.map { $0.rows(0..<ModelTuning.row($0, end)) })
    let scorecard = Scorecard(measured: judged.map(\.score), judged.map(\.series))
    // A model that never alarms finds nothing.
    return scorecard.value(measure) ?? 0
  }

  /// Trains the chosen model on the first two parts, and judges it on the third.
  package func finish(
    _ values: [Double], proceed: () -> Bool
  ) throws(ModelTraining.Failure) -> (model: TrainedModel, heldOut: HeldOut) {
    let (training, choice) = ModelTuning.shares
    let model = try train(request(values), share: training + choice, proceed)
    let judged = judge(model, tables)
    let labelled = judged.filter(\.isLabelled)
    let ratios = judged.flatMap { $0.forecastErrors.map { $0.model / max($0.lastValue, 1e-300) } }
    return (
      model,
      HeldOut(
        scorecard: labelled.isEmpty
          ? nil : Scorecard(measured: labelled.map(\.score), labelled.map(\.series)),
        forecastRatios: ratios)
    )
  }

  private static func row(_ table: RecordedTable, _ share: Double) -> Int {
    Int(Double(table.count) * share)
  }

  private func train(
    _ request: ModelTraining.Request, share: Double, _ proceed: () -> Bool
  ) throws(ModelTraining.Failure) -> TrainedModel {
    try ModelTraining(request, tables.map { $0.rows(0..<ModelTuning.row($0, share)) })
      .run(threads: threads, began: { _, _ in }) { _ in proceed() }
  }

  private func judge(_ model: TrainedModel, _ tables: [RecordedTable]) -> [EvaluatedSeries] {
    let evaluator = Evaluator(model, matching)
    return tables.compactMap { table in try? evaluator.evaluate(table) }
  }
}
