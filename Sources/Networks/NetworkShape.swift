package import CKernels

/// The sizes of a network: one LSTM layer and a linear head with a mean and a log-scale per
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

  /// `hidden` rounded up to a whole number of vectors of 8.
  public var units: Int { (hidden + 7) / 8 * 8 }
  /// Outputs of the head (means, then log-scales) rounded up to a whole number of vectors of 8.
  public var outputLanes: Int { (2 * horizons + 7) / 8 * 8 }
  /// Rows of both parameter matrices: features, units, bias.
  public var rows: Int { inputs + hidden + 1 }
  /// Number of floats in a parameter block, padding included.
  public var parameterCount: Int { rows * (4 * units + outputLanes) }
  /// Number of floats in a recurrent state: h and c.
  public var stateCount: Int { 2 * units }

  /// The same sizes for the kernels.
  package var kernelShape: ck_shape {
    ck_shape(
      inputs: Int32(inputs), hidden: Int32(hidden), horizons: Int32(horizons),
      units: Int32(units), outputLanes: Int32(outputLanes))
  }
}

/// The gates of an LSTM cell, in the order in which their weights are stored.
public enum Gate: Int, CaseIterable, Sendable {
  /// How much of the candidate enters the cell.
  case input = 0
  /// How much of the old cell stays.
  case forget = 1
  /// The candidate itself.
  case candidate = 2
  /// How much of the cell shows.
  case output = 3
}

/// A row of a parameter matrix: what a weight is multiplied with.
public enum WeightRow: Equatable, Sendable {
  /// Input feature, 0 ..< inputs.
  case feature(Int)
  /// LSTM unit, 0 ..< hidden: the previous output in the gates, the present one in the head.
  case unit(Int)
  /// The constant 1.
  case bias
}

extension NetworkShape {
  func index(of row: WeightRow) -> Int {
    switch row {
    case .feature(let feature): feature
    case .unit(let unit): inputs + unit
    case .bias: inputs + hidden
    }
  }

  /// Place in the parameter block of the weight from `row` to `gate` of `unit`.
  public func gateIndex(_ gate: Gate, unit: Int, from row: WeightRow) -> Int {
    index(of: row) * 4 * units + gate.rawValue * units + unit
  }

  /// Place in the parameter block of the weight from `row` to the mean of `horizon`.
  public func meanIndex(horizon: Int, from row: WeightRow) -> Int {
    rows * 4 * units + index(of: row) * outputLanes + horizon
  }

  /// Place in the parameter block of the weight from `row` to the log-scale of `horizon`.
  public func logScaleIndex(horizon: Int, from row: WeightRow) -> Int {
    meanIndex(horizon: horizon, from: row) + horizons
  }
}
