import Networks
import Series

/// A series that repeats the pattern of a given one, distorted: periods drawn at random, slightly
/// longer or shorter, higher or lower, joined without a step.
package struct DistortedSeries {
  /// The share of a block over which it fades into the next.
  private static let fade = 0.15

  private let source: RecordedTable
  private let starts: [Int]
  private let length: Int
  private let distortion: Double

  /// The pattern of a recording. Blocks with a labelled anomaly, or with gaps, are not repeated.
  /// - Parameter distortion: the deviation of lengths and heights, 0...1.
  /// - Returns: nil if there is no block to repeat.
  package init?(_ source: RecordedTable, distortion: Double) {
    guard source.count >= 20, !source.columns.isEmpty else { return nil }
    let isUsual = { (row: Int) in source[row, 0].isFinite && source.labels?[row] != true }
    let usual = (0..<source.count).filter(isUsual).map { source[$0, 0] }
    let mean = usual.reduce(0, +) / Double(max(1, usual.count))
    // Anomalies are levelled instead of left out, so that periods keep their length.
    let period = SeasonalPeriod.rows(
      of: (0..<min(source.count, 8192)).map { isUsual($0) ? source[$0, 0] : mean })
    let length = period > 1 ? period : max(10, source.count / 20)
    // Blocks of one phase follow each other as in the source.
    let starts = stride(from: 0, through: source.count - length, by: length).filter { start in
      (start..<(start + length)).allSatisfy { row in
        source.labels?[row] != true
          && source.columns.indices.allSatisfy { source[row, $0].isFinite }
      }
    }
    guard !starts.isEmpty else { return nil }
    self.source = source
    self.starts = starts
    self.length = length
    self.distortion = distortion
  }

  /// Rows of a block.
  package var period: Int { length }

  /// A series of `rows` rows.
  package func table(name: String, rows: Int, seed: UInt64) -> RecordedTable {
    var random = XorShift(seed: seed &+ 0x11CE)
    var table = RecordedTable(name: name, columns: source.columns)
    let interval = max(1, source.interval)
    for row in 0..<rows {
      table.append(
        at: Timestamp(
          nanoseconds: source.timestamps[0].nanoseconds + Int64(row) * interval))
    }
    let means = source.columns.indices.map { column in
      starts.reduce(0.0) { sum, start in
        (start..<(start + length)).reduce(sum) { $0 + source[$1, column] }
      } / Double(starts.count * length)
    }
    var row = 0
    while row < rows {
      let start = starts[min(starts.count - 1, Int(random.uniform() * Double(starts.count)))]
      let stretch = max(0.5, min(1.5, 1 + distortion * random.gaussian() / 3))
      let heights = source.columns.indices.map { _ in 1 + distortion * random.gaussian() }
      let count = max(2, Int(Double(length) * stretch))
      let faded = row == 0 ? 0 : Int(Double(count) * DistortedSeries.fade)
      // The samples before a block in the source are blended with the end of the block before it
      // here.
      let first = max(0, row - faded)
      for place in 0..<(count + row - first) where first + place < rows {
        let exact = Double(start) + Double(first + place - row) / stretch
        let before = max(0, min(start + length - 1, Int(exact.rounded(.down))))
        let after = min(start + length - 1, before + 1)
        let weight = place < row - first ? Double(place + 1) / Double(row - first + 1) : 1
        for column in source.columns.indices {
          let share = max(0, exact - Double(before))
          let value = source[before, column] * (1 - share) + source[after, column] * share
          let old = table[first + place, column]
          guard value.isFinite else { continue }
          let distorted = means[column] + heights[column] * (value - means[column])
          table[first + place, column] =
            old.isFinite ? old * (1 - weight) + distorted * weight : distorted
        }
      }
      row += count
    }
    table.labels = Array(repeating: false, count: rows)
    return table
  }
}
