package import CKernels

/// The sizes of a network of values: one LSTM layer and a linear head with a mean and a log-scale per
/// forecast horizon.
public struct NetworkShape: Equatable, Sendable {
  /// Number of input features, >= 1.
  public let inputs: Int
  /// Number of LSTM units, >= 1.
  public let hidden: Int
  /// Number of forecast horizons, >= 1; the head has two outputs for each.
  public let horizons: Int

  /// A shape with these sizes.
  public init(inputs: Int, hidden: Int, horizons: Int) {
    precondition(inputs >= 1 && hidden >= 1 && horizons >= 1, "a network needs positive sizes")
    self.inputs = inputs
    self.hidden = hidden
    self.horizons = horizons
  }

  /// The LSTM cell below the head.
  public var cell: CellShape { CellShape(inputs: inputs, hidden: hidden) }
  /// `hidden` rounded up to a whole number of vectors of 8.
  public var units: Int { cell.units }
  /// Outputs of the head (means, then log-scales) rounded up to a whole number of vectors of 8.
  public var outputLanes: Int { (2 * horizons + 7) / 8 * 8 }
  /// Rows of both parameter matrices: features, units, bias.
  public var rows: Int { cell.rows }
  /// Number of floats in a parameter block, padding included.
  public var parameterCount: Int { rows * (4 * units + outputLanes) }
  /// Number of floats in a recurrent state: h and c.
  public var stateCount: Int { cell.stateCount }

  /// The same sizes for the kernels.
  package var kernelShape: ck_shape {
    ck_shape(
      inputs: Int32(inputs), hidden: Int32(hidden), horizons: Int32(horizons),
      units: Int32(units), outputLanes: Int32(outputLanes))
  }
}

extension NetworkShape {
  /// Position in the parameter block of the weight from `row` to `gate` of `unit`.
  public func gateIndex(_ gate: Gate, unit: Int, from row: WeightRow) -> Int {
    cell.index(gate, unit: unit, from: row)
  }

  /// Position in the parameter block of the weight from `row` to the mean of `horizon`.
  public func meanIndex(horizon: Int, from row: WeightRow) -> Int {
    cell.parameterCount + cell.index(of: row) * outputLanes + horizon
  }

  /// Position in the parameter block of the weight from `row` to the log-scale of `horizon`.
  public func logScaleIndex(horizon: Int, from row: WeightRow) -> Int {
    meanIndex(horizon: horizon, from: row) + horizons
  }
}
