/// Several detectors on the same labelled series, each compared with the first.
package struct Comparison: Sendable {
  /// A detector and its results for each series.
  package struct Contender: Sendable {
    /// Its name.
    package var name: String
    /// The series, in the same order for all.
    package var series: [JudgedSeries]

    /// A detector.
    package init(name: String, series: [JudgedSeries]) {
      self.name = name
      self.series = series
    }
  }

  /// Why detectors cannot be compared.
  package enum Failure: Error, Equatable {
    /// One of them has judged other series, or other rows of one.
    case otherRows(detector: String, series: String)
    /// No row is counted by all of them.
    case nothingInCommon
  }

  /// A detector with its measures.
  package struct Row: Sendable {
    /// Its name.
    package var name: String
    /// Its measures on the rows that all have judged.
    package var scorecard: Scorecard
    /// By how much the first detector is better; nil for that itself, and where a measure is unknown.
    package var advantage: (difference: Double, interval: Bootstrap.Interval?)?

    /// Whether the first detector is worse than this one: the whole interval of the difference is
    /// below 0, or, for too few series, the difference itself.
    package var isBetter: Bool {
      guard let advantage else { return false }
      return advantage.interval.map { $0.upper < 0 } ?? (advantage.difference < 0)
    }
  }

  /// The measure by which they are compared.
  package let measure: Scorecard.Measure
  /// The detectors, in the given order.
  package let rows: [Row]
  /// Number of series.
  package let seriesCount: Int
  /// Rows that count, and those that do not because a detector has not judged them.
  package let counted: Int
  package let uncounted: Int

  /// Compares detectors on the rows that count for all of them.
  package init(
    _ contenders: [Contender], _ matching: Scorecard.Matching, by measure: Scorecard.Measure
  ) throws(Failure) {
    self.measure = measure
    guard let first = contenders.first else { throw .nothingInCommon }
    for other in contenders {
      guard other.series.count == first.series.count else {
        throw .otherRows(detector: other.name, series: first.series.first?.name ?? "")
      }
      for (one, two) in zip(first.series, other.series) where one.timestamps != two.timestamps {
        throw .otherRows(detector: other.name, series: one.name)
      }
    }
    var counted = 0
    let isLeftOut = first.series.indices.map { index in
      first.series[index].labels.indices.map { row in
        contenders.contains { $0.series[index].labels[row] == .uncounted }
      }
    }
    for rows in isLeftOut { counted += rows.count { !$0 } }
    guard counted > 0 else { throw .nothingInCommon }
    self.counted = counted
    uncounted = first.series.reduce(0) { $0 + $1.count } - counted
    seriesCount = first.series.count
    let scorecards = contenders.map { contender in
      var series = contender.series
      for index in series.indices { series[index].leaveOut { isLeftOut[index][$0] } }
      return Scorecard(series, matching)
    }
    rows = zip(contenders, scorecards).enumerated().map { place, one in
      Row(
        name: one.0.name, scorecard: one.1,
        advantage: place == 0 ? nil : scorecards[0].advantage(over: one.1, measure))
    }
  }

  /// Whether the first detector is worse than one of the others.
  package var isFirstWorse: Bool { rows.contains(where: \.isBetter) }
}
