import Networks
import Testing

/// The oracle and the kernels compared with PyTorch's LSTM with the same weights.
@Suite struct GoldenTests {
  private static func examples() throws -> [GoldenVectors.Example] {
    try GoldenVectors.stored.get().cases
  }

  @Test func `the oracle's loss, gradient and updates match PyTorch`() throws {
    let training = try GoldenVectors.stored.get().training
    for example in try GoldenTests.examples() {
      let golden = example.testCase
      var network = golden.network
      let known = example.window.known.joined().filter { $0 }.count
      let constant =
        training.lossConstantPerKnownTarget * Double(known) / Double(example.shape.steps)
      #expect(abs(network.loss(golden.sequence) + constant - example.losses[0]) < 1e-9)
      let gradient = network.gradient(golden.sequence)
      for (ours, theirs) in zip(gradient, example.gradient.flattened(golden.shape)) {
        #expect(abs(ours - theirs) < 1e-9)
      }
      var adam = ReferenceAdam(count: gradient.count)
      adam.update(&network.parameters, gradient)
      for (ours, theirs) in zip(
        network.parameters, example.afterOneUpdate.flattened(golden.shape))
      {
        #expect(abs(ours - theirs) < 1e-5)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func `forward steps match PyTorch within 1e-6`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    for example in try GoldenTests.examples() {
      let golden = example.testCase
      let bench = KernelBench(golden)
      let forward = ForwardStep(shape: golden.shape, kernels: kernels)
      var outputs = [Float](repeating: 0, count: golden.shape.outputLanes)
      for step in 0..<example.shape.steps {
        let x = bench.scratch.inputs + step * golden.shape.inputs
        forward.advance(bench.state, weights: bench.weights, features: x)
        forward.outputs(&outputs, state: bench.state, weights: bench.weights, features: x)
        for unit in 0..<golden.shape.hidden {
          let cell = Double(bench.state[golden.shape.units + unit])
          #expect(abs(Double(bench.state[unit]) - example.forward.h[step][unit]) <= 1e-6)
          #expect(
            abs(cell - example.forward.c[step][unit])
              <= 1e-6 * max(1, abs(example.forward.c[step][unit])))
        }
        for output in 0..<(2 * golden.shape.horizons) {
          let ours = outputs[output % 2 == 0 ? output / 2 : golden.shape.horizons + output / 2]
          let theirs = example.forward.y[step][output]
          #expect(abs(Double(ours) - theirs) <= 1e-6 * max(1, abs(theirs)), "output \(output)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available, [1, 3])
  func `updates match PyTorch within 1e-5`(set: InstructionSet, updates: Int) throws {
    let kernels = try #require(Kernels(set))
    for example in try GoldenTests.examples() {
      let golden = example.testCase
      let bench = KernelBench(golden)
      var clock = AdamClock()
      for _ in 0..<updates {
        TruncatedBPTT(kernels: kernels).update(
          weights: bench.weights, moments: bench.moments, clock: &clock,
          initialState: bench.state, scratch: bench.scratch)
      }
      let expected = updates == 1 ? example.afterOneUpdate : example.afterThreeUpdates
      for (index, theirs) in expected.flattened(golden.shape).enumerated() {
        #expect(abs(Double(bench.weights.floats[index]) - theirs) <= 1e-5, "parameter \(index)")
      }
    }
  }
}
