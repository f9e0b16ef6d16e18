import Glibc
import Networks

/// The network in plain double-precision loops: the oracle for every kernel.
///
/// Written from the equations of the cell and the chain rule, without padding, blocking or
/// shared code with the kernels.
struct ReferenceNetwork {
  let shape: NetworkShape
  /// Parameters, addressed through the shape's index functions.
  var parameters: [Double]

  /// A training sequence.
  struct Sequence {
    var features: [[Double]]
    /// `[step][horizon]`, nil if the target is unknown.
    var targets: [[Double?]]
    var hidden: [Double]
    var cell: [Double]
  }

  /// What one step records for the backward pass.
  private struct Trace {
    var features: [Double]
    var previousHidden: [Double]
    var previousCell: [Double]
    var gates: [[Double]]
    var cell: [Double]
    var hidden: [Double]
    var outputs: (means: [Double], logScales: [Double])
  }

  private func gateSum(_ gate: Gate, _ unit: Int, _ x: [Double], _ h: [Double]) -> Double {
    var sum = parameters[shape.gateIndex(gate, unit: unit, from: .bias)]
    for (i, value) in x.enumerated() {
      sum += value * parameters[shape.gateIndex(gate, unit: unit, from: .feature(i))]
    }
    for (i, value) in h.enumerated() {
      sum += value * parameters[shape.gateIndex(gate, unit: unit, from: .unit(i))]
    }
    return sum
  }

  func step(_ x: [Double], hidden: inout [Double], cell: inout [Double]) {
    let trace = trace(x, hidden, cell)
    hidden = trace.hidden
    cell = trace.cell
  }

  func outputs(_ x: [Double], hidden: [Double]) -> (means: [Double], logScales: [Double]) {
    func sum(_ index: (WeightRow) -> Int) -> Double {
      var sum = parameters[index(.bias)]
      for (i, value) in x.enumerated() { sum += value * parameters[index(.feature(i))] }
      for (i, value) in hidden.enumerated() { sum += value * parameters[index(.unit(i))] }
      return sum
    }
    let horizons = 0..<shape.horizons
    return (
      horizons.map { q in sum { shape.meanIndex(horizon: q, from: $0) } },
      horizons.map { q in sum { shape.logScaleIndex(horizon: q, from: $0) } }
    )
  }

  private func trace(_ x: [Double], _ h: [Double], _ c: [Double]) -> Trace {
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    var gates = [[Double]](repeating: [], count: 4)
    for gate in Gate.allCases {
      gates[gate.rawValue] = (0..<shape.hidden).map { unit in
        let sum = gateSum(gate, unit, x, h)
        return gate == .candidate ? tanh(sum) : sigmoid(sum)
      }
    }
    let cell = (0..<shape.hidden).map { gates[1][$0] * c[$0] + gates[0][$0] * gates[2][$0] }
    let hidden = (0..<shape.hidden).map { gates[3][$0] * tanh(cell[$0]) }
    return Trace(
      features: x, previousHidden: h, previousCell: c, gates: gates, cell: cell, hidden: hidden,
      outputs: outputs(x, hidden: hidden))
  }

  private func traces(_ sequence: Sequence) -> [Trace] {
    var hidden = sequence.hidden
    var cell = sequence.cell
    return sequence.features.map { x in
      let trace = trace(x, hidden, cell)
      hidden = trace.hidden
      cell = trace.cell
      return trace
    }
  }

  /// Mean over steps of the sum over known targets of the Student-t negative log likelihood,
  /// without its constant.
  func loss(_ sequence: Sequence, degreesOfFreedom nu: Double = 4) -> Double {
    var sum = 0.0
    for (trace, targets) in zip(traces(sequence), sequence.targets) {
      for (q, target) in targets.enumerated() {
        guard let target else { continue }
        let logScale = min(max(trace.outputs.logScales[q], -5), 3)
        let e = (target - trace.outputs.means[q]) * exp(-logScale)
        sum += logScale + (nu + 1) / 2 * log(1 + e * e / nu)
      }
    }
    return sum / Double(sequence.features.count)
  }

