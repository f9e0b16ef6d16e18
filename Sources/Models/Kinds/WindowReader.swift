import Networks
package import Series

/// Runs a feed-forward network over the latest rows, and compares each row with its forecasts.
package final class WindowReader: KindReader {
  package let width: Int
  private let plan: ModelPlan
  private let columns: Int
  private let weights: [Float]
  private let pass: FeedForwardPass
  private var random = XorShift(seed: 1)
  private var past: PastForecasts
  private var recent: RowTape
  private var stretch = 0

  package init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]) {
    self.plan = plan
    self.columns = columns
    self.weights = weights
    width = plan.horizons.count * columns
    pass = WindowModel.pass(
      plan, columns: columns, clockCount: clockCount, steps: 1, batch: 1)
    past = PastForecasts(horizons: plan.horizons, columns: columns)
    recent = RowTape(columns: columns, clockCount: clockCount)
  }

  package func column(of error: Int) -> Int { error % columns }

  package func horizon(of error: Int) -> Int? { plan.horizons[error / columns] }

  package func read(_ tape: RowTape, into readings: inout RowReadings) {
    guard let inputs = pass.inputs.baseAddress else { return }
    let first = recent.count
    recent.append(continuing: tape)
    for row in first..<recent.count {
      if recent.begins[row] {
        stretch = 0
        past.forget()
      }
      stretch += 1
      past.compare(row, of: recent, into: &readings)
      guard stretch >= plan.window else { continue }
      WindowModel.writeWindow(of: recent, endingAt: row, length: plan.window, to: inputs)
      weights.withUnsafeBufferPointer {
        if let start = $0.baseAddress {
          pass.forward(weights: start, dropout: 0, random: &random)
        }
      }
      past.take(row, of: recent, pass.head)
    }
    recent.keepLast(plan.window)
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try recent.code(&coder, atMost: plan.window)
    try past.code(&coder)
    try coder.code(&stretch, in: 0...Int.max, "rows of a stretch")
  }
}
