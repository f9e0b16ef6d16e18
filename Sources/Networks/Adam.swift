import CKernels

/// The optimiser's moments for one parameter block, in memory owned by the caller.
///
/// Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1, with
/// beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 added to the root of the corrected variance.
public struct AdamMoments {
  /// First moment of each gradient.
  public let mean: UnsafeMutablePointer<Float>
  /// Second moment of each gradient.
  public let variance: UnsafeMutablePointer<Float>

  /// A view of two blocks, each as long as the parameter block.
  public init(mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>) {
    self.mean = mean
    self.variance = variance
  }
}

/// The number of updates made, with the powers that the bias correction needs.
public struct AdamClock: Equatable, Sendable {
  /// Number of updates so far.
  public var updates: UInt32 = 0
  /// beta1 to the power of `updates`.
  public var beta1Power: Float = 1
  /// beta2 to the power of `updates`.
  public var beta2Power: Float = 1

  /// Before the first update.
  public init() {}

  /// Counts one update.
  /// - Returns: learning rate and epsilon with the bias corrections applied, for use with the
  ///   uncorrected moments.
  mutating func advance(learningRate: Float) -> (rate: Float, epsilon: Float) {
    updates &+= 1
    beta1Power *= 0.9
    beta2Power *= 0.999
    let correction = (1 - beta2Power).squareRoot()
    return (learningRate * correction / (1 - beta1Power), 1e-8 * correction)
  }

  /// One update of `count` weights along `gradient`, scaled down to `maximumNorm` if it is longer.
  /// - Parameters:
  ///   - gradient: `count` floats; all layers of a network may lie in one block, padding included.
  ///   - count: a multiple of 8, as every layer's parameter count is.
  /// - Returns: false if the gradient was not followed (see ``TruncatedBPTT/largestFollowedNorm``);
  ///   weights, moments and clock are then unchanged.
  public mutating func follow(
    _ gradient: UnsafePointer<Float>, count: Int, weights: UnsafeMutablePointer<Float>,
    moments: AdamMoments, learningRate: Float, maximumNorm: Float, kernels: Kernels = .current
  ) -> Bool {
    let count = Int32(count)
    let norm = kernels.table.pointee.squared_norm(gradient, count).squareRoot()
    guard norm < TruncatedBPTT.largestFollowedNorm else { return false }
    let (rate, epsilon) = advance(learningRate: learningRate)
    kernels.table.pointee.adam(
      weights, moments.mean, moments.variance, gradient, count,
      norm > maximumNorm ? maximumNorm / norm : 1, rate, epsilon)
    return true
  }
}
