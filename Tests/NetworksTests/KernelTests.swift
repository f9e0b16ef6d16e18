import CKernels
import Networks
import Testing

@Suite struct KernelTests {
  @Test(arguments: InstructionSet.available, Case.shapes)
  func `forward step and head agree with the oracle`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = Case(
      inputs: sizes.0, hidden: sizes.1, horizons: sizes.2, steps: sizes.3, seed: 11)
    let kernels = try #require(Kernels(set))
    let bench = KernelBench(example)
    let forward = ForwardStep(shape: example.shape, kernels: kernels)
    var hidden = example.sequence.hidden
    var cell = example.sequence.cell
    var outputs = [Float](repeating: 0, count: example.shape.outputLanes)
    for (step, features) in example.sequence.features.enumerated() {
      let x = bench.scratch.inputs + step * example.shape.inputs
      forward.advance(bench.state, weights: bench.weights, features: x)
      forward.outputs(&outputs, state: bench.state, weights: bench.weights, features: x)
      example.network.step(features, hidden: &hidden, cell: &cell)
      let expected = example.network.outputs(features, hidden: hidden)
      for unit in 0..<example.shape.hidden {
        #expect(abs(Double(bench.state[unit]) - hidden[unit]) < 2e-6)
        #expect(abs(Double(bench.state[example.shape.units + unit]) - cell[unit]) < 4e-6)
      }
      for q in 0..<example.shape.horizons {
        #expect(abs(Double(outputs[q]) - expected.means[q]) < 1e-5)
        #expect(
          abs(Double(outputs[example.shape.horizons + q]) - expected.logScales[q]) < 1e-5)
      }
    }
  }

  /// Weights so large that gates are anywhere between shut and open, and the cell far beyond where
  /// its tangent is 1; sums in the hundreds, whose last place is 1.5e-5.
  @Test(arguments: InstructionSet.available, [8, 13, 16, 32, 64])
  func `saturated gates agree with the oracle`(set: InstructionSet, hidden: Int) throws {
    let kernels = try #require(Kernels(set))
    let example = Case(
      inputs: 12, hidden: hidden, horizons: 4, steps: hidden < 32 ? 200 : 50, seed: 21, spread: 6)
    let bench = KernelBench(example)
    let forward = ForwardStep(shape: example.shape, kernels: kernels)
    var largest = 0.0
    for (step, features) in example.sequence.features.enumerated() {
      // Each step separately from the kernel's state, since weights this large amplify rounding.
      var hiddens = (0..<hidden).map { Double(bench.state[$0]) }
      var cells = (0..<hidden).map { Double(bench.state[example.shape.units + $0]) }
      forward.advance(
        bench.state, weights: bench.weights,
        features: bench.scratch.inputs + step * example.shape.inputs)
      example.network.step(features, hidden: &hiddens, cell: &cells)
      for unit in 0..<hidden {
        let scale = max(1, abs(cells[unit]))
        largest = max(largest, scale)
        #expect(abs(bench.state[unit]) <= 1)
        #expect(abs(Double(bench.state[unit]) - hiddens[unit]) < 1e-4)
        #expect(
          abs(Double(bench.state[example.shape.units + unit]) - cells[unit]) < 1e-4 * scale)
      }
    }
    #expect(largest > 7.9)
  }

  @Test(arguments: InstructionSet.available, Case.shapes)
  func `gradient through time agrees with the oracle`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = Case(
      inputs: sizes.0, hidden: sizes.1, horizons: sizes.2, steps: sizes.3, seed: 12)
    let kernels = try #require(Kernels(set))
    let bench = KernelBench(example)
    TruncatedBPTT(kernels: kernels).computeGradient(
      weights: bench.weights, initialState: bench.state, scratch: bench.scratch)
    let expected = example.network.gradient(example.sequence)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    for index in expected.indices {
      let error = abs(Double(bench.scratch.gradient[index]) - expected[index])
      #expect(error <= 2e-5 * largest, "parameter \(index)")
    }
  }

  /// So that a metric's scores do not depend on the machine that its model is moved to.
  @Test func `all sets with fused multiply-add learn the detector's network to the same bits`() {
    let example = Case(inputs: 12, hidden: 8, horizons: 4, steps: 32, seed: 16)
    var found: [[Float]] = []
    for set in [InstructionSet.avx2, .avx512] {
      guard let kernels = Kernels(set) else { continue }
      let bench = KernelBench(example)
      var clock = AdamClock()
      TruncatedBPTT(kernels: kernels).update(
        weights: bench.weights, moments: bench.moments, clock: &clock,
        initialState: bench.state, scratch: bench.scratch)
      ForwardStep(shape: example.shape, kernels: kernels).advance(
        bench.state, weights: bench.weights, features: bench.scratch.inputs)
      found.append(
        (0..<example.shape.parameterCount).map { bench.weights.floats[$0] }
          + (0..<example.shape.stateCount).map { bench.state[$0] })
    }
    #expect(found.allSatisfy { $0 == found[0] })
  }

  @Test(arguments: InstructionSet.available, Case.shapes)
  func `updates with clipping and Adam agree with the oracle`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = Case(
      inputs: sizes.0, hidden: sizes.1, horizons: sizes.2, steps: sizes.3, seed: 13)
    let kernels = try #require(Kernels(set))
    let bench = KernelBench(example)
    var clock = AdamClock()
    var network = example.network
    var adam = ReferenceAdam(count: example.shape.parameterCount)
    for _ in 0..<3 {
      let followed = TruncatedBPTT(kernels: kernels).update(
        weights: bench.weights, moments: bench.moments, clock: &clock,
        initialState: bench.state, scratch: bench.scratch)
      #expect(followed)
      adam.update(&network.parameters, network.gradient(example.sequence))
    }
    #expect(clock.updates == 3)
    // A parameter whose gradient is mere rounding noise may move by its sign; all others agree.
    let largest = adam.mean.reduce(0) { max($0, abs($1)) }
    for index in network.parameters.indices where abs(adam.mean[index]) > 1e-3 * largest {
      let error = abs(Double(bench.weights.floats[index]) - network.parameters[index])
      #expect(error < 2e-5, "parameter \(index)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `padding stays zero under training`(set: InstructionSet) throws {
    let example = Case(inputs: 3, hidden: 5, horizons: 2, steps: 7, seed: 14)
    let kernels = try #require(Kernels(set))
    let bench = KernelBench(example)
    var clock = AdamClock()
    for _ in 0..<10 {
      TruncatedBPTT(kernels: kernels).update(
        weights: bench.weights, moments: bench.moments, clock: &clock,
        initialState: bench.state, scratch: bench.scratch)
    }
    for gate in Gate.allCases {
      for unit in 5..<8 {
        for row in [WeightRow.feature(0), .unit(4), .bias] {
          #expect(bench.weights.floats[example.shape.gateIndex(gate, unit: unit, from: row)] == 0)
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available, [Float.nan, .infinity, -.infinity])
  func `a gradient that cannot be followed changes nothing`(
    set: InstructionSet, poison: Float
  ) throws {
    let example = Case(inputs: 3, hidden: 5, horizons: 2, steps: 7, seed: 15)
    let kernels = try #require(Kernels(set))
    let bench = KernelBench(example)
    let before = bench.weights.floats[0]
    bench.scratch.inputs[0] = poison
    bench.state[0] = poison
    var clock = AdamClock()
    let followed = TruncatedBPTT(kernels: kernels).update(
      weights: bench.weights, moments: bench.moments, clock: &clock,
      initialState: bench.state, scratch: bench.scratch)
    #expect(!followed)
    #expect(clock.updates == 0)
    #expect(bench.weights.floats[0] == before)
  }

  @Test(arguments: InstructionSet.available, [1, 8, 12, 13])
  func `the nearest window is the one a plain search finds`(
    set: InstructionSet, length: Int
  ) throws {
    let kernels = try #require(Kernels(set))
    let nearest = try #require(kernels.table.pointee.nearest_window)
    var random = XorShift(seed: 5)
    for starts in [0, 1, 2, 15, 16, 17, 33, 200] {
      let series = (0..<(starts + length)).map { _ in Float(random.gaussian()) }
      let window = (0..<length).map { _ in Float(random.gaussian()) }
      var expected = Float.infinity
      for start in 0..<starts {
        var sum: Float = 0
        for q in 0..<length {
          sum += (series[start + q] - window[q]) * (series[start + q] - window[q])
        }
        expected = min(expected, sum)
      }
      let found = nearest(series, Int32(starts), window, Int32(length))
      #expect(found == expected || abs(found - expected) <= 1e-5 * expected)
    }
  }
}
