package import Networks

/// Compresses a window of all columns into the state of an LSTM and reproduces it: windows that it
/// cannot reproduce are unusual.
package enum AutoencoderModel: ModelKind {
  package static let name = "autoencoder"
  package static let summary = "a sequence-to-sequence LSTM that reproduces windows of all columns"

  package static var defaults: ModelPlan {
    var plan = ModelPlan()
    plan.hidden = [32]
    plan.window = 24
    plan.horizon = 1
    plan.epochs = 100
    return plan
  }

  package typealias Source = AutoencoderSource
  package typealias Reader = ReconstructionReader

  /// Encoder and decoder process the window of each row.
  package static func uses(_ plan: ModelPlan) -> Int { plan.window }

  package static func rowsBeforeFirst(_ plan: ModelPlan) -> Int { plan.window - 1 }

  package static func pass(
    _ plan: ModelPlan, columns: Int, clockCount: Int, steps: Int, batch: Int
  ) -> ReconstructionPass {
    ReconstructionPass(
      inputs: columns, hidden: plan.hidden, loss: .squaredError, steps: steps, batch: batch)
  }
}

extension AutoencoderModel {
  /// Writes the window that begins at `start` as sequence `place` of an encoder's inputs.
  static func writeWindow(
    of tape: RowTape, from start: Int, length: Int, place: Int, of pass: ReconstructionPass
  ) {
    let (layer, columns) = (pass.encoder.layers[0], tape.columns)
    for step in 0..<length {
      let row = (step * layer.batch + place) * layer.shape.lanes
      for column in 0..<columns {
        let value = tape.filled[(start + step) * columns + column]
        layer.inputs[row + column] = max(-8, min(8, value))
      }
    }
  }
}

/// Windows in random order, each its own target.
package final class AutoencoderSource: WindowedSource {
  var windows: WindowOrder
  private let plan: ModelPlan

  package init(training: RowTape, validation: RowTape, plan: ModelPlan) {
    self.plan = plan
    windows = WindowOrder(
      training: training, validation: validation, length: plan.window, batch: plan.batch)
  }

  package func makePass(batch: Int) -> ReconstructionPass {
    AutoencoderModel.pass(
      plan, columns: windows.tape(of: .training).columns, clockCount: 0, steps: plan.window,
      batch: batch)
  }

  package func load(
    _ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: ReconstructionPass
  ) {
    let tape = windows.tape(of: part)
    let columns = tape.columns
    let head = pass.head
    head.clearTargets()
    pass.encoder.resetState()
    for (place, example) in rows.enumerated() {
      guard let start = windows.start(example, of: index, part) else { continue }
      AutoencoderModel.writeWindow(
        of: tape, from: start, length: plan.window, place: place, of: pass)
      for step in 0..<plan.window {
        let row = (plan.window - 1 - step) * rows.count + place
        for column in 0..<columns {
          let value = tape.values[(start + step) * columns + column]
          guard value.isFinite else { continue }
          head.targets[row * head.lanes + column] = max(-8, min(8, value))
          head.targetWeights[row * head.lanes + column] = 1
        }
      }
    }
  }
}
