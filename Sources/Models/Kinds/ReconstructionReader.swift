import Networks
package import Series

/// Reproduces the window that ends at each row, many windows at a time; the errors of a row are the
/// root mean square errors of its window by column.
package final class ReconstructionReader: KindReader {
  /// Maximum number of windows processed together.
  private static let largestBatch = 16

  package let width: Int
  private let plan: ModelPlan
  private let batch: Int
  /// The rows of a batch.
  private var ends: [Int] = []
  private let weights: [Float]
  private let pass: ReconstructionPass
  private var random = XorShift(seed: 1)
  private var recent: RowTape
  private var stretch = 0

  package init(plan: ModelPlan, columns: Int, clockCount: Int, weights: [Float]) {
    self.plan = plan
    self.weights = weights
    batch = min(ReconstructionReader.largestBatch, plan.batch)
    width = columns
    pass = AutoencoderModel.pass(
      plan, columns: columns, clockCount: 0, steps: plan.window, batch: batch)
    recent = RowTape(columns: columns, clockCount: 0)
  }

  package func column(of error: Int) -> Int { error }

  package func read(_ tape: RowTape, into readings: inout RowReadings) {
    let first = recent.count
    recent.append(continuing: tape)
    let start = readings.errors.count
    let unknown = repeatElement(Float.nan, count: tape.count * width)
    readings.errors.append(contentsOf: unknown)
    let expected = readings.forecasts.count
    readings.forecasts.append(contentsOf: unknown)
    readings.scales.append(contentsOf: unknown)
    for row in first..<recent.count {
      stretch = recent.begins[row] ? 1 : stretch + 1
      if stretch >= plan.window { ends.append(row) }
      guard ends.count == batch || row == recent.count - 1 else { continue }
      reproduce(ends)
      for (place, end) in ends.enumerated() {
        let offset = (end - first) * width
        compare(place, end, start + offset, expected + offset, into: &readings)
      }
      ends.removeAll(keepingCapacity: true)
    }
    recent.keepLast(plan.window)
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try recent.code(&coder, atMost: plan.window)
    try coder.code(&stretch, in: 0...Int.max, "rows of a stretch")
  }

  private func reproduce(_ ends: [Int]) {
    pass.encoder.resetState()
    for (place, end) in ends.enumerated() {
      AutoencoderModel.writeWindow(
        of: recent, from: end + 1 - plan.window, length: plan.window, place: place, of: pass)
    }
    weights.withUnsafeBufferPointer {
      if let start = $0.baseAddress { pass.forward(weights: start, dropout: 0, random: &random) }
    }
  }

  private func compare(
    _ place: Int, _ end: Int, _ start: Int, _ expected: Int, into readings: inout RowReadings
  ) {
    let head = pass.head
    for column in 0..<width {
      var sum: Float = 0
      var count: Float = 0
      for step in 0..<plan.window {
        let row = (step * batch + place) * head.stride + column
        let value = recent.values[(end - step) * width + column]
        if step == 0 { readings.forecasts[expected + column] = head.predictions[row] }
        guard value.isFinite else { continue }
        let miss = value - head.predictions[row]
        sum += miss * miss
        count += 1
      }
      if count > 0 { readings.errors[start + column] = (sum / count).squareRoot() }
    }
  }
}
