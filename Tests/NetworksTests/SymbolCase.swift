import Networks

/// Random symbol networks and sequences, the same in every run.
struct SymbolCase {
  let network: ReferenceSymbolNetwork
  let sequence: ReferenceSymbolNetwork.Sequence
  /// The positions in the parameter block that hold parameters, excluding padding.
  let places: [Int]

  var shape: SymbolShape { network.shape }

  /// Symbols, numbers, units, steps: the detector's own, the smallest, and every kind of padding.
  static let shapes: [(Int, Int, Int, Int)] = [
    (62, 1, 8, 32), (62, 1, 16, 32), (2, 0, 1, 1), (5, 1, 5, 7), (15, 2, 9, 5), (16, 3, 8, 9),
    (14, 1, 17, 3),
  ]

  /// A case computed elsewhere, whose ``places`` are unknown.
  init(_ network: ReferenceSymbolNetwork, _ sequence: ReferenceSymbolNetwork.Sequence) {
    (self.network, self.sequence, places) = (network, sequence, [])
  }

  init(_ sizes: (Int, Int, Int, Int), seed: UInt64) {
    let shape = SymbolShape(symbols: sizes.0, numbers: sizes.1, hidden: sizes.2)
    var random = XorShift(seed: seed)
    func number() -> Double { Double(Float(random.gaussian() * 0.5)) }
    var rows = (0..<shape.symbols).map { SymbolRow.symbol($0) }
    rows += (0..<shape.numbers).map { SymbolRow.number($0) }
    rows += (0..<shape.hidden).map { SymbolRow.unit($0) } + [.bias]
    var places: [Int] = []
    for row in rows {
      for gate in Gate.allCases {
        for unit in 0..<shape.hidden {
          places.append(shape.gateIndex(gate, unit: unit, from: row))
        }
      }
    }
    var outputs = (0..<shape.symbols).map { SymbolOutput.symbol($0) }
    outputs += [.location, .logScale]
    for output in outputs {
      for unit in 0..<shape.hidden { places.append(shape.headIndex(output, from: unit)) }
      places.append(shape.headIndex(output, from: nil))
    }
    for symbol in 0..<shape.symbols {
      places.append(shape.locationIndex(of: symbol))
      places.append(shape.logScaleIndex(of: symbol))
    }
    var parameters = [Double](repeating: 0, count: shape.parameterCount)
    for place in places { parameters[place] = number() }
    self.places = places
    network = ReferenceSymbolNetwork(shape: shape, parameters: parameters)
    sequence = ReferenceSymbolNetwork.Sequence(
      symbols: (0...sizes.3).map { _ in Int(random.uniform() * Double(shape.symbols)) },
      numbers: (0..<sizes.3).map { _ in (0..<shape.numbers).map { _ in number() } },
      times: (0..<sizes.3).map { _ in number() },
      known: (0..<sizes.3).map { _ in random.uniform() < 0.8 ? 0.5 : 0 },
      hidden: (0..<shape.hidden).map { _ in number() },
      cell: (0..<shape.hidden).map { _ in number() })
  }
}

/// Buffers for one symbol network on the kernels, filled from the oracle's case.
final class SymbolBench {
  let network: SymbolNetwork
  let moments: AdamMoments
  let scratch: SymbolScratch
  let state: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutablePointer<Float>

  init(_ example: SymbolCase, kernels: Kernels) {
    let shape = example.shape
    let count = shape.parameterCount
    memory = .allocate(capacity: 3 * count + shape.stateCount)
    memory.initialize(repeating: 0, count: 3 * count + shape.stateCount)
    network = SymbolNetwork(shape: shape, at: memory, kernels: kernels)
    moments = AdamMoments(mean: memory + count, variance: memory + 2 * count)
    state = memory + 3 * count
    scratch = SymbolScratch(shape: shape, steps: example.sequence.times.count)
    for (index, value) in example.network.parameters.enumerated() { memory[index] = Float(value) }
    for unit in 0..<shape.hidden {
      state[unit] = Float(example.sequence.hidden[unit])
      state[shape.units + unit] = Float(example.sequence.cell[unit])
    }
    for (step, symbol) in example.sequence.symbols.enumerated() {
      scratch.symbols[step] = Int32(symbol)
    }
    for step in example.sequence.times.indices {
      for (index, value) in example.sequence.numbers[step].enumerated() {
        scratch.numbers[step * shape.numbers + index] = Float(value)
      }
      scratch.times[step] = Float(example.sequence.times[step])
      scratch.known[step] = Float(example.sequence.known[step])
    }
  }

  deinit { memory.deallocate() }
}
