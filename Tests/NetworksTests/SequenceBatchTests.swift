import Networks
import Testing

@Suite struct SequenceBatchTests {
  /// Inputs, units, steps, batch: every kind of padding, batches above and below a register tile, and
  /// more steps than one block of the gradient takes.
  static let shapes: [(Int, Int, Int, Int)] = [
    (1, 1, 1, 1), (12, 8, 4, 3), (3, 5, 31, 9), (7, 13, 3, 8), (5, 17, 2, 20), (8, 24, 3, 4),
    (0, 8, 3, 2),
  ]

  @Test(arguments: InstructionSet.available, shapes)
  func `outputs and final states agree with the oracle`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = ReferenceCell(
      inputs: sizes.0, hidden: sizes.1, steps: sizes.2, batch: sizes.3, seed: 41)
    let (batch, weights) = example.onKernels(try #require(Kernels(set)))
    batch.forward(weights: weights)
    let (outputs, cells) = example.run()
    for (ours, theirs) in zip(batch.outputs, outputs) { #expect(abs(Double(ours) - theirs) < 2e-6) }
    for (ours, theirs) in zip(batch.finalCells, cells) {
      #expect(abs(Double(ours) - theirs) < 4e-6)
    }
  }

  @Test(arguments: InstructionSet.available, shapes)
  func `gradients of weights, inputs and initial state are numerical derivatives`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = ReferenceCell(
      inputs: sizes.0, hidden: sizes.1, steps: sizes.2, batch: sizes.3, seed: 42)
    let (batch, weights) = example.onKernels(try #require(Kernels(set)))
    var gradient = [Float](repeating: 0, count: weights.count)
    batch.forward(weights: weights)
    batch.backward(weights: weights, gradient: &gradient, wantsInputs: true)
    let ours = gradient + Array(batch.inputGradient) + Array(batch.stateGradient)
    let largest = ours.reduce(0) { max($0, abs(Double($1))) }
    #expect(largest > 1e-2)
    for index in stride(from: 0, to: ours.count, by: max(1, ours.count / 60) | 1) {
      let expected = example.derivative(by: index)
      #expect(abs(Double(ours[index]) - expected) <= 3e-5 * largest, "variable \(index)")
    }
  }

  /// One sequence in chunks, each from the final state of the one before it.
  @Test func `a carried state continues the sequences`() {
    let whole = ReferenceCell(inputs: 3, hidden: 9, steps: 6, batch: 4, seed: 43)
    let (batch, weights) = whole.onKernels(.current)
    batch.forward(weights: weights)
    let half = SequenceBatch(shape: whole.shape, steps: 3, batch: 4)
    _ = half.initialOutputs.update(fromContentsOf: batch.initialOutputs)
    _ = half.initialCells.update(fromContentsOf: batch.initialCells)
    let count = half.inputs.count
    _ = half.inputs.update(fromContentsOf: batch.inputs[..<count])
    half.forward(weights: weights)
    half.carryState()
    _ = half.inputs.update(fromContentsOf: batch.inputs[count...])
    half.forward(weights: weights)
    #expect(Array(half.finalOutputs) == Array(batch.finalOutputs))
    #expect(Array(half.finalCells) == Array(batch.finalCells))

    half.resetState()
    #expect(half.initialOutputs.allSatisfy { $0 == 0 } && half.initialCells.allSatisfy { $0 == 0 })
  }

  @Test func `weight gradients accumulate`() {
    let example = ReferenceCell(inputs: 3, hidden: 5, steps: 4, batch: 2, seed: 44)
    let (batch, weights) = example.onKernels(.current)
    var gradient = [Float](repeating: 0, count: weights.count)
    let slopes = Array(batch.stateGradient)
    batch.forward(weights: weights)
    batch.backward(weights: weights, gradient: &gradient, wantsInputs: false)
    let once = gradient
    _ = batch.stateGradient.update(fromContentsOf: slopes)
    batch.forward(weights: weights)
    batch.backward(weights: weights, gradient: &gradient, wantsInputs: false)
    for (twice, once) in zip(gradient, once) { #expect(abs(twice - 2 * once) <= 1e-5) }
  }

  /// Learning to repeat at the end what was read at the beginning needs both cells and their state.
  @Test func `a stack of two cells learns with dropout between them`() throws {
    let stack = CellStack(inputs: 1, hidden: [8, 8], steps: 5, batch: 16)
    let head = DenseBatch(shape: DenseShape(inputs: 8, outputs: 1), rows: 16)
    let count = stack.parameterCount
    let total = count + head.shape.parameterCount
    var random = XorShift(seed: 45)
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4 * total + 2 * 16 * 8)
    defer { memory.deallocate() }
    memory.initialize(repeating: 0, count: 4 * total + 2 * 16 * 8)
    let gradient = memory + total
    stack.initialize(memory, random: &random)
    head.shape.initialize(memory + count, random: &random)
    let moments = AdamMoments(mean: memory + 2 * total, variance: memory + 3 * total)
    let targets = UnsafeMutableBufferPointer(start: memory + 4 * total, count: 16 * 8)
    let weights = UnsafeMutableBufferPointer(start: memory + 4 * total + 16 * 8, count: 16 * 8)
    var clock = AdamClock()
    var losses: [Float] = []
    for _ in 0..<600 {
      for sequence in 0..<16 {
        let value: Float = random.uniform() < 0.5 ? -1 : 1
        for step in 0..<5 { stack.inputs[(step * 16 + sequence) * 8] = step == 0 ? value : 0 }
        targets[sequence * 8] = value
        weights[sequence * 8] = 1
      }
      stack.resetState()
      stack.forward(weights: memory, dropout: 0.1, random: &random)
      head.forward(weights: memory + count, inputs: stack.top.finalOutputs)
      losses.append(
        head.apply(.squaredError, targets: targets, weights: weights, scale: 1 / 16))
      gradient.update(repeating: 0, count: total)
      stack.top.outputGradient.update(repeating: 0)
      for layer in stack.layers { layer.stateGradient.update(repeating: 0) }
      let final = UnsafeMutableBufferPointer(rebasing: stack.top.stateGradient[..<(16 * 8)])
      head.backward(
        weights: memory + count, inputs: stack.top.finalOutputs, gradient: gradient + count,
        inputGradient: final)
      stack.backward(weights: memory, gradient: gradient, wantsInputs: false)
      let followed = clock.follow(
        gradient, count: total, weights: memory, moments: moments, learningRate: 1e-2,
        maximumNorm: 1)
      try #require(followed)
    }
    #expect(losses[0] > 0.5)
    #expect(losses.suffix(50).reduce(0, +) / 50 < 0.1)
  }
}
