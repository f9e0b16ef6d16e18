package import Detection

/// Decides from recorded verdicts which samples alarm with another alarm budget.
///
/// Scores do not depend on the budget, so one run of the detector covers all budgets.
public struct AlarmReplay: Sendable {
  /// The data that alarms depend on.
  private struct Row {
    var score: Float
    var value: Double
    var renews: Bool
  }

  private var rows: [Row] = []

  /// A replay of an empty series.
  public init() {}

  /// The score of every sample; NaN for a gap.
  package var scores: [Float] { rows.map(\.score) }

  /// Adds the verdict on the next sample.
  package mutating func append(_ verdict: Verdict) {
    let isGap = !verdict.value.isFinite
    rows.append(
      Row(
        score: isGap ? .nan : verdict.score, value: verdict.value,
        renews: !isGap
          && Fusion.renews(verdict.evidence, feedback: EvidenceVector(verdict.evidence.family))))
  }

  /// The samples at which an event would have opened.
  /// - Parameter budget: mean number of normal samples between alarms, > 1.
  public func alarms(budget: Double) -> [Int] {
    var threshold = AlarmThreshold(budget: budget)
    var seen = 0
    var result: [Int] = []
    for (index, row) in rows.enumerated() {
      guard !row.score.isNaN else {
        threshold.skip()
        continue
      }
      let ruling = threshold.judge(
        row.score, seen: seen, value: row.value, renews: row.renews)
      if ruling.opens { result.append(index) }
      seen += 1
    }
    return result
  }
}