  /// The gradient of ``loss(_:degreesOfFreedom:)`` by backpropagation through time.
  func gradient(_ sequence: Sequence, degreesOfFreedom nu: Double = 4) -> [Double] {
    var gradient = [Double](repeating: 0, count: parameters.count)
    let traces = traces(sequence)
    var dHiddenNext = [Double](repeating: 0, count: shape.hidden)
    var dCellNext = [Double](repeating: 0, count: shape.hidden)
    for (trace, targets) in zip(traces, sequence.targets).reversed() {
      var dHidden = dHiddenNext
      for (q, target) in targets.enumerated() {
        guard let target else { continue }
        let raw = trace.outputs.logScales[q]
        let inverse = exp(-min(max(raw, -5), 3))
        let e = (target - trace.outputs.means[q]) * inverse
        let weight = (nu + 1) / (nu + e * e)
        let dMean = -weight * e * inverse / Double(traces.count)
        var dLogScale = (1 - weight * e * e) / Double(traces.count)
        if (raw > 3 && dLogScale < 0) || (raw < -5 && dLogScale > 0) { dLogScale = 0 }
        accumulate(
          dMean, trace.features, trace.hidden, into: &gradient, dHidden: &dHidden,
          index: { shape.meanIndex(horizon: q, from: $0) })
        accumulate(
          dLogScale, trace.features, trace.hidden, into: &gradient, dHidden: &dHidden,
          index: { shape.logScaleIndex(horizon: q, from: $0) })
      }
      dHiddenNext = [Double](repeating: 0, count: shape.hidden)
      for unit in 0..<shape.hidden {
        let (i, f) = (trace.gates[0][unit], trace.gates[1][unit])
        let (g, o) = (trace.gates[2][unit], trace.gates[3][unit])
        let t = tanh(trace.cell[unit])
        let dCell = dCellNext[unit] + dHidden[unit] * o * (1 - t * t)
        dCellNext[unit] = dCell * f
        let sums = [
          dCell * g * i * (1 - i), dCell * trace.previousCell[unit] * f * (1 - f),
          dCell * i * (1 - g * g), dHidden[unit] * t * o * (1 - o),
        ]
        for gate in Gate.allCases {
          accumulate(
            sums[gate.rawValue], trace.features, trace.previousHidden, into: &gradient,
            dHidden: &dHiddenNext,
            index: { shape.gateIndex(gate, unit: unit, from: $0) })
        }
      }
    }
    return gradient
  }

  private func accumulate(
    _ d: Double, _ x: [Double], _ h: [Double], into gradient: inout [Double],
    dHidden: inout [Double], index: (WeightRow) -> Int
  ) {
    gradient[index(.bias)] += d
    for (i, value) in x.enumerated() { gradient[index(.feature(i))] += d * value }
    for (i, value) in h.enumerated() {
      gradient[index(.unit(i))] += d * value
      dHidden[i] += d * parameters[index(.unit(i))]
    }
  }
}

/// Adam in double precision.
struct ReferenceAdam {
  var mean: [Double]
  var variance: [Double]
  var updates = 0

  init(count: Int) {
    mean = [Double](repeating: 0, count: count)
    variance = mean
  }

  mutating func update(
    _ parameters: inout [Double], _ gradient: [Double], rate: Double = 2e-3, maximumNorm: Double = 1
  ) {
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = norm > maximumNorm ? maximumNorm / norm : 1
    updates += 1
    let correction1 = 1 - pow(0.9, Double(updates))
    let correction2 = 1 - pow(0.999, Double(updates))
    for index in parameters.indices {
      let g = gradient[index] * scale
      mean[index] = 0.9 * mean[index] + 0.1 * g
      variance[index] = 0.999 * variance[index] + 0.001 * g * g
      parameters[index] -=
        rate * mean[index] / correction1 / ((variance[index] / correction2).squareRoot() + 1e-8)
    }
  }
}
