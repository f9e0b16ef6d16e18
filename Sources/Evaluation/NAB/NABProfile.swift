/// An application profile of the Numenta Anomaly Benchmark: the value of hits, misses and false
/// alarms to one kind of user.
public struct NABProfile: Equatable, Sendable {
  /// Its key in `config/profiles.json`, such as `reward_low_FP_rate`.
  public var name: String
  /// The reward for an anomaly found at the left edge of its window, > 0.
  public var truePositiveWeight: Double
  /// The cost of an alarm far from every window, >= 0.
  public var falsePositiveWeight: Double
  /// The cost of a missed anomaly, >= 0.
  public var falseNegativeWeight: Double

  /// A profile of these weights.
  public init(
    name: String,
    truePositiveWeight: Double,
    falsePositiveWeight: Double,
    falseNegativeWeight: Double
  ) {
    self.name = name
    self.truePositiveWeight = truePositiveWeight
    self.falsePositiveWeight = falsePositiveWeight
    self.falseNegativeWeight = falseNegativeWeight
  }
}
