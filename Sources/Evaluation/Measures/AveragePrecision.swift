/// The area under the precision-recall curve (average precision), over the rows of all series
/// together: how well scores rank rows, independent of the threshold.
public struct AveragePrecision: Sendable {
  private var rows: [(score: Double, isAnomalous: Bool)] = []

  /// The measure of no series.
  public init() {}

  /// Adds a series; rows without a score rank last.
  public mutating func add(_ series: JudgedSeries) {
    for row in 0..<series.count where series.labels[row] != .uncounted {
      let score = series.scores[row]
      rows.append((score.isNaN ? -.infinity : score, series.labels[row] == .anomalous))
    }
  }

  /// The area, 0...1; nil if no row is anomalous. Rows with equal scores are counted together.
  public var value: Double? {
    let total = rows.count { $0.isAnomalous }
    guard total > 0 else { return nil }
    let sorted = rows.sorted { $0.score > $1.score }
    var (area, found, place) = (0.0, 0, 0)
    while place < sorted.count {
      let score = sorted[place].score
      let before = found
      while place < sorted.count, sorted[place].score == score {
        if sorted[place].isAnomalous { found += 1 }
        place += 1
      }
      area += Double(found - before) / Double(total) * Double(found) / Double(place)
    }
    return area
  }
}
