import FoundationEssentials
import Networks
import Support
import Testing

/// What `Tests/Golden/generate_symbols.py` computed with PyTorch.
struct GoldenSymbols: Decodable {
  struct Parameters: Decodable {
    var cell: GoldenLayers.CellParameters
    /// Logits of the symbols, then location and log-scale: `[symbols + 2][hidden]`.
    var weight: [[Double]]
    var bias: [Double]
    var locations: [Double]
    var logScales: [Double]

    /// The same numbers in the project's layout.
    func flattened(_ shape: SymbolShape) -> [Double] {
      var result = cell.flattened(shape.cell)
      result += [Double](repeating: 0, count: shape.parameterCount - result.count)
      for (place, row) in weight.enumerated() {
        let output: SymbolOutput =
          switch place - shape.symbols {
          case 0: .location
          case 1: .logScale
          default: .symbol(place)
          }
        result[shape.headIndex(output, from: nil)] = bias[place]
        for (unit, value) in row.enumerated() {
          result[shape.headIndex(output, from: unit)] = value
        }
      }
      for symbol in 0..<shape.symbols {
        result[shape.locationIndex(of: symbol)] = locations[symbol]
        result[shape.logScaleIndex(of: symbol)] = logScales[symbol]
      }
      return result
    }
  }

  struct Case: Decodable {
    var symbols: Int
    var numbers: Int
    var hidden: Int
    var steps: Int
    var sequence: [Int]
    var x: [[Double]]
    var times: [Double]
    var known: [Double]
    var h: [Double]
    var c: [Double]
    var parameters: Parameters
    var probabilities: [[Double]]
    var location: [Double]
    var logScale: [Double]
    var loss: Double
    var gradient: Parameters
    var norm: Double
    var afterUpdate: Parameters

    /// The same as a case of the oracle in double precision.
    var example: SymbolCase {
      let shape = SymbolShape(symbols: symbols, numbers: numbers, hidden: hidden)
      return SymbolCase(
        ReferenceSymbolNetwork(shape: shape, parameters: parameters.flattened(shape)),
        ReferenceSymbolNetwork.Sequence(
          symbols: sequence, numbers: x, times: times, known: known, hidden: h, cell: c))
    }
  }

  var cases: [Case]

  static let stored: Result<GoldenSymbols, any Error> = Result {
    let path = SharedData.projectRoot + "/Tests/Golden/symbols.json"
    return try JSONDecoder().decode(
      GoldenSymbols.self, from: try Data(contentsOf: URL(filePath: path)))
  }
}

/// Symbol networks compared with PyTorch.
@Suite struct GoldenSymbolTests {
  @Test func `the oracle matches PyTorch`() throws {
    for golden in try GoldenSymbols.stored.get().cases {
      let example = golden.example
      #expect(abs(example.network.loss(example.sequence) - golden.loss) < 1e-9)
    }
  }

  @Test(arguments: InstructionSet.available)
  func `forward step, gradient and one whole update match PyTorch`(set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    for golden in try GoldenSymbols.stored.get().cases {
      let example = golden.example
      let shape = example.shape
      let bench = SymbolBench(example, kernels: kernels)
      var state = Array(UnsafeBufferPointer(start: bench.state, count: shape.stateCount))
      var outputs = [Float](repeating: 0, count: shape.lanes)
      for step in 0..<golden.steps {
        bench.network.advance(
          &state, symbol: golden.sequence[step],
          numbers: bench.scratch.numbers + step * shape.numbers)
        bench.network.outputs(&outputs, state: state)
        for symbol in 0..<shape.symbols {
          #expect(abs(Double(outputs[symbol]) - golden.probabilities[step][symbol]) < 2e-6)
        }
        #expect(abs(Double(outputs[shape.lane(.location)]) - golden.location[step]) < 4e-6)
        #expect(abs(Double(outputs[shape.lane(.logScale)]) - golden.logScale[step]) < 4e-6)
      }

      let learning = SymbolLearning(options: .init(), kernels: kernels)
      var clock = AdamClock()
      let followed = learning.update(
        bench.network, moments: bench.moments, clock: &clock, initialState: bench.state,
        scratch: bench.scratch)
      #expect(followed)
      let (gradient, after) = (
        golden.gradient.flattened(shape), golden.afterUpdate.flattened(shape)
      )
      for (index, expected) in gradient.enumerated() {
        #expect(abs(Double(bench.scratch.gradient[index]) - expected) < 5e-6, "gradient \(index)")
        // The first step of Adam is close to the sign of the gradient: if that is almost zero,
        // rounding decides.
        guard abs(expected) > 1e-4 || expected == 0 else { continue }
        #expect(
          abs(Double(bench.network.floats[index]) - after[index]) < 1e-6, "parameter \(index)")
      }
    }
  }
}
