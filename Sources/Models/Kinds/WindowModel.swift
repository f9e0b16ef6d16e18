package import Networks

/// Forecasts like ``ForecasterModel``, with a feed-forward network that sees only the latest rows.
package enum WindowModel: ModelKind {
  package static let name = "window"
  package static let summary = "a feed-forward network over the latest rows, for comparison"

  package static var defaults: ModelPlan {
    var plan = ModelPlan()
    plan.hidden = [64, 32]
    plan.window = 32
    plan.horizon = 8
    return plan
  }

  package typealias Source = WindowSource
  package typealias Reader = WindowReader

  package static func rowsBeforeFirst(_ plan: ModelPlan) -> Int { plan.window - 1 }

  /// A window is one row of inputs: there are no steps.
  package static func pass(
    _ plan: ModelPlan, columns: Int, clockCount: Int, steps: Int, batch: Int
  ) -> FeedForwardPass {
    FeedForwardPass(
      inputs: plan.window * columns + clockCount, hidden: plan.hidden,
      targets: plan.horizons.count * columns, loss: ForecasterModel.loss, batch: batch)
  }
}

extension WindowModel {
  /// Writes `length` rows up to `row`, relative to it, and the clock.
  static func writeWindow(
    of tape: RowTape, endingAt row: Int, length: Int, to place: UnsafeMutablePointer<Float>
  ) {
    let columns = tape.columns
    let first = (row + 1 - length) * columns
    for index in 0..<(length * columns) {
      let level = tape.filled[row * columns + index % columns]
      // The last row would be 0: it carries the level instead.
      let isLast = index >= (length - 1) * columns
      place[index] = max(-8, min(8, isLast ? level : tape.filled[first + index] - level))
    }
    for feature in 0..<tape.clockCount {
      place[length * columns + feature] = tape.clock[row * tape.clockCount + feature]
    }
  }
}

/// Windows in random order, each with the rows after it as targets.
package final class WindowSource: WindowedSource {
  var windows: WindowOrder
  private let plan: ModelPlan

  package init(training: RowTape, validation: RowTape, plan: ModelPlan) {
    self.plan = plan
    windows = WindowOrder(
      training: training, validation: validation, length: plan.window + plan.horizon,
      batch: plan.batch)
  }

  package func makePass(batch: Int) -> FeedForwardPass {
    let training = windows.tape(of: .training)
    return WindowModel.pass(
      plan, columns: training.columns, clockCount: training.clockCount, steps: 1, batch: batch)
  }

  package func load(
    _ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: FeedForwardPass
  ) {
    let tape = windows.tape(of: part)
    guard let inputs = pass.inputs.baseAddress else { return }
    pass.head.clearTargets()
    for (place, example) in rows.enumerated() {
      guard let start = windows.start(example, of: index, part) else { continue }
      let row = start + plan.window - 1
      WindowModel.writeWindow(
        of: tape, endingAt: row, length: plan.window, to: inputs + place * pass.inputLanes)
      var target = place * pass.head.lanes
      for horizon in plan.horizons {
        for column in 0..<tape.columns {
          let value = tape.values[(row + horizon) * tape.columns + column]
          if value.isFinite, tape.counts[row + horizon] {
            pass.head.targets[target] = value - tape.filled[row * tape.columns + column]
            pass.head.targetWeights[target] = 1
          }
          target += 1
        }
      }
    }
  }
}
