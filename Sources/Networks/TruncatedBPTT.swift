import CKernels

/// Online learning by backpropagation through a fixed number of steps, with Adam.
public struct TruncatedBPTT {
  /// Hyperparameters.
  public struct Options: Equatable, Sendable {
    /// Adam's step size.
    public var learningRate: Float
    /// Largest norm of the whole gradient; a longer one is scaled down to it.
    public var maximumNorm: Float
    /// Degrees of freedom of the Student-t likelihood; smaller means heavier tails.
    public var degreesOfFreedom: Float

    /// The detector's constants (docs/detector.md, section 3) by default.
    public init(
      learningRate: Float = 2e-3, maximumNorm: Float = 1, degreesOfFreedom: Float = 4
    ) {
      self.learningRate = learningRate
      self.maximumNorm = maximumNorm
      self.degreesOfFreedom = degreesOfFreedom
    }
  }

  /// A gradient of at least this norm, or with a NaN norm, is not followed.
  public static let largestFollowedNorm: Float = 1e6

  private let kernels: Kernels
  private let options: Options

  /// Learning with `options`.
  public init(options: Options = Options(), kernels: Kernels = .current) {
    self.options = options
    self.kernels = kernels
  }

  /// Writes the gradient of the loss into `scratch.gradient`.
  ///
  /// The loss is the mean over steps of the sum over known targets of the negative log likelihood
  /// of a Student t distribution (Lange et al. 1989) with location m and scale exp(l), l clipped to
  /// -5...3.
  /// - Parameters:
  ///   - initialState: h and c before the first step, `shape.stateCount` floats.
  ///   - scratch: inputs, targets and known filled in; its shape must be that of the weights.
  public func computeGradient(
    weights: Weights, initialState: UnsafePointer<Float>, scratch: GradientScratch
  ) {
    assert(weights.shape == scratch.shape)
    var request = ck_bptt(
      weights: weights.floats, initial: initialState, inputs: scratch.inputs,
      targets: scratch.targets, known: scratch.known, gradient: scratch.gradient,
      scratch: scratch.workspace, steps: Int32(scratch.steps),
      degreesOfFreedom: options.degreesOfFreedom)
    var shape = scratch.shape.kernelShape
    kernels.table.pointee.gradient(&shape, &request)
  }

  /// One gradient, clipped, and one update of the weights.
  /// - Returns: false if the gradient was not followed (see ``largestFollowedNorm``); weights,
  ///   moments and clock are then unchanged.
  @discardableResult
  public func update(
    weights: Weights, moments: AdamMoments, clock: inout AdamClock,
    initialState: UnsafePointer<Float>, scratch: GradientScratch
  ) -> Bool {
    computeGradient(weights: weights, initialState: initialState, scratch: scratch)
    return clock.follow(
      scratch.gradient, count: scratch.shape.parameterCount, weights: weights.floats,
      moments: moments, learningRate: options.learningRate, maximumNorm: options.maximumNorm,
      kernels: kernels)
  }
}
