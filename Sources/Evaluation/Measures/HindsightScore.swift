/// The highest point F1 that any threshold of the scores would have reached, chosen with knowledge
/// of the labels: nobody knows that threshold in advance. It shows how much of the shortfall is due
/// to the threshold, and is marked as such wherever it is printed.
public struct HindsightScore: Sendable {
  private var rows: [(score: Double, isAnomalous: Bool)] = []

  /// The score of no series.
  public init() {}

  /// Adds a series; rows without a score never alarm.
  public mutating func add(_ series: JudgedSeries) {
    for row in 0..<series.count where series.labels[row] != .uncounted {
      let score = series.scores[row]
      rows.append((score.isNaN ? -.infinity : score, series.labels[row] == .anomalous))
    }
  }

  /// The F1 and the threshold at which rows alarm; nil if no row is anomalous.
  public var best: (f1: Double, threshold: Double)? {
    let total = rows.count { $0.isAnomalous }
    guard total > 0 else { return nil }
    let sorted = rows.sorted { $0.score > $1.score }
    var (best, found): ((f1: Double, threshold: Double), Int) = ((0, .infinity), 0)
    for (place, row) in sorted.enumerated() {
      if row.isAnomalous { found += 1 }
      // Rows with equal scores alarm together.
      if place + 1 < sorted.count, sorted[place + 1].score == row.score { continue }
      let f1 = 2 * Double(found) / Double(total + place + 1)
      if f1 > best.f1 { best = (f1, row.score) }
    }
    return best
  }
}
