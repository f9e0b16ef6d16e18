public import Series

/// Whole anomalies and whole detections, matched by overlap. Adds up over series.
///
/// An anomaly is found if any of its rows alarms; a detection is a false alarm if none of its rows,
/// up to the tolerance after an anomaly, is anomalous. One detection may find several anomalies.
public struct EventScore: Equatable, Sendable {
  /// An anomaly, and whether it was found.
  public struct Anomaly: Equatable, Sendable {
    /// The series.
    public var series: String
    /// Time of its first row.
    public var first: Timestamp
    /// Time of its last row.
    public var last: Timestamp
    /// When it was found; nil if it was missed.
    public var found: Timestamp?
  }

  /// The anomalies in order.
  public private(set) var anomalies: [Anomaly] = []
  /// Detections that overlap an anomaly.
  public private(set) var trueDetections = 0
  /// First and last time of the other detections, and their series.
  public private(set) var falseAlarms: [(series: String, first: Timestamp, last: Timestamp)] = []
  /// The time that counts, in days.
  public private(set) var days = 0.0

  /// The score of no series.
  public init() {}

  /// The score of a series.
  /// - Parameters:
  ///   - rows: alarms at most this far apart are one detection.
  ///   - tolerance: rows after an anomaly in which an alarm still belongs to it.
  public init(_ series: JudgedSeries, joining rows: Int, tolerance: Int) {
    days = series.days
    let detections = series.detections(within: rows)
    let windows = series.anomalies.map {
      $0.lowerBound...min($0.upperBound + tolerance, series.count - 1)
    }
    for (anomaly, window) in zip(series.anomalies, windows) {
      let found = window.first { series.alarms[$0] }
      anomalies.append(
        Anomaly(
          series: series.name, first: series.timestamps[anomaly.lowerBound],
          last: series.timestamps[anomaly.upperBound], found: found.map { series.timestamps[$0] }))
    }
    for detection in detections {
      if windows.contains(where: { $0.overlaps(detection) }) {
        trueDetections += 1
      } else {
        falseAlarms.append(
          (
            series.name, series.timestamps[detection.lowerBound],
            series.timestamps[detection.upperBound]
          ))
      }
    }
  }

  /// Number of anomalies that were found.
  public var found: Int { anomalies.count { $0.found != nil } }
  /// Share of the detections that overlap an anomaly; nil if there is none.
  public var precision: Double? { share(trueDetections, of: trueDetections + falseAlarms.count) }
  /// Share of the anomalies that were found; nil if there is none.
  public var recall: Double? { share(found, of: anomalies.count) }
  /// Harmonic mean of precision and recall; nil if one of them is unknown.
  public var f1: Double? {
    guard let precision, let recall else { return nil }
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }
  /// False alarms a day; nil if no time has passed.
  public var falseAlarmsPerDay: Double? {
    days > 0 ? Double(falseAlarms.count) / days : nil
  }
  /// The median time from the first row of an anomaly to its first alarm, of those that were found;
  /// nil if none was.
  public var medianDelay: Duration? {
    var delays = anomalies.compactMap { anomaly in
      anomaly.found.map { $0.elapsed(since: anomaly.first) }
    }
    delays.sort()
    return delays.isEmpty ? nil : delays[delays.count / 2]
  }

  /// Adds the score of other series.
  public static func += (total: inout EventScore, other: EventScore) {
    total.anomalies += other.anomalies
    total.trueDetections += other.trueDetections
    total.falseAlarms += other.falseAlarms
    total.days += other.days
  }

  /// Whether all counts are equal.
  public static func == (one: EventScore, other: EventScore) -> Bool {
    one.anomalies == other.anomalies && one.trueDetections == other.trueDetections
      && one.days == other.days
      && one.falseAlarms.elementsEqual(other.falseAlarms) { $0 == $1 }
  }
}
