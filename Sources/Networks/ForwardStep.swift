import CKernels

/// One step of a network in time, and its outputs.
public struct ForwardStep {
  private let kernels: Kernels
  private let shape: ck_shape

  /// Steps of networks of `shape`.
  public init(shape: NetworkShape, kernels: Kernels = .current) {
    self.kernels = kernels
    self.shape = shape.kernelShape
  }

  /// Advances a recurrent state by one sample.
  /// - Parameters:
  ///   - state: h, then c, `shape.stateCount` floats, replaced.
  ///   - features: `shape.inputs` floats.
  public func advance(
    _ state: UnsafeMutablePointer<Float>, weights: Weights, features: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: shape) { shape in
      kernels.table.pointee.step(
        shape, weights.floats, features, state, state + weights.shape.units)
    }
  }

  /// Means and log-scales for every horizon, predicted from this state.
  /// - Parameter outputs: `shape.outputLanes` floats, replaced: means, then log-scales.
  public func outputs(
    _ outputs: UnsafeMutablePointer<Float>, state: UnsafePointer<Float>, weights: Weights,
    features: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: shape) { shape in
      kernels.table.pointee.head(shape, weights.floats, features, state, outputs)
    }
  }
}
