import Glibc
import Networks

/// The symbol network in plain double-precision loops, forward only: the oracle for its kernels.
/// Their gradient is compared with numerical derivatives of this loss.
struct ReferenceSymbolNetwork {
  let shape: SymbolShape
  /// Parameters, addressed through the shape's index functions.
  var parameters: [Double]

  /// A training sequence; one more symbol than steps.
  struct Sequence {
    var symbols: [Int]
    var numbers: [[Double]]
    var times: [Double]
    var known: [Double]
    var hidden: [Double]
    var cell: [Double]
  }

  func step(_ symbol: Int, _ numbers: [Double], hidden: inout [Double], cell: inout [Double]) {
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    func sum(_ gate: Gate, _ unit: Int) -> Double {
      var sum = parameters[shape.gateIndex(gate, unit: unit, from: .bias)]
      sum += parameters[shape.gateIndex(gate, unit: unit, from: .symbol(symbol))]
      for (i, number) in numbers.enumerated() {
        sum += number * parameters[shape.gateIndex(gate, unit: unit, from: .number(i))]
      }
      for (i, value) in hidden.enumerated() {
        sum += value * parameters[shape.gateIndex(gate, unit: unit, from: .unit(i))]
      }
      return sum
    }
    let newCell = (0..<shape.hidden).map { unit in
      sigmoid(sum(.forget, unit)) * cell[unit]
        + sigmoid(sum(.input, unit)) * tanh(sum(.candidate, unit))
    }
    hidden = (0..<shape.hidden).map { unit in
      sigmoid(sum(.output, unit)) * tanh(newCell[unit])
    }
    cell = newCell
  }

  /// Probabilities of the next symbol, location and log-scale of the time without the symbol's
  /// offsets.
  func outputs(_ hidden: [Double]) -> (probabilities: [Double], location: Double, logScale: Double)
  {
    func sum(_ output: SymbolOutput) -> Double {
      hidden.enumerated().reduce(parameters[shape.headIndex(output, from: nil)]) {
        $0 + $1.element * parameters[shape.headIndex(output, from: $1.offset)]
      }
    }
    let powers = (0..<shape.symbols).map { exp(sum(.symbol($0))) }
    let total = powers.reduce(0, +)
    return (powers.map { $0 / total }, sum(.location), sum(.logScale))
  }

  /// Mean over steps of cross entropy and weighted Student-t negative log likelihood, without the
  /// latter's constant.
  func loss(_ sequence: Sequence, degreesOfFreedom nu: Double = 4) -> Double {
    var hidden = sequence.hidden
    var cell = sequence.cell
    var sum = 0.0
    for step in sequence.times.indices {
      self.step(sequence.symbols[step], sequence.numbers[step], hidden: &hidden, cell: &cell)
      let next = sequence.symbols[step + 1]
      let expected = outputs(hidden)
      sum -= log(expected.probabilities[next])
      let location = expected.location + parameters[shape.locationIndex(of: next)]
      let raw = expected.logScale + parameters[shape.logScaleIndex(of: next)]
      let logScale = min(max(raw, -5), 3)
      let e = (sequence.times[step] - location) * exp(-logScale)
      sum += sequence.known[step] * (logScale + (nu + 1) / 2 * log(1 + e * e / nu))
    }
    return sum / Double(sequence.times.count)
  }

  /// Its derivative with respect to one parameter, by central differences.
  func derivative(_ sequence: Sequence, by index: Int) -> Double {
    let h = 1e-5
    var moved = self
    moved.parameters[index] += h
    let above = moved.loss(sequence)
    moved.parameters[index] -= 2 * h
    return (above - moved.loss(sequence)) / (2 * h)
  }
}
