/// The learnt parameters of one network of values, in memory owned by the caller.
public struct Weights {
  /// The sizes.
  public let shape: NetworkShape
  /// `shape.parameterCount` floats, laid out as `kernels.h` states.
  public let floats: UnsafeMutablePointer<Float>

  /// A view of the parameter block at `floats`.
  public init(shape: NetworkShape, at floats: UnsafeMutablePointer<Float>) {
    self.shape = shape
    self.floats = floats
  }

  /// Prefetches the parameters: worthwhile some 100 ns before they are needed, when many networks
  /// take turns and none stays in a cache.
  public func prefetch() { Memory.prefetch(floats, count: shape.parameterCount) }

  /// Fills the block for a network that has learnt nothing: persistence.
  ///
  /// Gate weights are 0.6 N(0,1) / sqrt(fan-in), forget biases 1 (Gers et al. 2000), head weights
  /// from the units 0.1 N(0,1) / sqrt(hidden), everything else 0 except the skip weight from
  /// feature 0, the current value, to each mean, which is 1: the untrained network forecasts the
  /// last value.
  public func initialize(random: inout XorShift) {
    floats.update(repeating: 0, count: shape.parameterCount)
    let fanUnits = 1 / Float(shape.hidden).squareRoot()
    let fanInputs = 1 / Float(shape.inputs).squareRoot()
    shape.cell.fill(floats) { row in
      var scale = fanInputs
      if case .unit = row { scale = fanUnits }
      return Float(random.gaussian() * Double(scale) * Double(Float(0.6)))
    }
    for unit in 0..<shape.hidden {
      for horizon in 0..<shape.horizons {
        let small = Double(Float(0.1))
        floats[shape.meanIndex(horizon: horizon, from: .unit(unit))] =
          Float(random.gaussian() * Double(fanUnits) * small)
        floats[shape.logScaleIndex(horizon: horizon, from: .unit(unit))] =
          Float(random.gaussian() * Double(fanUnits) * small)
      }
    }
    for horizon in 0..<shape.horizons {
      floats[shape.meanIndex(horizon: horizon, from: .feature(0))] = 1
    }
  }
}
