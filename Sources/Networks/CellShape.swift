package import CKernels

/// The sizes of an LSTM cell (Hochreiter & Schmidhuber 1997, with Gers' forget gate).
///
/// One step reads x and the state (h, c) and computes, with s the logistic function,
/// `[i f o] = s(W x + U h + b)`, `g = tanh(W x + U h + b)`, `c' = f c + i g`, `h' = o tanh(c')`.
public struct CellShape: Equatable, Sendable {
  /// Number of inputs, >= 0.
  public let inputs: Int
  /// Number of units, >= 1.
  public let hidden: Int

  /// A cell of these sizes.
  public init(inputs: Int, hidden: Int) {
    precondition(inputs >= 0 && hidden >= 1, "a cell needs units")
    self.inputs = inputs
    self.hidden = hidden
  }

  /// `hidden` rounded up to whole vectors of 8: the length of a row of h or c. Padding is zero.
  public var units: Int { (hidden + 7) / 8 * 8 }
  /// `inputs` rounded up to whole vectors of 8: the length of a row of inputs in a batch.
  public var lanes: Int { (inputs + 7) / 8 * 8 }
  /// Rows of the weight matrix: inputs, units, bias.
  public var rows: Int { inputs + hidden + 1 }
  /// Number of floats in a parameter block, padding included.
  public var parameterCount: Int { rows * 4 * units }
  /// Number of floats in a recurrent state: h and c.
  public var stateCount: Int { 2 * units }

  /// The same sizes for the kernels.
  package var kernelShape: ck_cell {
    ck_cell(
      inputs: Int32(inputs), hidden: Int32(hidden), lanes: Int32(lanes), units: Int32(units))
  }
}

/// The gates of an LSTM cell, in the order in which their weights are stored.
public enum Gate: Int, CaseIterable, Sendable {
  /// How much of the candidate enters the cell.
  case input = 0
  /// How much of the old cell remains.
  case forget = 1
  /// The candidate itself.
  case candidate = 2
  /// How much of the cell is output.
  case output = 3
}

/// A row of a parameter matrix: what a weight is multiplied with.
public enum WeightRow: Equatable, Sendable {
  /// Input feature, 0 ..< inputs.
  case feature(Int)
  /// LSTM unit, 0 ..< hidden: the previous output in the gates, the present one in a head.
  case unit(Int)
  /// The constant 1.
  case bias
}

extension CellShape {
  /// Number of `row` in the weight matrix.
  func index(of row: WeightRow) -> Int {
    switch row {
    case .feature(let feature): feature
    case .unit(let unit): inputs + unit
    case .bias: inputs + hidden
    }
  }

  /// Position in the parameter block of the weight from `row` to `gate` of `unit`.
  public func index(_ gate: Gate, unit: Int, from row: WeightRow) -> Int {
    index(of: row) * 4 * units + gate.rawValue * units + unit
  }

  /// Fills a parameter block for a cell that has learnt nothing: weights 0.6 N(0,1) / sqrt(fan-in),
  /// forget biases 1 (Gers et al. 2000), everything else 0.
  /// - Parameter floats: ``parameterCount`` floats, replaced.
  public func initialize(_ floats: UnsafeMutablePointer<Float>, random: inout XorShift) {
    floats.update(repeating: 0, count: parameterCount)
    let fanInputs = 0.6 / Double(max(inputs, 1)).squareRoot()
    let fanUnits = 0.6 / Double(hidden).squareRoot()
    fill(floats) { row in
      if case .unit = row { return Float(random.gaussian() * fanUnits) }
      return Float(random.gaussian() * fanInputs)
    }
  }

  /// Draws the weights from inputs and units, row by row, and sets the forget biases to 1.
  func fill(_ floats: UnsafeMutablePointer<Float>, draw: (WeightRow) -> Float) {
    for number in 0..<(inputs + hidden) {
      let row: WeightRow = number < inputs ? .feature(number) : .unit(number - inputs)
      for gate in Gate.allCases {
        for unit in 0..<hidden { floats[index(gate, unit: unit, from: row)] = draw(row) }
      }
    }
    for unit in 0..<hidden { floats[index(.forget, unit: unit, from: .bias)] = 1 }
  }
}
