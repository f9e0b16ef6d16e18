package import CKernels

/// The sizes of a symbol network: one LSTM layer that reads a symbol and a few numbers a step, under
/// a softmax over the next symbol and a location and log-scale of the time until it.
public struct SymbolShape: Equatable, Sendable {
  /// Size of the alphabet, >= 2.
  public let symbols: Int
  /// Numbers read with each symbol, >= 0.
  public let numbers: Int
  /// Number of LSTM units, >= 1.
  public let hidden: Int

  /// A shape with these sizes.
  public init(symbols: Int, numbers: Int, hidden: Int) {
    precondition(
      symbols >= 2 && numbers >= 0 && hidden >= 1, "a symbol network needs positive sizes")
    self.symbols = symbols
    self.numbers = numbers
    self.hidden = hidden
  }

  /// The LSTM cell below the head; its inputs are the symbols, one-hot, then the numbers.
  public var cell: CellShape { CellShape(inputs: symbols + numbers, hidden: hidden) }
  /// `hidden` rounded up to a whole number of vectors of 8.
  public var units: Int { cell.units }
  /// Outputs of the head (probabilities, location, log-scale) rounded up to whole vectors of 16.
  public var lanes: Int { (symbols + 2 + 15) / 16 * 16 }
  /// Number of floats in a parameter block, padding included.
  public var parameterCount: Int {
    var shape = kernelShape
    return Int(ck_symbol_parameter_count(&shape))
  }
  /// Number of floats in a recurrent state: h and c.
  public var stateCount: Int { cell.stateCount }

  /// The same sizes for the kernels.
  package var kernelShape: ck_symbol_shape {
    ck_symbol_shape(
      symbols: Int32(symbols), scalars: Int32(numbers), hidden: Int32(hidden),
      units: Int32(units), lanes: Int32(lanes))
  }
}

/// A row of the gates of a symbol network: what a weight is multiplied with.
public enum SymbolRow: Equatable, Sendable {
  /// 1 where this symbol is read, 0 otherwise.
  case symbol(Int)
  /// A number read with it, 0 ..< numbers.
  case number(Int)
  /// LSTM unit, 0 ..< hidden, one step ago.
  case unit(Int)
  /// The constant 1.
  case bias
}

/// An output of the head of a symbol network.
public enum SymbolOutput: Equatable, Sendable {
  /// The logit of a symbol, its probability after the softmax.
  case symbol(Int)
  /// The expected time until the next symbol.
  case location
  /// The logarithm of the spread of that time; acts clipped to -5...3.
  case logScale
}

extension SymbolShape {
  /// Position in the parameter block of the weight from `row` to `gate` of `unit`.
  public func gateIndex(_ gate: Gate, unit: Int, from row: SymbolRow) -> Int {
    let row: WeightRow =
      switch row {
      case .symbol(let symbol): .feature(symbol)
      case .number(let number): .feature(symbols + number)
      case .unit(let unit): .unit(unit)
      case .bias: .bias
      }
    return cell.index(gate, unit: unit, from: row)
  }

  /// Position of `output` among the ``lanes`` outputs of the head.
  public func lane(_ output: SymbolOutput) -> Int {
    switch output {
    case .symbol(let symbol): symbol
    case .location: symbols
    case .logScale: symbols + 1
    }
  }

  /// Position in the parameter block of the weight from `unit`, nil for the bias, to `output`.
  public func headIndex(_ output: SymbolOutput, from unit: Int?) -> Int {
    cell.parameterCount + (unit ?? hidden) * lanes + lane(output)
  }

  /// Position of the offset added to the location of the time if `next` is the next symbol.
  public func locationIndex(of next: Int) -> Int {
    cell.parameterCount + (hidden + 1) * lanes + next
  }

  /// Position of the offset added to its log-scale.
  public func logScaleIndex(of next: Int) -> Int { locationIndex(of: next) + lanes }
}
