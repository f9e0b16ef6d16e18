import CKernels

/// Memory for one gradient of a symbol network through time; one instance serves every network of
/// its shape.
public final class SymbolScratch {
  /// The sizes.
  public let shape: SymbolShape
  /// Number of steps through which the gradient runs.
  public let steps: Int
  /// `[steps + 1]` symbols: the one read at each step, and the one after the last.
  public let symbols: UnsafeMutablePointer<Int32>
  /// `[steps][shape.numbers]`, filled by the caller.
  public let numbers: UnsafeMutablePointer<Float>
  /// `[steps]` times until the next symbol, filled by the caller.
  public let times: UnsafeMutablePointer<Float>
  /// `[steps]` weights of those times in the loss, 0 where unknown, filled by the caller.
  public let known: UnsafeMutablePointer<Float>
  /// The gradient of the last call, `shape.parameterCount` floats.
  public let gradient: UnsafeMutablePointer<Float>

  let workspace: UnsafeMutablePointer<Float>
  private let memory: FloatBlocks

  /// Memory for `steps` steps of networks of `shape`.
  public init(shape: SymbolShape, steps: Int) {
    precondition(steps >= 1, "a gradient needs at least one step")
    self.shape = shape
    self.steps = steps
    var sizes = shape.kernelShape
    let padded = (steps + 15) / 16 * 16  // kernels read whole vectors
    memory = FloatBlocks(
      steps * shape.numbers, padded, padded, shape.parameterCount,
      Int(ck_symbol_scratch_floats(&sizes, Int32(steps))))
    numbers = memory.start(0)
    times = memory.start(1)
    known = memory.start(2)
    gradient = memory.start(3)
    workspace = memory.start(4)
    symbols = .allocate(capacity: steps + 1)
    symbols.initialize(repeating: 0, count: steps + 1)
  }

  deinit { symbols.deallocate() }
}

/// Learning of symbol networks by backpropagation through a fixed number of steps, with Adam.
public struct SymbolLearning {
  private let kernels: Kernels
  private let options: TruncatedBPTT.Options

  /// Learning with `options`.
  public init(options: TruncatedBPTT.Options, kernels: Kernels = .current) {
    self.options = options
    self.kernels = kernels
  }

  /// Writes the gradient of the loss into `scratch.gradient`.
  ///
  /// The loss is the mean over steps of the cross entropy of the next symbol, plus, as weighted by
  /// `known`, the negative log likelihood of the time until it: a Student t distribution with the
  /// location and the scale that the network gives for that symbol.
  /// - Parameters:
  ///   - initialState: h and c before the first step, `shape.stateCount` floats.
  ///   - scratch: filled in; its shape must be that of the network.
  public func computeGradient(
    _ network: SymbolNetwork, initialState: UnsafePointer<Float>, scratch: SymbolScratch
  ) {
    assert(network.shape == scratch.shape)
    var request = ck_symbol_bptt(
      weights: network.floats, initial: initialState, symbols: scratch.symbols,
      numbers: scratch.numbers, times: scratch.times, known: scratch.known,
      gradient: scratch.gradient, scratch: scratch.workspace, steps: Int32(scratch.steps),
      degreesOfFreedom: options.degreesOfFreedom)
    var sizes = scratch.shape.kernelShape
    kernels.table.pointee.symbol_gradient(&sizes, &request)
  }

  /// One gradient, clipped, and one update of the weights.
  /// - Returns: false if the gradient was not followed (see ``TruncatedBPTT/largestFollowedNorm``);
  ///   weights, moments and clock are then unchanged.
  @discardableResult
  public func update(
    _ network: SymbolNetwork, moments: AdamMoments, clock: inout AdamClock,
    initialState: UnsafePointer<Float>, scratch: SymbolScratch
  ) -> Bool {
    computeGradient(network, initialState: initialState, scratch: scratch)
    return clock.follow(
      scratch.gradient, count: scratch.shape.parameterCount, weights: network.floats,
      moments: moments, learningRate: options.learningRate, maximumNorm: options.maximumNorm,
      kernels: kernels)
  }
}
