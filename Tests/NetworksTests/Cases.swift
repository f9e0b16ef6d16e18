import Networks

/// Random networks and sequences, the same in every run.
struct Case {
  let network: ReferenceNetwork
  let sequence: ReferenceNetwork.Sequence

  var shape: NetworkShape { network.shape }

  init(network: ReferenceNetwork, sequence: ReferenceNetwork.Sequence) {
    self.network = network
    self.sequence = sequence
  }

  /// - Parameter spread: standard deviation of weights and features; by default such that rounding
  ///   is not amplified from step to step, as a large network with large weights would.
  init(
    inputs: Int, hidden: Int, horizons: Int, steps: Int, seed: UInt64, spread given: Double? = nil
  ) {
    let spread = given ?? min(0.5, 16 / Double(hidden))
    let shape = NetworkShape(inputs: inputs, hidden: hidden, horizons: horizons)
    var random = XorShift(seed: seed)
    func number() -> Double { Double(Float(random.gaussian() * spread)) }
    var parameters = [Double](repeating: 0, count: shape.parameterCount)
    var rows = (0..<inputs).map { WeightRow.feature($0) }
    rows += (0..<hidden).map { WeightRow.unit($0) } + [.bias]
    for row in rows {
      for gate in Gate.allCases {
        for unit in 0..<hidden {
          parameters[shape.gateIndex(gate, unit: unit, from: row)] = number()
        }
      }
      for horizon in 0..<horizons {
        parameters[shape.meanIndex(horizon: horizon, from: row)] = number()
        parameters[shape.logScaleIndex(horizon: horizon, from: row)] = number()
      }
    }
    // One log-scale on each side of its clip, so that both dropped gradients are met.
    parameters[shape.logScaleIndex(horizon: 0, from: .bias)] = 3.2
    if horizons > 1 { parameters[shape.logScaleIndex(horizon: 1, from: .bias)] = -5.2 }
    network = ReferenceNetwork(shape: shape, parameters: parameters)
    sequence = ReferenceNetwork.Sequence(
      features: (0..<steps).map { _ in (0..<inputs).map { _ in number() } },
      targets: (0..<steps).map { _ in
        (0..<horizons).map { _ in random.uniform() < 0.8 ? number() : nil }
      },
      hidden: (0..<hidden).map { _ in number() }, cell: (0..<hidden).map { _ in number() })
  }

  static let shapes: [(Int, Int, Int, Int)] = [
    (12, 8, 4, 32), (1, 1, 1, 1), (3, 5, 2, 7), (12, 8, 4, 31), (7, 13, 3, 32), (12, 16, 4, 32),
    (5, 17, 5, 10), (12, 32, 4, 32), (2, 9, 9, 3), (12, 64, 4, 6), (3, 24, 2, 5),
  ]
}

/// Buffers for one network on the kernels, filled from the oracle's case.
final class KernelBench {
  let weights: Weights
  let moments: AdamMoments
  let scratch: GradientScratch
  let state: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutablePointer<Float>

  init(_ example: Case) {
    let shape = example.shape
    let count = shape.parameterCount
    memory = .allocate(capacity: 3 * count + shape.stateCount)
    memory.initialize(repeating: 0, count: 3 * count + shape.stateCount)
    weights = Weights(shape: shape, at: memory)
    moments = AdamMoments(mean: memory + count, variance: memory + 2 * count)
    state = memory + 3 * count
    scratch = GradientScratch(shape: shape, steps: example.sequence.features.count)
    for (index, value) in example.network.parameters.enumerated() {
      weights.floats[index] = Float(value)
    }
    for unit in 0..<shape.hidden {
      state[unit] = Float(example.sequence.hidden[unit])
      state[shape.units + unit] = Float(example.sequence.cell[unit])
    }
    for (step, features) in example.sequence.features.enumerated() {
      for (index, value) in features.enumerated() {
        scratch.inputs[step * shape.inputs + index] = Float(value)
      }
      for (q, target) in example.sequence.targets[step].enumerated() {
        scratch.known[step * shape.horizons + q] = target == nil ? 0 : 1
        scratch.targets[step * shape.horizons + q] = Float(target ?? 0)
      }
    }
  }

  deinit { memory.deallocate() }
}
