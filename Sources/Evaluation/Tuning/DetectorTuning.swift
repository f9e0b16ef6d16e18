package import Models
import Series

/// Tunes the daemon's own detector: its alarm budget, and the maximum distance of alarms that
/// belong to one event. Its scores depend on neither, so it runs over each recording once.
package struct DetectorTuning: Sendable {
  /// A column of a recording, with the detector's verdicts.
  private struct Column: Sendable {
    var name: String
    var timestamps: [Timestamp]
    var labels: [Bool]
    var replay: AlarmReplay
  }

  private let columns: [Column]
  private let tolerance: Int

  /// Runs the detector over all columns of labelled recordings.
  /// - Parameter done: called after each column.
  package init(_ tables: [RecordedTable], seed: UInt64, tolerance: Int, done: () -> Void) {
    var columns: [Column] = []
    for table in tables {
      for (place, name) in table.columns.enumerated() {
        let samples = (0..<table.count).map {
          Sample(timestamp: table.timestamps[$0], value: table[$0, place])
        }
        columns.append(
          Column(
            name: "\(table.name) \(name)", timestamps: table.timestamps,
            labels: table.labels ?? Array(repeating: false, count: table.count),
            replay: NABTrial(budget: 5000).replay(samples, seed: seed)))
        done()
      }
    }
    self.columns = columns
    self.tolerance = tolerance
  }

  /// The parameters.
  package static let known: [Tuner.Parameter] = [
    .init("budget", 100...100_000, isLogarithmic: true, isWhole: true),
    .init("merge", 1...500, isLogarithmic: true, isWhole: true),
  ]

  /// The measures on a part of each recording.
  /// - Parameters:
  ///   - budget: normal samples per alarm.
  ///   - merge: maximum distance, in rows, of alarms that belong to one event.
  ///   - part: the share of the rows that counts, such as 0 ..< 0.8.
  package func scorecard(budget: Double, merge: Double, part: Range<Double>) -> Scorecard {
    let series = columns.map { column in
      let alarms = Set(column.replay.alarms(budget: budget))
      let scores = column.replay.scores
      let count = Double(scores.count)
      let counted = Int(part.lowerBound * count)..<Int(part.upperBound * count)
      var series = JudgedSeries(name: column.name)
      for row in scores.indices {
        let score = scores[row]
        series.append(
          at: column.timestamps[row],
          label: counted.contains(row) && !score.isNaN
            ? column.labels[row] ? .anomalous : .normal : .uncounted,
          score: Double(score), alarm: alarms.contains(row))
      }
      return series
    }
    return Scorecard(series, Scorecard.Matching(joining: Int(merge), tolerance: tolerance))
  }
}
