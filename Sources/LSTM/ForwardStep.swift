public import CKernels

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
  @inlinable
  public func advance(
    _ state: UnsafeMutablePointer<Float>, weights: Weights, features: UnsafePointer<Float>
  ) {
    withShape { shape in
      table.pointee.step(
        shape, weights.floats, features, state, state + weights.shape.units)
    }
  }

  /// Means and log-scales for every horizon, seen from this state.
  /// - Parameter outputs: `shape.outputLanes` floats, replaced: means, then log-scales.
  @inlinable
  public func outputs(
    _ outputs: UnsafeMutablePointer<Float>, state: UnsafePointer<Float>, weights: Weights,
    features: UnsafePointer<Float>
  ) {
    withShape { shape in
      table.pointee.head(shape, weights.floats, features, state, outputs)
    }
  }

  @usableFromInline var table: UnsafePointer<ck_kernels> { kernels.table }

  @usableFromInline func withShape(_ body: (UnsafePointer<ck_shape>) -> Void) {
    withUnsafePointer(to: shape, body)
  }
}
