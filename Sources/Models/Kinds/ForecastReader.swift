import Glibc
import Networks
package import Series

/// Carries a forecaster's state from row to row (or, without state, rereads the window of each
/// row), and compares each row with its forecasts.
package final class ForecastReader: KindReader {
  package let width: Int
  private let plan: ModelPlan
  private let columns: Int
  private let weights: [Float]
  private let pass: RecurrentPass
  private var random = XorShift(seed: 1)
  private var past: PastForecasts
  private var recent: RowTape

  package init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]) {
    self.plan = plan
    self.columns = columns
    self.weights = weights
    width = plan.horizons.count * columns
    pass = ForecasterModel.pass(
      plan, columns: columns, clockCount: clockCount, steps: ForecasterModel.uses(plan), batch: 1)
    past = PastForecasts(horizons: plan.horizons, columns: columns)
    recent = RowTape(columns: columns, clockCount: clockCount)
  }

  package func column(of error: Int) -> Int { error % columns }

  package func horizon(of error: Int) -> Int? { plan.horizons[error / columns] }

  package func read(_ tape: RowTape, into readings: inout RowReadings) {
    guard let inputs = pass.stack.inputs.baseAddress else { return }
    let first = recent.count
    recent.append(continuing: tape)
    for row in first..<recent.count {
      if recent.begins[row] {
        pass.stack.resetState()
        past.forget()
      }
      past.compare(row, of: recent, into: &readings)
      let lead = plan.isStateless ? rowsBefore(row) : 0
      for step in 0...lead {
        ForecasterModel.writeFeatures(
          of: row - lead + step, of: recent, to: inputs + step * pass.stack.layers[0].shape.lanes)
      }
      weights.withUnsafeBufferPointer {
        if let start = $0.baseAddress {
          pass.forward(weights: start, dropout: 0, random: &random)
        }
      }
      // Without state, later steps keep stale data from earlier windows, which is not read.
      if !plan.isStateless { pass.stack.carryState() }
      past.take(row, of: recent, pass.head, step: lead)
    }
    recent.keepLast(ForecasterModel.uses(plan))
  }

  /// Number of rows before a row, in the same stretch, that are in its window.
  private func rowsBefore(_ row: Int) -> Int {
    var first = row
    while first > 0, !recent.begins[first], row - first + 1 < plan.window { first -= 1 }
    return row - first
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try recent.code(&coder, atMost: ForecasterModel.uses(plan))
    try past.code(&coder)
    try coder.code(stateOf: pass.stack)
  }
}

/// Forecasts of future rows.
struct PastForecasts {
  private let horizons: [Int]
  private let columns: Int
  /// `[furthest horizon][horizons][columns]`: by the row from which they were made.
  private var locations: [Float]
  private var scales: [Float]
  private var seen = 0
  private var next = 0

  init(horizons: [Int], columns: Int) {
    self.horizons = horizons
    self.columns = columns
    let count = (horizons.last ?? 1) * horizons.count * columns
    locations = Array(repeating: 0, count: count)
    scales = Array(repeating: 1, count: count)
  }

  private var furthest: Int { horizons.last ?? 1 }

  /// The next row does not continue the previous one.
  mutating func forget() { seen = 0 }

  /// Appends the errors of a row in units of the forecasts' scale, and the forecast made one row
  /// before.
  func compare(_ row: Int, of tape: RowTape, into readings: inout RowReadings) {
    for (place, horizon) in horizons.enumerated() {
      let made = (next - horizon + furthest) % furthest
      let start = (made * horizons.count + place) * columns
      for column in 0..<columns {
        let value = tape.values[row * columns + column]
        let isKnown = seen >= horizon && value.isFinite
        let location = locations[start + column]
        readings.errors.append(isKnown ? (value - location) / scales[start + column] : .nan)
        guard horizon == 1 else { continue }
        readings.forecasts.append(seen > 0 ? location : .nan)
        readings.scales.append(seen > 0 ? scales[start + column] : .nan)
      }
    }
  }

  /// Keeps the forecasts made from a row: locations relative to it, and log-scales.
  /// - Parameter step: the step of the pass that read the row.
  mutating func take(_ row: Int, of tape: RowTape, _ head: PredictionHead, step: Int = 0) {
    let predictions = step * head.stride
    let start = next * horizons.count * columns
    for target in 0..<(horizons.count * columns) {
      let level = tape.filled[row * columns + target % columns]
      locations[start + target] = level + head.predictions[predictions + target]
      let logScale = head.predictions[predictions + head.lanes + target]
      scales[start + target] = exp(max(-5, min(3, logScale)))
    }
    next = (next + 1) % furthest
    seen = min(seen + 1, furthest)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&locations)
    try coder.code(&scales)
    try coder.code(&seen, in: 0...furthest, "rows with forecasts")
    try coder.code(&next, in: 0...(furthest - 1), "place of the next forecasts")
  }
}
