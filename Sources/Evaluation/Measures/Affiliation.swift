/// Precision and recall by distance in time (Huet, Navarro & Rossi, KDD 2022): an alarm near an
/// anomaly is better than one far away, each compared with an alarm at a random position, for which
/// both are about one half.
///
/// Each anomaly's zone consists of the rows nearer to it than to any other. Precision is the mean
/// over anomalies whose zone has an alarm, recall over all. Adds up over series.
public struct Affiliation: Equatable, Sendable {
  private var precisions: [Double] = []
  private var recalls: [Double] = []

  /// The measure of no series.
  public init() {}

  /// The measure of one series.
  public init(_ series: JudgedSeries) {
    let anomalies = series.anomalies
    let isAlarm = (0..<series.count).map { series.alarms[$0] && series.labels[$0] != .uncounted }
    var first = 0
    for (number, anomaly) in anomalies.enumerated() {
      var end = series.count
      if number + 1 < anomalies.count {
        end = (anomaly.upperBound + anomalies[number + 1].lowerBound) / 2 + 1
      }
      add(anomaly, zone: first..<end, isAlarm)
      first = end
    }
  }

  private mutating func add(_ anomaly: ClosedRange<Int>, zone: Range<Int>, _ isAlarm: [Bool]) {
    let alarms = zone.filter { isAlarm[$0] }
    guard !alarms.isEmpty else { return recalls.append(0) }
    // How many rows of the zone are at least this far from the anomaly.
    func atLeast(_ distance: Int) -> Int {
      distance == 0
        ? zone.count
        : max(0, anomaly.lowerBound - distance - zone.lowerBound + 1)
          + max(0, zone.upperBound - (anomaly.upperBound + distance))
    }
    let precision = alarms.reduce(0.0) { sum, row in
      let distance = max(0, anomaly.lowerBound - row, row - anomaly.upperBound)
      return sum + Double(atLeast(distance)) / Double(zone.count)
    }
    precisions.append(precision / Double(alarms.count))

    var next = 0
    let recall = anomaly.reduce(0.0) { sum, row in
      while next < alarms.count, alarms[next] < row { next += 1 }
      var distance = Int.max
      if next < alarms.count { distance = alarms[next] - row }
      if next > 0 { distance = min(distance, row - alarms[next - 1]) }
      let far =
        distance == 0
        ? zone.count
        : max(0, row - distance - zone.lowerBound + 1) + max(0, zone.upperBound - (row + distance))
      return sum + Double(far) / Double(zone.count)
    }
    recalls.append(recall / Double(anomaly.count))
  }

  /// The mean over anomalies whose zone has an alarm, 0...1; nil if there is none.
  public var precision: Double? { mean(precisions) }
  /// The mean over anomalies, 0...1; nil if there is none.
  public var recall: Double? { mean(recalls) }
  /// Harmonic mean of precision and recall; nil if one of them is unknown.
  public var f1: Double? {
    guard let recall else { return nil }
    guard let precision else { return 0 }
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// Adds the measure of other series.
  public static func += (total: inout Affiliation, other: Affiliation) {
    total.precisions += other.precisions
    total.recalls += other.recalls
  }
}
