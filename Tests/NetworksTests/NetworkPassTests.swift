import AllocationCounter
import Networks
import Support
import Testing

/// Whole networks over mini-batches: gradients, updates, and the same result on any number of threads.
@Suite struct NetworkPassTests {
  /// A network whose inputs are random, as are its targets.
  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var make: @Sendable (Int) -> any NetworkPass
  }

  static let examples = [
    Example(testDescription: "one cell, Student t") { batch in
      RecurrentPass(
        inputs: 3, hidden: [9], targets: 2, loss: .studentT(degreesOfFreedom: 4), steps: 5,
        batch: batch)
    },
    Example(testDescription: "two cells, logistic") { batch in
      RecurrentPass(
        inputs: 2, hidden: [8, 5], targets: 1, loss: .logistic, steps: 4, batch: batch)
    },
    Example(testDescription: "autoencoder") { batch in
      ReconstructionPass(inputs: 3, hidden: [6], loss: .squaredError, steps: 5, batch: batch)
    },
    Example(testDescription: "autoencoder of two cells each") { batch in
      ReconstructionPass(inputs: 10, hidden: [9, 4], loss: .squaredError, steps: 3, batch: batch)
    },
    Example(testDescription: "window of two layers") { batch in
      FeedForwardPass(
        inputs: 11, hidden: [9, 6], targets: 3, loss: .studentT(degreesOfFreedom: 4), batch: batch)
    },
  ]

  @Test(arguments: examples)
  func `the gradient is the derivative of the loss`(example: Example) {
    var random = XorShift(seed: 5)
    let pass = example.make(6)
    fill(pass, &random)
    var weights = [Float](repeating: 0, count: pass.parameterCount)
    pass.initialize(&weights, random: &random)
    func loss(_ weights: [Float]) -> Double {
      pass.forward(weights: weights, dropout: 0, random: &random)
      return Double(pass.head.apply(scale: 1))
    }
    _ = loss(weights)
    var gradient = [Float](repeating: 0, count: weights.count)
    pass.backward(weights: weights, gradient: &gradient)
    for _ in 0..<8 {
      // Along a random direction, the padding left out: rounding of the loss averages out.
      let direction = weights.map { $0 == 0 ? 0 : Float(random.gaussian()) }
      let step: Float = 1e-2
      let above = loss(zip(weights, direction).map { $0 + step * $1 })
      let below = loss(zip(weights, direction).map { $0 - step * $1 })
      let expected = (above - below) / Double(2 * step)
      let found = zip(gradient, direction).reduce(0) { $0 + Double($1.0 * $1.1) }
      #expect(abs(found - expected) < 2e-2 * max(1, abs(expected)), "\(found) for \(expected)")
    }
  }

  @Test func `a whole update matches PyTorch`() throws {
    let golden = try GoldenLayers.stored.get().update
    let source = FixedSource(batch: golden.batch) { batch in
      RecurrentPass(
        inputs: golden.inputs, hidden: [golden.hidden, golden.hidden], targets: golden.targets,
        loss: .studentT(degreesOfFreedom: 4), steps: golden.steps, batch: batch)
    } load: { pass in
      pass.stack.inputs.fill(padded(golden.x, to: pass.stack.layers[0].shape.lanes))
      pass.head.targets.fill(padded(golden.expected, to: pass.head.lanes))
      for place in pass.head.targetWeights.indices {
        pass.head.targetWeights[place] = place % pass.head.lanes < golden.targets ? 1 : 0
      }
    }
    let learner = Learner(source, seed: 1, threads: 1)
    let shape = source.makePass(batch: golden.batch)
    func flat(_ parameters: GoldenLayers.Update.Parameters) -> [Double] {
      let lanes = shape.head.lanes
      return zip(parameters.cells, shape.stack.layers).flatMap { $0.flattened($1.shape) }
        + GoldenLayerTests.flattened(
          shape.head.layer.shape, parameters.weight, parameters.bias
        ) { $0 < golden.targets ? $0 : lanes + $0 - golden.targets }
    }
    learner.weights.fill(flat(golden.parameters))
    let loss = try #require(learner.update(batch: 0, learningRate: 2e-3, dropout: 0))
    #expect(abs(loss.sum / Double(golden.batch) - golden.loss) < 1e-5 * abs(golden.loss))
    let gradient = flat(golden.gradient)
    for (index, after) in flat(golden.afterUpdate).enumerated() where abs(gradient[index]) > 1e-3 {
      #expect(abs(Double(learner.weights[index]) - after) < 2e-6, "parameter \(index)")
    }
  }

  @Test func `learning on two threads gives the same bits as on one`() {
    let results = [1, 2, 5].map { threads in
      let learner = Learner(NetworkPassTests.learnable(batch: 37), seed: 3, threads: threads)
      for _ in 0..<20 { _ = learner.update(batch: 0, learningRate: 1e-2, dropout: 0.2) }
      return Array(learner.weights)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func `learning reduces the loss`() throws {
    let learner = Learner(NetworkPassTests.learnable(batch: 16), seed: 3, threads: 2)
    let before = learner.evaluate(batch: 0, of: .training).mean
    for _ in 0..<200 { _ = learner.update(batch: 0, learningRate: 1e-2, dropout: 0) }
    #expect(learner.evaluate(batch: 0, of: .training).mean < before / 4)
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `a step allocates nothing`() {
    let learner = Learner(NetworkPassTests.learnable(batch: 16), seed: 3, threads: 1)
    for _ in 0..<3 { _ = learner.update(batch: 0, learningRate: 1e-2, dropout: 0.1) }
    let before = allocation_counter_current()
    for _ in 0..<10 { _ = learner.update(batch: 0, learningRate: 1e-2, dropout: 0.1) }
    #expect(allocation_counter_current() == before)
  }

  @Test func `a gradient that is not a number changes nothing`() {
    let source = FixedSource(batch: 2) { batch in
      RecurrentPass(
        inputs: 1, hidden: [8], targets: 1, loss: .squaredError, steps: 2, batch: batch)
    } load: { pass in
      pass.head.targets.update(repeating: .nan)
      pass.head.targetWeights.update(repeating: 1)
    }
    let learner = Learner(source, seed: 1, threads: 1)
    let before = Array(learner.weights)
    #expect(learner.update(batch: 0, learningRate: 1e-2, dropout: 0) == nil)
    #expect(Array(learner.weights) == before)
  }

  /// Sequences whose targets are the inputs of the step before.
  private static func learnable(batch: Int) -> FixedSource<RecurrentPass> {
    FixedSource(batch: batch) { batch in
      RecurrentPass(
        inputs: 1, hidden: [8, 8], targets: 1, loss: .squaredError, steps: 6, batch: batch)
    } load: { pass in
      pass.stack.resetState()
      let rows = pass.stack.layers[0].batch
      for place in 0..<(6 * rows) {
        let value = Float((place * 7919) % 13) / 6 - 1
        pass.stack.inputs[place * 8] = value
        pass.head.targets[place * 8] =
          place < rows ? 0 : pass.stack.inputs[(place - rows) * 8]
        pass.head.targetWeights[place * 8] = 1
      }
    }
  }

  private func fill(_ pass: any NetworkPass, _ random: inout XorShift) {
    switch pass {
    case let pass as RecurrentPass:
      let layer = pass.stack.layers[0]
      fill(layer.inputs, of: layer.shape.inputs, stride: layer.shape.lanes, &random)
      fill(layer.initialCells, of: layer.shape.hidden, stride: layer.shape.units, &random)
    case let pass as ReconstructionPass:
      let layer = pass.encoder.layers[0]
      fill(layer.inputs, of: layer.shape.inputs, stride: layer.shape.lanes, &random)
    case let pass as FeedForwardPass:
      fill(pass.inputs, of: 11, stride: pass.inputLanes, &random)
    default: Issue.record("a pass of an unknown kind")
    }
    let head = pass.head
    for place in head.targets.indices where place % head.lanes < head.targetCount {
      let target = Float(random.gaussian())
      head.targets[place] = head.loss == .logistic ? (target > 0 ? 1 : 0) : target
      head.targetWeights[place] = Float(random.uniform())
    }
  }

  private func fill(
    _ rows: UnsafeMutableBufferPointer<Float>, of count: Int, stride: Int,
    _ random: inout XorShift
  ) {
    for place in rows.indices where place % stride < count {
      rows[place] = Float(random.gaussian())
    }
  }
}

/// One batch, always the same.
private final class FixedSource<Pass: NetworkPass>: ExampleSource {
  let batch: Int
  private let make: (Int) -> Pass
  private let fill: (Pass) -> Void

  init(batch: Int, make: @escaping (Int) -> Pass, load: @escaping (Pass) -> Void) {
    self.batch = batch
    self.make = make
    fill = load
  }

  func makePass(batch: Int) -> Pass { make(batch) }
  func batches(of part: ExamplePart) -> Int { 1 }
  func begin(_ part: ExamplePart, random: inout XorShift) {}
  func load(_ index: Int, rows: Range<Int>, of part: ExamplePart, into pass: Pass) { fill(pass) }
}
