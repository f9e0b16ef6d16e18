public import Series

/// The label of a row of a series.
public enum RowLabel: Equatable, Sendable {
  /// It is as usual.
  case normal
  /// It is part of an anomaly.
  case anomalous
  /// It does not count: warm-up, part of the training, or unlabelled.
  case uncounted
}

/// A labelled series with a detector's results for each row.
public struct JudgedSeries: Sendable {
  /// Its origin.
  public let name: String
  /// The time of each row, ascending.
  public private(set) var timestamps: [Timestamp] = []
  /// The label of each row.
  public private(set) var labels: [RowLabel] = []
  /// The detector's score of each row; NaN if it did not judge it.
  public private(set) var scores: [Double] = []
  /// Whether the row alarmed.
  public private(set) var alarms: [Bool] = []

  /// A series without rows.
  public init(name: String) {
    self.name = name
  }

  /// Adds a row.
  public mutating func append(
    at timestamp: Timestamp, label: RowLabel, score: Double, alarm: Bool
  ) {
    timestamps.append(timestamp)
    labels.append(label)
    scores.append(score)
    alarms.append(alarm)
  }

  /// Excludes rows from the count.
  /// - Parameter isLeftOut: whether the row with that index is.
  public mutating func leaveOut(where isLeftOut: (Int) -> Bool) {
    for row in labels.indices where isLeftOut(row) { labels[row] = .uncounted }
  }

  /// Number of rows.
  public var count: Int { labels.count }

  /// The anomalies: runs of anomalous rows, excluding rows that do not count.
  public var anomalies: [ClosedRange<Int>] {
    JudgedSeries.runs(count) { labels[$0] == .anomalous }
  }

  /// The detections that a person would be notified of: alarms at most `rows` apart, of which at
  /// least one row counts.
  public func detections(within rows: Int) -> [ClosedRange<Int>] {
    JudgedSeries.runs(count, apart: max(1, rows)) { alarms[$0] && labels[$0] != .uncounted }
  }

  /// Whether a detection matches an anomaly.
  func isTrue(_ detection: ClosedRange<Int>, _ matching: Scorecard.Matching) -> Bool {
    detection.contains { labels[$0] == .anomalous }
      || anomalies.contains {
        ($0.lowerBound...min($0.upperBound + matching.tolerance, count - 1)).overlaps(detection)
      }
  }

  /// The time that counts, in days: the median time between rows for each row that counts.
  public var days: Double {
    var steps = zip(timestamps, timestamps.dropFirst()).map { $1.nanoseconds(since: $0) }
      .filter { $0 > 0 }
    steps.sort()
    let step = steps.isEmpty ? 0 : Double(steps[steps.count / 2]) / 86_400e9
    return step * Double(labels.count { $0 != .uncounted })
  }

  /// Runs of rows that match, no two of them more than `apart` rows from the next.
  static func runs(
    _ count: Int, apart: Int = 1, _ matches: (Int) -> Bool
  ) -> [ClosedRange<Int>] {
    var found: [ClosedRange<Int>] = []
    for row in 0..<count where matches(row) {
      if let last = found.last, row - last.upperBound <= apart {
        found[found.count - 1] = last.lowerBound...row
      } else {
        found.append(row...row)
      }
    }
    return found
  }
}
