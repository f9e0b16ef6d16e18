import Glibc
import Networks

/// A batch of sequences through an LSTM cell in plain double-precision loops: the oracle for
/// ``SequenceBatch``, whose gradients are compared with numerical derivatives of this loss.
struct ReferenceCell {
  let shape: CellShape
  let steps: Int
  let batch: Int
  /// Everything that the loss depends on: parameters, inputs `[steps][batch][lanes]`,
  /// initial h and c `[batch][units]`, padding included.
  var variables: [Double]
  /// Coefficients in the loss: of all outputs `[steps][batch][units]`, then of the final h and c.
  let coefficients: [Double]

  init(inputs: Int, hidden: Int, steps: Int, batch: Int, seed: UInt64) {
    shape = CellShape(inputs: inputs, hidden: hidden)
    self.steps = steps
    self.batch = batch
    var random = XorShift(seed: seed)
    func rows(_ count: Int, _ used: Int, _ stride: Int, spread: Double) -> [Double] {
      (0..<(count * stride)).map {
        $0 % stride < used ? Double(Float(random.gaussian() * spread)) : 0
      }
    }
    let units = shape.units
    let spread = min(0.5, 2 / Double(hidden).squareRoot())
    variables =
      rows(4 * shape.rows, hidden, units, spread: spread)
      + rows(steps * batch, inputs, shape.lanes, spread: 1)
      + rows(2 * batch, hidden, units, spread: 0.7)
    coefficients = rows((steps + 2) * batch, hidden, units, spread: 1)
  }

  /// Position of the first input, h and c among ``variables``.
  var inputStart: Int { shape.parameterCount }
  var hiddenStart: Int { inputStart + steps * batch * shape.lanes }
  var cellStart: Int { hiddenStart + batch * shape.units }

  /// All h `[steps][batch][units]` and the final c `[batch][units]`.
  func run() -> (outputs: [Double], finalCells: [Double]) {
    func sigmoid(_ v: Double) -> Double { 1 / (1 + exp(-v)) }
    let units = shape.units
    var outputs = [Double](repeating: 0, count: steps * batch * units)
    var cells = Array(variables[cellStart...])
    for sequence in 0..<batch {
      var hidden = Array(variables[(hiddenStart + sequence * units)...].prefix(units))
      for step in 0..<steps {
        let row = step * batch + sequence
        let x = variables[(inputStart + row * shape.lanes)...].prefix(shape.inputs)
        func sum(_ gate: Gate, _ unit: Int) -> Double {
          var sum = variables[shape.index(gate, unit: unit, from: .bias)]
          for (i, value) in x.enumerated() {
            sum += value * variables[shape.index(gate, unit: unit, from: .feature(i))]
          }
          for i in 0..<shape.hidden {
            sum += hidden[i] * variables[shape.index(gate, unit: unit, from: .unit(i))]
          }
          return sum
        }
        for unit in 0..<shape.hidden {
          let c = sequence * units + unit
          cells[c] =
            sigmoid(sum(.forget, unit)) * cells[c]
            + sigmoid(sum(.input, unit)) * tanh(sum(.candidate, unit))
          outputs[row * units + unit] = sigmoid(sum(.output, unit)) * tanh(cells[c])
        }
        hidden = Array(outputs[(row * units)...].prefix(units))
      }
    }
    return (outputs, cells)
  }

  /// The sum of all outputs and of the final state, weighted with the coefficients.
  func loss() -> Double {
    let (outputs, cells) = run()
    let state = outputs.suffix(batch * shape.units) + cells
    return zip(coefficients, outputs + state).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The derivative of the loss with respect to one variable, by central differences.
  func derivative(by index: Int) -> Double {
    let h = 1e-5
    var moved = self
    moved.variables[index] += h
    let above = moved.loss()
    moved.variables[index] -= 2 * h
    return (above - moved.loss()) / (2 * h)
  }

  /// The same case on the kernels, with its weights, and with the coefficients as gradients of outputs and final state.
  func onKernels(_ kernels: Kernels) -> (batch: SequenceBatch, weights: [Float]) {
    let result = SequenceBatch(shape: shape, steps: steps, batch: batch, kernels: kernels)
    let floats = variables.map { Float($0) }
    _ = result.inputs.update(fromContentsOf: floats[inputStart..<hiddenStart])
    _ = result.initialOutputs.update(fromContentsOf: floats[hiddenStart..<cellStart])
    _ = result.initialCells.update(fromContentsOf: floats[cellStart...])
    let slopes = coefficients.map { Float($0) }
    _ = result.outputGradient.update(
      fromContentsOf: slopes.prefix(result.outputGradient.count))
    _ = result.stateGradient.update(fromContentsOf: slopes.suffix(result.stateGradient.count))
    return (result, Array(floats.prefix(shape.parameterCount)))
  }
}
