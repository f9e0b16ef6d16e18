import Networks

/// Runs a feed-forward network over the latest rows, and compares each row with the forecasts of it.
final class WindowReader: RowReader {
  let width: Int
  private let plan: ModelPlan
  private let columns: Int
  private let weights: [Float]
  private let pass: FeedForwardPass
  private var random = XorShift(seed: 1)
  private var past: PastForecasts
  private var recent: RowTape
  private var stretch = 0

  init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]) {
    self.plan = plan
    self.columns = columns
    self.weights = weights
    width = plan.horizons.count * columns
    pass = WindowModel.pass(plan, columns: columns, clockCount: clockCount, batch: 1)
    past = PastForecasts(horizons: plan.horizons, columns: columns)
    recent = RowTape(columns: columns, clockCount: clockCount)
  }

  func column(of error: Int) -> Int { error % columns }

  func read(_ tape: RowTape, errors: inout [Float], forecasts: inout [Float]) {
    guard let inputs = pass.inputs.baseAddress else { return }
    let first = recent.count
    recent.append(continuing: tape)
    for row in first..<recent.count {
      if recent.begins[row] {
        stretch = 0
        past.forget()
      }
      stretch += 1
      past.compare(row, of: recent, errors: &errors, forecasts: &forecasts)
      guard stretch >= plan.window else { continue }
      recent.writeWindow(endingAt: row, length: plan.window, to: inputs)
      weights.withUnsafeBufferPointer {
        if let start = $0.baseAddress {
          pass.forward(weights: start, dropout: 0, random: &random)
        }
      }
      past.take(row, of: recent, pass.head)
    }
    recent.keepLast(plan.window)
  }
}
