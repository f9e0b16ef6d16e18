package import Series

/// A recording that a detector has judged, with all measurements of it.
package struct EvaluatedSeries: Sendable {
  /// The rows.
  package var series: JudgedSeries
  /// Whether it has labels.
  package var isLabelled: Bool
  /// The measures.
  package var score: Scorecard.Series
  /// Facts about detections, in order.
  package var detections: [Detection]
  /// Rows that do not count, by reason.
  package var uncounted: Uncounted
  /// Root of the mean squared error of the forecast of the next row, and of the last value; by
  /// column, in its own unit. Empty for transformed columns.
  package var forecastErrors: [(column: String, model: Double, lastValue: Double)]
  /// How often values lay inside the 95% band.
  package var coverage: BandCoverage
  /// The expected value of each column by row; empty unless requested.
  package var courses: [Course]
  /// Rows that are anomalous by their labels, whether they count or not.
  package var anomalies: [ClosedRange<Int>]
  /// Rows that the model was trained on; nil for none.
  package var trained: ClosedRange<Int>?
  /// Usual nanoseconds between two rows; 0 if unknown.
  package var interval: Int64

  /// Rows that do not count, by reason.
  package struct Uncounted: Equatable, Sendable {
    /// The model was trained on them.
    package var trained = 0
    /// The model could not judge yet, or not at all.
    package var lead = 0
    /// They are in an excluded span.
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
    /// Whether it matches an anomaly; nil if nothing is labelled.
    package var isTrue: Bool?
    /// The columns that added most to the highest score, with their shares.
    package var columns: [(name: String, share: Double)]
    /// A description of what was unusual in a trace; nil if ``columns`` is used.
    package var because: String?
  }

  /// A column with its expected values.
  package struct Course: Sendable {
    /// The column.
    package var name: String
    /// By row: value, expected value and half the width of the 95% band; NaN if unknown.
    package var values: [Double]
    package var expected: [Double]
    package var margins: [Double]
  }
}
