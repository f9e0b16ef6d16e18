import Networks

/// The arithmetic of the detector's network alone.
enum NetworkWork {
  private static let shape = NetworkShape(inputs: 12, hidden: 8, horizons: 4)
  private static let steps = 32

  /// One forward step with its outputs.
  static func step() -> () -> Void {
    let memory = Memory()
    let forward = ForwardStep(shape: shape, kernels: .current)
    return {
      forward.advance(memory.state, weights: memory.weights, features: memory.features)
      forward.outputs(
        memory.outputs, state: memory.state, weights: memory.weights, features: memory.features)
    }
  }

  /// One gradient through all steps.
  static func gradient() -> () -> Void {
    let memory = Memory()
    let scratch = GradientScratch(shape: shape, steps: steps)
    var random = XorShift(seed: 8)
    for index in 0..<(steps * shape.inputs) { scratch.inputs[index] = Float(random.gaussian()) }
    for index in 0..<(steps * shape.horizons) {
      scratch.targets[index] = Float(random.gaussian())
      scratch.known[index] = 1
    }
    let learning = TruncatedBPTT(kernels: .current)
    return {
      learning.computeGradient(
        weights: memory.weights, initialState: memory.state, scratch: scratch)
    }
  }

  /// A network's weights and state.
  private final class Memory {
    let weights: Weights
    let state: UnsafeMutablePointer<Float>
    let features: UnsafeMutablePointer<Float>
    let outputs: UnsafeMutablePointer<Float>
    private let block: UnsafeMutablePointer<Float>

    init() {
      let count = shape.parameterCount + shape.stateCount + shape.inputs + shape.outputLanes
      block = .allocate(capacity: count)
      block.initialize(repeating: 0, count: count)
      weights = Weights(shape: shape, at: block)
      state = block + shape.parameterCount
      features = state + shape.stateCount
      outputs = features + shape.inputs
      var random = XorShift(seed: 7)
      weights.initialize(random: &random)
      for index in 0..<shape.inputs { features[index] = Float(random.gaussian()) }
    }

    deinit { block.deallocate() }
  }
}
