/// The optimiser's memory for one parameter block, in memory that somebody else owns.
///
/// Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1, with
/// beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 added to the root of the uncorrected variance.
public struct AdamMoments {
  /// First moment of each gradient.
  public let mean: UnsafeMutablePointer<Float>
  /// Second moment of each gradient.
  public let variance: UnsafeMutablePointer<Float>

  /// A view of two blocks of `shape.parameterCount` floats each.
  public init(mean: UnsafeMutablePointer<Float>, variance: UnsafeMutablePointer<Float>) {
    self.mean = mean
    self.variance = variance
  }
}

/// How many updates the optimiser has made, as the powers that its bias correction needs.
public struct AdamClock: Equatable, Sendable {
  /// Number of updates so far.
  public var updates: UInt32 = 0
  /// beta1 to the power of `updates`.
  public var beta1Power: Float = 1
  /// beta2 to the power of `updates`.
  public var beta2Power: Float = 1

  /// Before the first update.
  public init() {}

  /// Counts one update and gives the learning rate with both bias corrections in it.
  mutating func advance(learningRate: Float) -> Float {
    updates &+= 1
    beta1Power *= 0.9
    beta2Power *= 0.999
    return learningRate * (1 - beta2Power).squareRoot() / (1 - beta1Power)
  }
}
