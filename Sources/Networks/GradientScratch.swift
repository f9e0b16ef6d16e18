import CKernels

/// Memory for one gradient through time; one scratch serves every network of its shape.
public final class GradientScratch {
  /// The sizes.
  public let shape: NetworkShape
  /// Number of steps through which the gradient runs.
  public let steps: Int
  /// `[steps][shape.inputs]`, filled by the caller.
  public let inputs: UnsafeMutablePointer<Float>
  /// `[steps][shape.horizons]`, filled by the caller.
  public let targets: UnsafeMutablePointer<Float>
  /// `[steps][shape.horizons]`, 1 where a target is known, else 0, filled by the caller.
  public let known: UnsafeMutablePointer<Float>
  /// The gradient of the last call, `shape.parameterCount` floats.
  public let gradient: UnsafeMutablePointer<Float>

  let workspace: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutableRawPointer

  /// Memory for `steps` steps of networks of `shape`.
  public init(shape: NetworkShape, steps: Int) {
    precondition(steps >= 1, "a gradient needs at least one step")
    self.shape = shape
    self.steps = steps
    var kernelShape = shape.kernelShape
    let pairs = (steps * shape.horizons + 15) / 16 * 16
    let counts = [
      (steps * shape.inputs + 15) / 16 * 16, pairs, pairs,
      (shape.parameterCount + 15) / 16 * 16,
      Int(ck_scratch_floats(&kernelShape, Int32(steps))),
    ]
    let bytes = counts.reduce(0, +) * MemoryLayout<Float>.stride
    memory = .allocate(byteCount: bytes, alignment: 64)
    let floats = memory.bindMemory(to: Float.self, capacity: bytes / 4)
    floats.initialize(repeating: 0, count: bytes / 4)
    inputs = floats
    targets = inputs + counts[0]
    known = targets + counts[1]
    gradient = known + counts[2]
    workspace = gradient + counts[3]
  }

  deinit {
    memory.deallocate()
  }
}
