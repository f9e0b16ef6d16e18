package import Networks

/// Forecasts several rows ahead, location and scale of each column, with cells whose state is
/// carried from chunk to chunk of the recording.
package enum ForecasterModel: ModelKind {
  package static let name = "forecaster"
  package static let summary = "a stateful LSTM that forecasts every column several rows ahead"

  package static var defaults: ModelPlan {
    var plan = ModelPlan()
    plan.hidden = [32]
    plan.window = 64
    plan.horizon = 8
    return plan
  }

  static let loss = Loss.studentT(degreesOfFreedom: 4)

  /// Without state, the window of each row is reread.
  package static func uses(_ plan: ModelPlan) -> Int { plan.isStateless ? plan.window : 1 }

  package typealias Source = ForecasterSource
  package typealias Reader = ForecastReader

  package static func pass(
    _ plan: ModelPlan, columns: Int, clockCount: Int, steps: Int, batch: Int
  ) -> RecurrentPass {
    RecurrentPass(
      inputs: 2 * columns + clockCount, hidden: plan.hidden,
      targets: plan.horizons.count * columns, loss: loss, steps: steps, batch: batch)
  }
}

extension ForecasterModel {
  /// Values are clipped to this before a network reads them, so that one spike does not dominate
  /// it.
  private static let largest: Float = 8

  /// Writes the network's input for a row: each column's value and its change, and the clock.
  static func writeFeatures(
    of row: Int, of tape: RowTape, to place: UnsafeMutablePointer<Float>
  ) {
    let columns = tape.columns
    for column in 0..<columns {
      let value = tape.filled[row * columns + column]
      // A restored state may lack the preceding rows.
      let before = row == 0 || tape.begins[row] ? value : tape.filled[(row - 1) * columns + column]
      place[column] = max(-largest, min(largest, value))
      place[columns + column] = max(-largest, min(largest, value - before))
    }
    for feature in 0..<tape.clockCount {
      place[2 * columns + feature] = tape.clock[row * tape.clockCount + feature]
    }
  }
}

/// Chunks of a recording: the tape is cut into as many pieces as a batch has sequences, and each batch
/// is the next chunk of every piece.
package final class ForecasterSource: KindSource {
  package let batch: Int
  private let plan: ModelPlan
  private let training: RowTape
  private let validation: RowTape
  /// How many rows the pieces are shifted by in this epoch, so that chunks begin elsewhere.
  private var shift = 0

  package init(training: RowTape, validation: RowTape, plan: ModelPlan) {
    // A piece of fewer than eight chunks would leave too few updates before its state is reset.
    batch = max(1, min(plan.batch, training.count / (8 * plan.window)))
    self.plan = plan
    self.training = training
    self.validation = validation
  }

  package func makePass(batch: Int) -> RecurrentPass {
    ForecasterModel.pass(
      plan, columns: training.columns, clockCount: training.clockCount, steps: plan.window,
      batch: batch)
  }

  package func batches(of part: ExamplePart) -> Int {
    let rows = (part == .training ? training : validation).count
    return rows == 0 ? 0 : ((rows + batch - 1) / batch + plan.window - 1) / plan.window
  }

  package func begin(_ part: ExamplePart, random: inout XorShift) {
    if part == .training { shift = Int(random.uniform() * Double(plan.window)) }
  }

  package func load(
    _ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: RecurrentPass
  ) {
    if index == 0 || plan.isStateless { pass.stack.resetState() } else { pass.stack.carryState() }
    let tape = part == .training ? training : validation
    let length = (tape.count + batch - 1) / batch
    let offset = part == .training ? shift : 0
    let lanes = pass.stack.layers[0].shape.lanes
    guard let inputs = pass.stack.inputs.baseAddress else { return }
    pass.head.clearTargets()
    for step in 0..<plan.window {
      for (place, sequence) in rows.enumerated() {
        let within = index * plan.window + step
        // Every piece continues in the next one, and the last in the first.
        let row = (sequence * length + within + offset) % tape.count
        let example = step * rows.count + place
        ForecasterModel.writeFeatures(of: row, of: tape, to: inputs + example * lanes)
        if within < length { setTargets(of: row, on: tape, example, pass.head) }
      }
    }
  }

  private func setTargets(of row: Int, on tape: RowTape, _ example: Int, _ head: PredictionHead) {
    let columns = tape.columns
    var target = example * head.lanes
    var end = row + 1
    for horizon in plan.horizons {
      while end < tape.count, end <= row + horizon, !tape.begins[end] { end += 1 }
      let isKnown = row + horizon < end && tape.counts[row + horizon]
      for column in 0..<columns {
        let value = isKnown ? tape.values[(row + horizon) * columns + column] : .nan
        if value.isFinite {
          head.targets[target] = value - tape.filled[row * columns + column]
          head.targetWeights[target] = 1
        }
        target += 1
      }
    }
  }
}
