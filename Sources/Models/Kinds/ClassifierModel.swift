package import Networks

/// Learns from labels which rows are anomalous, with cells that read each row and its moving
/// averages.
package enum ClassifierModel: ModelKind {
  package typealias Source = ClassifierSource
  package typealias Reader = ClassifierReader

  package static let name = "classifier"
  package static let summary = "a stateful LSTM that learns from labels which rows are anomalous"
  package static let isSupervised = true

  package static var defaults: ModelPlan {
    var plan = ModelPlan()
    plan.hidden = [32]
    plan.window = 64
    plan.horizon = 1
    return plan
  }

  package static func pass(
    _ plan: ModelPlan, columns: Int, clockCount: Int, steps: Int, batch: Int
  ) -> RecurrentPass {
    RecurrentPass(
      inputs: MovingFeatures.count(columns: columns, clockCount: clockCount, plan: plan),
      hidden: plan.hidden, targets: 1, loss: .logistic, steps: steps, batch: batch)
  }
}

/// Chunks of labelled recordings, distributed over the sequences of a batch; a sequence's state is
/// carried from chunk to chunk within one piece of a recording. For a stateless plan, single rows
/// in random order.
package final class ClassifierSource: KindSource {
  /// Maximum length of a piece, so that a few long recordings fill a batch.
  private static let chunksOfPiece = 16

  /// Rows of one stretch that a sequence reads in one step.
  private struct Chunk {
    var rows: Range<Int>
    /// Whether it continues the chunk that the sequence read before.
    var continues: Bool
  }

  /// A part of the recordings.
  private struct Part {
    let tape: RowTape
    /// `[rows][features]`.
    var features: [Float] = []
    var pieces: [[Chunk]] = []
    /// By sequence, one after the other, with the same number of chunks each.
    var order: [Chunk] = []
    var length = 0
  }

  package let batch: Int
  private let plan: ModelPlan
  private let featureCount: Int
  private var training: Part
  private var validation: Part
  /// Weights of normal and of anomalous rows: both classes have the same total weight.
  private let weights: (normal: Float, anomalous: Float)

  package init(training: RowTape, validation: RowTape, plan: ModelPlan) {
    self.plan = plan
    featureCount = MovingFeatures.count(
      columns: training.columns, clockCount: training.clockCount, plan: plan)
    let known = training.labels.count { $0.isFinite }
    let anomalous = training.labels.count { $0 == 1 }
    weights = (
      Float(known) / Float(2 * max(1, known - anomalous)),
      Float(known) / Float(2 * max(1, anomalous))
    )
    let count = featureCount
    self.training = ClassifierSource.part(training, plan, features: count)
    self.validation = ClassifierSource.part(validation, plan, features: count)
    batch = max(1, min(plan.batch, self.training.pieces.count))
    deal(&self.training)
    deal(&self.validation)
  }

  private static func part(_ tape: RowTape, _ plan: ModelPlan, features count: Int) -> Part {
    var part = Part(tape: tape, features: Array(repeating: 0, count: tape.count * count))
    var moving = MovingFeatures(columns: tape.columns, plan: plan)
    part.features.withUnsafeMutableBufferPointer { features in
      guard let start = features.baseAddress else { return }
      for row in 0..<tape.count { moving.write(row, of: tape, to: start + row * count) }
    }
    var row = 0
    while row < tape.count {
      var end = min(row + steps(plan), tape.count)
      if let next = tape.begins[(row + 1)..<end].firstIndex(of: true) { end = next }
      let isFull = (part.pieces.last?.count ?? chunksOfPiece) >= chunksOfPiece
      if tape.begins[row] || isFull || plan.isStateless {
        part.pieces.append([Chunk(rows: row..<end, continues: false)])
      } else {
        part.pieces[part.pieces.count - 1].append(Chunk(rows: row..<end, continues: true))
      }
      row = end
    }
    return part
  }

  /// Distributes the pieces in order; one may be cut at the end of a sequence.
  private func deal(_ part: inout Part) {
    part.order.removeAll(keepingCapacity: true)
    for piece in part.pieces { part.order += piece }
    part.length = (part.order.count + batch - 1) / batch
    for first in stride(from: 0, to: part.order.count, by: max(1, part.length)) {
      part.order[first].continues = false
    }
  }

  /// Rows per chunk of a sequence.
  private static func steps(_ plan: ModelPlan) -> Int { plan.isStateless ? 1 : plan.window }

  package func makePass(batch: Int) -> RecurrentPass {
    ClassifierModel.pass(
      plan, columns: training.tape.columns, clockCount: training.tape.clockCount,
      steps: ClassifierSource.steps(plan), batch: batch)
  }

  package func batches(of part: ExamplePart) -> Int {
    part == .training ? training.length : validation.length
  }

  package func begin(_ part: ExamplePart, random: inout XorShift) {
    guard part == .training else { return }
    training.pieces.shuffle(with: &random)
    deal(&training)
  }

  package func load(
    _ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: RecurrentPass
  ) {
    if index == 0 { pass.stack.resetState() } else { pass.stack.carryState() }
    if part == .training {
      fill(pass, index, rows, from: training)
    } else {
      fill(pass, index, rows, from: validation)
    }
  }

  private func fill(_ pass: RecurrentPass, _ index: Int, _ rows: Range<Int>, from part: Part) {
    let (lanes, head) = (pass.stack.layers[0].shape.lanes, pass.head)
    head.clearTargets()
    pass.stack.inputs.update(repeating: 0)
    for (place, sequence) in rows.enumerated() {
      let number = sequence * part.length + index
      guard index < part.length, number < part.order.count else { continue }
      let chunk = part.order[number]
      if !chunk.continues { pass.stack.resetState(ofSequence: place) }
      for (step, row) in chunk.rows.enumerated() {
        let example = step * rows.count + place
        for feature in 0..<featureCount {
          pass.stack.inputs[example * lanes + feature] = part.features[row * featureCount + feature]
        }
        let label = part.tape.labels[row]
        guard label.isFinite, part.tape.counts[row] else { continue }
        head.targets[example * head.lanes] = label
        head.targetWeights[example * head.lanes] = label == 1 ? weights.anomalous : weights.normal
      }
    }
  }
}
