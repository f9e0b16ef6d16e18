import CKernels

/// The learnt parameters of one symbol network, in memory owned by the caller.
public struct SymbolNetwork {
  /// The sizes.
  public let shape: SymbolShape
  /// `shape.parameterCount` floats, laid out as `kernels.h` states.
  public let floats: UnsafeMutablePointer<Float>

  private let kernels: Kernels

  /// A view of the parameter block at `floats`.
  public init(
    shape: SymbolShape, at floats: UnsafeMutablePointer<Float>, kernels: Kernels = .current
  ) {
    self.shape = shape
    self.floats = floats
    self.kernels = kernels
  }

  /// Fills the block for a network that has learnt nothing: every symbol equally likely, times
  /// around 0 with scale 1.
  ///
  /// Gate weights are 0.6 N(0,1) / sqrt(fan-in) from the units and 0.6 N(0,1) from symbols and
  /// numbers, only a few of which are nonzero at a time; forget biases 1 (Gers et al. 2000); all else 0.
  public func initialize(random: inout XorShift) {
    floats.update(repeating: 0, count: shape.parameterCount)
    let fanUnits = 1 / Double(shape.hidden).squareRoot()
    shape.cell.fill(floats) { row in
      var scale = 0.6
      if case .unit = row { scale *= fanUnits }
      return Float(random.gaussian() * scale)
    }
  }

  /// Advances a recurrent state by one symbol.
  /// - Parameters:
  ///   - state: h, then c, `shape.stateCount` floats, replaced.
  ///   - symbol: 0 ..< `shape.symbols`.
  ///   - numbers: `shape.numbers` floats.
  public func advance(
    _ state: UnsafeMutablePointer<Float>, symbol: Int, numbers: UnsafePointer<Float>
  ) {
    precondition(symbol >= 0 && symbol < shape.symbols, "a symbol outside the alphabet")
    var sizes = shape.kernelShape
    kernels.table.pointee.symbol_step(
      &sizes, floats, Int32(symbol), numbers, state, state + shape.units)
  }

  /// The prediction from this state.
  /// - Parameter outputs: `shape.lanes` floats, replaced: the probability of each symbol, then
  ///   location and log-scale of the time (see ``SymbolShape/lane(_:)``).
  public func outputs(_ outputs: UnsafeMutablePointer<Float>, state: UnsafePointer<Float>) {
    var sizes = shape.kernelShape
    kernels.table.pointee.symbol_head(&sizes, floats, state, outputs)
  }

  /// Location and log-scale of the time until `next`, from `outputs` of the head.
  public func time(
    until next: Int, outputs: UnsafePointer<Float>
  ) -> (location: Float, logScale: Float) {
    let location = outputs[shape.lane(.location)] + floats[shape.locationIndex(of: next)]
    let logScale = outputs[shape.lane(.logScale)] + floats[shape.logScaleIndex(of: next)]
    return (location, max(-5, min(3, logScale)))
  }
}
