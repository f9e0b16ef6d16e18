import MachineLimits
import Measuring
import Networks

/// Times of whole training steps over mini-batches for each instruction set, and their share of the
/// multiply-adds that a core can do: forward, Student-t loss, backward, clipping, Adam.
enum TrainingTimes {
  private static let inputs = 12
  private static let targets = 4
  private static let steps = 64
  private static let batch = 32

  static func measure(into report: inout Report, rounds: Int) {
    for set in InstructionSet.available {
      guard let kernels = Kernels(set) else { continue }
      report.begin(
        "training \(set.rawValue)",
        "LSTM of 12 inputs, dense head, Student-t of 4 targets; batch 32, sequence 64, one core")
      let cases = [[32], [64], [32, 32]].map { Case(hidden: $0, kernels: kernels) }
      let peak = Repetition("peak") { _ = limits_multiply_add(set.rawValue, $0) }
      let times = Repetition.interleaved(
        [peak] + cases.map(\.repetition), rounds: rounds, milliseconds: 5)
      let perRound = limits_multiply_add(set.rawValue, 1)
      let limit = Spread(times[0].map { perRound / $0 }).median
      for (example, measured) in zip(cases, times.dropFirst()) {
        let shares = measured.map { 100 * example.operations / $0 / limit }
        report.note(
          example.name, measured.map { $0 / 1e3 }, "µs/step",
          remark: "\(Spread(shares).text)% of the peak")
        report.keep("\(example.name) of peak", shares, "%")
      }
    }
  }

  /// A network with everything that an update of it needs.
  private struct Case {
    let name: String
    let repetition: Repetition
    /// Floating-point operations of the matrix products; activations, loss and Adam are not counted.
    let operations: Double

    init(hidden: [Int], kernels: Kernels) {
      name = "H=" + hidden.map(String.init).joined(separator: "+")
      let stack = CellStack(
        inputs: inputs, hidden: hidden, steps: steps, batch: batch, kernels: kernels)
      let shape = DenseShape.studentT(inputs: stack.top.shape.hidden, targets: targets)
      let head = DenseBatch(shape: shape, rows: steps * batch, kernels: kernels)
      let loss = Loss.studentT(degreesOfFreedom: 4)
      let lanes = head.targetLanes(of: loss)
      let first = stack.parameterCount
      let count = first + shape.parameterCount
      let parameters = FloatBlock(4 * count)
      let examples = FloatBlock(2 * head.rows * lanes)
      var random = XorShift(seed: 7)
      stack.initialize(parameters.floats, random: &random)
      shape.initialize(parameters.floats + first, gain: 0.1, random: &random)
      for index in stack.inputs.indices {
        let isPadding = index % stack.layers[0].shape.lanes >= inputs
        stack.inputs[index] = isPadding ? 0 : Float(random.gaussian()) / 2
      }
      let targetRows = UnsafeMutableBufferPointer(
        start: examples.floats, count: head.rows * lanes)
      let weightRows = UnsafeMutableBufferPointer(
        start: examples.floats + head.rows * lanes, count: head.rows * lanes)
      for index in targetRows.indices where index % lanes < targets {
        targetRows[index] = Float(random.gaussian())
        weightRows[index] = 1
      }
      var products = 6 * Double(head.shape.inputs * 2 * targets)
      for (index, layer) in stack.layers.enumerated() {
        let (below, units) = (layer.shape.inputs, layer.shape.hidden)
        let forward = 2 * (below + units) * 4 * units
        products += Double(2 * forward + 8 * units * (units + (index > 0 ? below : 0)))
      }
      operations = products * Double(steps * batch)
      repetition = Repetition(name) { repeats in
        let (weights, gradient) = (parameters.floats, parameters.floats + count)
        let moments = AdamMoments(mean: weights + 2 * count, variance: weights + 3 * count)
        var clock = AdamClock()
        for _ in 0..<repeats {
          stack.resetState()
          stack.forward(weights: weights)
          head.forward(weights: weights + first, inputs: stack.top.outputs)
          _ = head.apply(
            loss, targets: targetRows, weights: weightRows, scale: 1 / Float(head.rows))
          gradient.update(repeating: 0, count: count)
          head.backward(
            weights: weights + first, inputs: stack.top.outputs, gradient: gradient + first,
            inputGradient: stack.top.outputGradient)
          for layer in stack.layers { layer.stateGradient.update(repeating: 0) }
          stack.backward(weights: weights, gradient: gradient, wantsInputs: false)
          // A learning rate of 0 costs the same and keeps the gradient from vanishing.
          _ = clock.follow(
            gradient, count: count, weights: weights, moments: moments, learningRate: 0,
            maximumNorm: 1, kernels: kernels)
        }
        parameters.keepAlive()
        examples.keepAlive()
      }
    }
  }
}
