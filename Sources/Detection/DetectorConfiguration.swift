/// The configurable properties of a detector; everything else is fixed for all metrics.
public struct DetectorConfiguration: Equatable, Sendable {
  /// Seed of the network's initial weights and of the replay. The same seed and the same samples
  /// give the same verdicts.
  public var seed: UInt64
  /// Alarm budget: mean number of normal samples between two false alarms on one metric, 10...1e9.
  /// A larger budget means fewer alarms; infinity: none, see ``judges``.
  public var alarmBudget: Double
  /// Whether observations are judged; if not, they are only shown and compared with limits.
  public var judges: Bool { alarmBudget.isFinite }

  /// A configuration with these values.
  public init(seed: UInt64 = 1, alarmBudget: Double = 5000) {
    precondition(
      alarmBudget >= 10 && alarmBudget <= 1e9,
      "an alarm budget lies between 10 and 1e9 samples per alarm")
    self.seed = seed
    self.alarmBudget = alarmBudget
  }

  /// Observations are not judged.
  public static let unjudged: DetectorConfiguration = {
    var result = DetectorConfiguration()
    result.alarmBudget = .infinity
    return result
  }()
}
