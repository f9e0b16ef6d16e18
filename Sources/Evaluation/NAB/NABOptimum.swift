/// The threshold that would have been best in hindsight, as the benchmark's optimiser finds it:
/// one threshold for all series, chosen on the very series that are scored.
///
/// For information only: it cannot be known in advance.
public struct NABOptimum: Equatable, Sendable {
  /// A row alarms when its score is at least this high.
  public let threshold: Double
  /// What that gives.
  public let score: NABScore

  /// Tries every score that occurs as the threshold, highest first; of equals the first one wins.
  /// - Parameter rows: each series with one score per row.
  public init(_ rows: [(series: NABSeries, scores: [Double])], profile: NABProfile) {
    var current = NABScore()
    var best: [[Double?]] = []
    var order: [(score: Double, series: Int32, row: Int32)] = []
    for (index, (series, scores)) in rows.enumerated() {
      precondition(scores.count == series.rowCount, "one score per row")
      current += NABScore(silenceIn: series, profile: profile)
      best.append([Double?](repeating: nil, count: series.windows.count))
      for row in series.probation..<max(series.probation, series.rowCount) {
        order.append((scores[row], Int32(index), Int32(row)))
      }
    }
    order.sort { $0.score > $1.score }
    var optimum = (threshold: Double.infinity, score: current)
    var position = 0
    while position < order.count {
      let threshold = order[position].score
      while position < order.count, order[position].score == threshold {
        let (_, index, row) = order[position]
        let meaning = rows[Int(index)].series.meaning(of: Int(row))
        current.add(meaning, best: &best[Int(index)], profile: profile)
        position += 1
      }
      if current.raw > optimum.score.raw { optimum = (threshold, current) }
    }
    threshold = optimum.threshold
    score = optimum.score
  }
}
