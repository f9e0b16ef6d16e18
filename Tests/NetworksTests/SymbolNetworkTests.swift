import Networks
import Testing

@Suite struct SymbolNetworkTests {
  @Test(arguments: InstructionSet.available, SymbolCase.shapes)
  func `forward step and head agree with the oracle`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = SymbolCase(sizes, seed: 21)
    let shape = example.shape
    let bench = SymbolBench(example, kernels: try #require(Kernels(set)))
    var hidden = example.sequence.hidden
    var cell = example.sequence.cell
    var outputs = [Float](repeating: 0, count: shape.lanes)
    for step in example.sequence.times.indices {
      let symbol = example.sequence.symbols[step]
      bench.network.advance(
        bench.state, symbol: symbol, numbers: bench.scratch.numbers + step * shape.numbers)
      bench.network.outputs(&outputs, state: bench.state)
      example.network.step(
        symbol, example.sequence.numbers[step], hidden: &hidden, cell: &cell)
      let expected = example.network.outputs(hidden)
      for unit in 0..<shape.hidden {
        #expect(abs(Double(bench.state[unit]) - hidden[unit]) < 2e-6)
        #expect(abs(Double(bench.state[shape.units + unit]) - cell[unit]) < 4e-6)
      }
      for symbol in 0..<shape.symbols {
        let error = abs(Double(outputs[symbol]) - expected.probabilities[symbol])
        #expect(error < 1e-5 * expected.probabilities[symbol] + 1e-7)
      }
      let next = example.sequence.symbols[step + 1]
      let time = bench.network.time(until: next, outputs: outputs)
      let location =
        expected.location + example.network.parameters[shape.locationIndex(of: next)]
      let logScale =
        expected.logScale + example.network.parameters[shape.logScaleIndex(of: next)]
      #expect(abs(Double(time.location) - location) < 1e-5)
      #expect(abs(Double(time.logScale) - min(max(logScale, -5), 3)) < 1e-5)
    }
  }

  @Test(arguments: InstructionSet.available, SymbolCase.shapes)
  func `the gradient is the numerical derivative of the oracle's loss`(
    set: InstructionSet, sizes: (Int, Int, Int, Int)
  ) throws {
    let example = SymbolCase(sizes, seed: 22)
    let bench = SymbolBench(example, kernels: try #require(Kernels(set)))
    SymbolLearning(options: .init(), kernels: try #require(Kernels(set)))
      .computeGradient(bench.network, initialState: bench.state, scratch: bench.scratch)
    let gradient = (0..<example.shape.parameterCount).map { Double(bench.scratch.gradient[$0]) }
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    #expect(largest > 1e-3)
    for place in stride(from: 0, to: example.places.count, by: max(1, example.places.count / 40)) {
      let index = example.places[place]
      let expected = example.network.derivative(example.sequence, by: index)
      #expect(abs(gradient[index] - expected) <= 3e-5 * largest, "parameter \(index)")
    }
    let parameters = Set(example.places)
    for index in gradient.indices where !parameters.contains(index) {
      #expect(gradient[index] == 0, "padding \(index)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func `updates follow Adam with the clipped gradient`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    let example = SymbolCase((15, 2, 9, 5), seed: 23)
    let bench = SymbolBench(example, kernels: kernels)
    let learning = SymbolLearning(options: .init(), kernels: kernels)
    var clock = AdamClock()
    var parameters = example.network.parameters
    var adam = ReferenceAdam(count: parameters.count)
    for _ in 0..<3 {
      learning.computeGradient(bench.network, initialState: bench.state, scratch: bench.scratch)
      adam.update(&parameters, parameters.indices.map { Double(bench.scratch.gradient[$0]) })
      let followed = learning.update(
        bench.network, moments: bench.moments, clock: &clock, initialState: bench.state,
        scratch: bench.scratch)
      #expect(followed)
    }
    #expect(clock.updates == 3)
    for index in parameters.indices {
      #expect(abs(Double(bench.network.floats[index]) - parameters[index]) < 2e-5)
    }
  }

  @Test(arguments: InstructionSet.available, [Float.nan, .infinity])
  func `a gradient that cannot be followed changes nothing`(
    set: InstructionSet, poison: Float
  ) throws {
    let kernels = try #require(Kernels(set))
    let bench = SymbolBench(SymbolCase((5, 1, 5, 7), seed: 24), kernels: kernels)
    let before = bench.network.floats[0]
    bench.state[0] = poison
    bench.scratch.numbers[0] = poison
    var clock = AdamClock()
    let followed = SymbolLearning(options: .init(), kernels: kernels).update(
      bench.network, moments: bench.moments, clock: &clock, initialState: bench.state,
      scratch: bench.scratch)
    #expect(!followed)
    #expect(clock.updates == 0)
    #expect(bench.network.floats[0] == before)
  }

  @Test func `an untrained network considers every symbol equally likely`() {
    let shape = SymbolShape(symbols: 62, numbers: 1, hidden: 8)
    var floats = [Float](repeating: .nan, count: shape.parameterCount)
    var state = [Float](repeating: 0, count: shape.stateCount)
    var outputs = [Float](repeating: 0, count: shape.lanes)
    floats.withUnsafeMutableBufferPointer { floats in
      guard let start = floats.baseAddress else { return }
      let network = SymbolNetwork(shape: shape, at: start)
      var random = XorShift(seed: 1)
      network.initialize(random: &random)
      network.advance(&state, symbol: 61, numbers: [0.5])
      network.outputs(&outputs, state: state)
      for symbol in 0..<62 { #expect(abs(outputs[symbol] - 1 / 62) < 1e-6) }
      let time = network.time(until: 3, outputs: outputs)
      #expect(time.location == 0)
      #expect(time.logScale == 0)
    }
  }

  @Test func `a network learns an order that needs memory of two symbols`() throws {
    // 0 1 2 0 3 2 ...: the symbol after 0 depends on the one two before it.
    let pattern = [0, 1, 2, 0, 3, 2]
    let shape = SymbolShape(symbols: 5, numbers: 0, hidden: 8)
    let example = SymbolCase((5, 0, 8, 32), seed: 25)
    let kernels = Kernels.current
    let bench = SymbolBench(example, kernels: kernels)
    var random = XorShift(seed: 9)
    bench.network.initialize(random: &random)
    for index in 0..<shape.stateCount { bench.state[index] = 0 }
    for step in 0...32 { bench.scratch.symbols[step] = Int32(pattern[step % 6]) }
    for step in 0..<32 { bench.scratch.known[step] = 0 }
    let learning = SymbolLearning(
      options: TruncatedBPTT.Options(learningRate: 1e-2), kernels: kernels)
    var clock = AdamClock()
    for _ in 0..<800 {
      learning.update(
        bench.network, moments: bench.moments, clock: &clock, initialState: bench.state,
        scratch: bench.scratch)
    }
    var outputs = [Float](repeating: 0, count: shape.lanes)
    for step in 0..<30 {
      bench.network.advance(bench.state, symbol: pattern[step % 6], numbers: [])
      bench.network.outputs(&outputs, state: bench.state)
      if step >= 6 { #expect(outputs[pattern[(step + 1) % 6]] > 0.95, "step \(step)") }
    }
  }
}
