/// The threshold that best separates labelled rows.
enum LabelledThreshold {
  /// The one with the highest point F1, halfway between two values; nil if there are not both normal and
  /// anomalous rows.
  static func best(_ rows: [(value: Double, isAnomalous: Bool)]) -> Double? {
    let total = rows.count { $0.isAnomalous }
    guard total > 0, total < rows.count else { return nil }
    let sorted = rows.sorted { $0.value > $1.value }
    var (found, best) = (0, (f1: -1.0, threshold: 0.0))
    for (index, row) in sorted.enumerated() {
      if row.isAnomalous { found += 1 }
      let next = index + 1 < sorted.count ? sorted[index + 1].value : row.value / 2
      guard next < row.value else { continue }
      let f1 = 2 * Double(found) / Double(total + index + 1)
      if f1 > best.f1 { best = (f1, (row.value + next) / 2) }
    }
    return best.f1 >= 0 ? best.threshold : nil
  }
}
