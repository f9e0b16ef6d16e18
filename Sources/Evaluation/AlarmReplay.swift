internal import Detection

/// Decides from recorded scores which samples alarm under another alarm budget.
///
/// Scores do not depend on the budget, so one run of the detector answers for all budgets.
public struct AlarmReplay: Sendable {
  private let scores: [Float]

  /// - Parameter scores: of every sample of a series in order; NaN for a gap.
  public init(scores: [Float]) {
    self.scores = scores
  }

  /// The samples at which an event would have opened.
  /// - Parameter budget: mean number of normal samples between alarms, > 1.
  public func alarms(budget: Double) -> [Int] {
    var threshold = AlarmThreshold(budget: budget)
    var seen = 0
    var result: [Int] = []
    for (index, score) in scores.enumerated() {
      guard !score.isNaN else {
        threshold.skip()
        continue
      }
      if threshold.judge(score, seen: seen).opens { result.append(index) }
      seen += 1
    }
    return result
  }
}
