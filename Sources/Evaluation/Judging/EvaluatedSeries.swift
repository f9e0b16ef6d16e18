package import Series

/// A recording that a detector has judged, with all that is measured of it.
package struct EvaluatedSeries: Sendable {
  /// The rows.
  package var series: JudgedSeries
  /// Whether it has labels.
  package var isLabelled: Bool
  /// The measures.
  package var score: Scorecard.Series
  /// What is to be known about detections, in order.
  package var detections: [Detection]
  /// Rows that do not count, by reason.
  package var uncounted: Uncounted
  /// Root of the mean squared error of the forecast of the next row, and of the last value; by
  /// column, in its own unit. Empty for columns that are transformed.
  package var forecastErrors: [(column: String, model: Double, lastValue: Double)]
  /// How often values lay inside the 95% band.
  package var coverage: BandCoverage
  /// What was expected of each column by row; none unless they were asked for.
  package var courses: [Course]
  /// Rows that are anomalous by their labels, whether they count or not.
  package var anomalies: [ClosedRange<Int>]
  /// Rows that the model was trained on; nil for none.
  package var trained: ClosedRange<Int>?
  /// Usual nanoseconds between two rows; 0 if not known.
  package var interval: Int64

  /// Rows that do not count, by reason.
  package struct Uncounted: Equatable, Sendable {
    /// The model was trained on them.
    package var trained = 0
    /// The model could not judge yet, or not at all.
    package var lead = 0
    /// They are in a span that is left out.
    package var ignored = 0
  }

  /// Alarms that belong together.
  package struct Detection: Sendable {
    /// The rows.
    package var rows: ClosedRange<Int>
    /// Time of the first alarm.
    package var first: Timestamp
    /// Time of the last alarm.
    package var last: Timestamp
    /// The highest score.
    package var score: Double
    /// Whether it meets an anomaly; nil where nothing is labelled.
    package var isTrue: Bool?
    /// The columns that added most to the highest score, with their shares.
    package var columns: [(name: String, share: Double)]
    /// What was unusual in words, of a trace; nil where ``columns`` say it.
    package var because: String?
  }

  /// A column with what was expected of it.
  package struct Course: Sendable {
    /// The column.
    package var name: String
    /// By row: value, expected value and half the width of the 95% band; NaN where unknown.
    package var values: [Double]
    package var expected: [Double]
    package var margins: [Double]
  }
}
