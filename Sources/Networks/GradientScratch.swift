import CKernels

/// Memory for one gradient through time; one instance serves every network of its shape.
public final class GradientScratch {
  /// The sizes.
  public let shape: NetworkShape
  /// Number of steps through which the gradient runs.
  public let steps: Int
  /// `[steps][shape.inputs]`, filled by the caller.
  public let inputs: UnsafeMutablePointer<Float>
  /// `[steps][shape.horizons]`, filled by the caller.
  public let targets: UnsafeMutablePointer<Float>
  /// `[steps][shape.horizons]`, 1 where a target is known, 0 otherwise, filled by the caller.
  public let known: UnsafeMutablePointer<Float>
  /// The gradient of the last call, `shape.parameterCount` floats.
  public let gradient: UnsafeMutablePointer<Float>

  let workspace: UnsafeMutablePointer<Float>
  private let memory: FloatBlocks

  /// Memory for `steps` steps of networks of `shape`.
  public init(shape: NetworkShape, steps: Int) {
    precondition(steps >= 1, "a gradient needs at least one step")
    self.shape = shape
    self.steps = steps
    var sizes = shape.kernelShape
    let pairs = (steps * shape.horizons + 15) / 16 * 16  // kernels read whole vectors
    memory = FloatBlocks(
      steps * shape.inputs, pairs, pairs, shape.parameterCount,
      Int(ck_scratch_floats(&sizes, Int32(steps))))
    inputs = memory.start(0)
    targets = memory.start(1)
    known = memory.start(2)
    gradient = memory.start(3)
    workspace = memory.start(4)
  }
}
