package import Series

/// A recording in memory: rows of numbers with their times.
package struct RecordedTable: Sendable {
  /// Its origin, such as the path of a file.
  package let name: String
  /// Names of the columns; no two are equal.
  package private(set) var columns: [String]
  /// The time of each row.
  package private(set) var timestamps: [Timestamp] = []
  /// `[rows][columns]`; NaN if there is no value.
  package private(set) var values: [Double] = []
  /// Whether each row is anomalous; nil if unknown.
  package var labels: [Bool]?

  /// A table without rows.
  package init(name: String, columns: [String]) {
    self.name = name
    self.columns = columns
  }

  /// Number of rows.
  package var count: Int { timestamps.count }

  /// Adds a row without values.
  package mutating func append(at timestamp: Timestamp) {
    timestamps.append(timestamp)
    for _ in columns { values.append(.nan) }
  }

  /// Changes the time of a row; rows stay in order.
  mutating func setTime(of row: Int, _ timestamp: Timestamp) { timestamps[row] = timestamp }

  /// A value; one that is not finite is a gap.
  package subscript(row: Int, column: Int) -> Double {
    get { values[row * columns.count + column] }
    set { values[row * columns.count + column] = newValue }
  }

  /// The rows in `range` alone.
  package func rows(_ range: Range<Int>) -> RecordedTable {
    var part = RecordedTable(name: name, columns: columns)
    part.timestamps = Array(timestamps[range])
    part.labels = labels.map { Array($0[range]) }
    part.values = Array(
      values[(range.lowerBound * columns.count)..<(range.upperBound * columns.count)])
    return part
  }

  /// Runs of rows that are anomalous by their labels.
  package var anomalies: [ClosedRange<Int>] {
    guard let labels else { return [] }
    var runs: [ClosedRange<Int>] = []
    for row in labels.indices where labels[row] {
      if let last = runs.last, last.upperBound == row - 1 {
        runs[runs.count - 1] = last.lowerBound...row
      } else {
        runs.append(row...row)
      }
    }
    return runs
  }

  /// The median time between two rows in nanoseconds; 0 if there is none.
  package var interval: Int64 {
    var steps = zip(timestamps, timestamps.dropFirst()).map { $1.nanoseconds(since: $0) }
      .filter { $0 > 0 }
    guard !steps.isEmpty else { return 0 }
    steps.sort()
    return steps[steps.count / 2]
  }
}
