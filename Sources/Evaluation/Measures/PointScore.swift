/// The confusion matrix of single rows. Adds up over series.
public struct PointScore: Equatable, Sendable {
  /// Anomalous rows that alarmed.
  public private(set) var truePositives = 0
  /// Other rows that alarmed.
  public private(set) var falsePositives = 0
  /// Anomalous rows that did not alarm.
  public private(set) var falseNegatives = 0
  /// Other rows that did not alarm.
  public private(set) var trueNegatives = 0

  /// The score of no series.
  public init() {}

  /// The score of a series.
  public init(_ series: JudgedSeries) {
    for row in 0..<series.count {
      switch (series.labels[row], series.alarms[row]) {
      case (.uncounted, _): break
      case (.anomalous, true): truePositives += 1
      case (.anomalous, false): falseNegatives += 1
      case (.normal, true): falsePositives += 1
      case (.normal, false): trueNegatives += 1
      }
    }
  }

  /// Share of the alarming rows that are anomalous; nil if none alarms.
  public var precision: Double? { share(truePositives, of: truePositives + falsePositives) }
  /// Share of the anomalous rows that alarm; nil if there is none.
  public var recall: Double? { share(truePositives, of: truePositives + falseNegatives) }
  /// Share of the normal rows that alarm (FAR); nil if there is none.
  public var falseAlarmRate: Double? { share(falsePositives, of: falsePositives + trueNegatives) }
  /// Harmonic mean of precision and recall; nil if nothing is anomalous and nothing alarms.
  public var f1: Double? {
    share(2 * truePositives, of: 2 * truePositives + falsePositives + falseNegatives)
  }
  /// The F1 of flagging every row; nil if there is no row.
  public var f1OfEverything: Double? {
    let anomalous = truePositives + falseNegatives
    return share(2 * anomalous, of: 2 * anomalous + falsePositives + trueNegatives)
  }

  /// Adds the score of other series.
  public static func += (total: inout PointScore, other: PointScore) {
    total.truePositives += other.truePositives
    total.falsePositives += other.falsePositives
    total.falseNegatives += other.falseNegatives
    total.trueNegatives += other.trueNegatives
  }
}

/// A quotient, nil if the divisor is 0.
func share(_ part: Int, of whole: Int) -> Double? {
  whole > 0 ? Double(part) / Double(whole) : nil
}
