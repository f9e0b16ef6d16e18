/// An application profile of the Numenta Anomaly Benchmark: what hits, misses and false alarms
/// are worth to one kind of user.
public struct NABProfile: Equatable, Sendable {
  /// Its key in `config/profiles.json`, such as `reward_low_FP_rate`.
  public var name: String
  /// What an anomaly found at the left edge of its window is worth, > 0.
  public var truePositiveWeight: Double
  /// What an alarm far from every window costs, >= 0.
  public var falsePositiveWeight: Double
  /// What an anomaly that was not found costs, >= 0.
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
