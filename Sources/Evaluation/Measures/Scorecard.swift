/// All measures of one detector on labelled series: by point, by event, by rank.
public struct Scorecard: Sendable {
  /// How alarms and anomalies are matched.
  public struct Matching: Equatable, Sendable {
    /// Alarms at most this many rows apart are one detection.
    public var joining: Int
    /// Rows after an anomaly in which an alarm still belongs to it.
    public var tolerance: Int

    /// Detections joined and matched in this way.
    public init(joining: Int, tolerance: Int) {
      self.joining = joining
      self.tolerance = tolerance
    }
  }

  /// A measure that can be compared between detectors.
  public enum Measure: String, CaseIterable, Sendable {
    /// F1 of single rows.
    case pointF1 = "point-f1"
    /// F1 of whole anomalies and detections.
    case eventF1 = "event-f1"
    /// Average precision: mean over series.
    case aucPR = "auc-pr"
    /// Volume under the surface: mean over series.
    case vusPR = "vus-pr"
    /// F1 by distance in time.
    case affiliation
  }

  /// The measures of a series.
  public struct Series: Sendable {
    /// Its name.
    public let name: String
    /// Single rows.
    public let points: PointScore
    /// Whole anomalies and detections.
    public let events: EventScore
    /// Average precision; nil if no row is anomalous.
    public let aucPR: Double?
    /// Volume under the surface; nil if no row is anomalous.
    public let vusPR: Double?
    /// Distances in time.
    public let affiliation: Affiliation

    /// Measures a series.
    public init(_ series: JudgedSeries, _ matching: Matching) {
      name = series.name
      points = PointScore(series)
      events = EventScore(series, joining: matching.joining, tolerance: matching.tolerance)
      var area = AveragePrecision()
      area.add(series)
      aucPR = area.value
      vusPR = VolumeUnderSurface(series).value
      affiliation = Affiliation(series)
    }
  }

  /// The series.
  public let series: [Series]
  /// Single rows of all of them.
  public let points: PointScore
  /// Whole anomalies and detections of all of them.
  public let events: EventScore
  /// Average precision of all rows together; nil if none is anomalous.
  public let averagePrecision: Double?
  /// Distances in time.
  public let affiliation: Affiliation
  /// The best threshold in hindsight; nil if no row is anomalous.
  public let hindsight: (f1: Double, threshold: Double)?

  /// Measures labelled series.
  public init(_ series: [JudgedSeries], _ matching: Matching) {
    self.init(measured: series.map { Series($0, matching) }, series)
  }

  /// The same if each series has been measured already.
  public init(measured: [Series], _ series: [JudgedSeries]) {
    var (points, events, affiliation) = (PointScore(), EventScore(), Affiliation())
    var (area, hindsight) = (AveragePrecision(), HindsightScore())
    for one in measured {
      points += one.points
      events += one.events
      affiliation += one.affiliation
    }
    for one in series {
      area.add(one)
      hindsight.add(one)
    }
    self.series = measured
    self.points = points
    self.events = events
    self.affiliation = affiliation
    averagePrecision = area.value
    self.hindsight = hindsight.best
  }

  /// A measure; nil if it is unknown.
  public func value(_ measure: Measure) -> Double? { value(measure, of: Array(series.indices)) }

  /// A measure of some series, by index; a repeated one counts repeatedly.
  public func value(_ measure: Measure, of indices: [Int]) -> Double? {
    switch measure {
    case .pointF1:
      var total = PointScore()
      for index in indices { total += series[index].points }
      return total.f1
    case .eventF1:
      // Only counts: whole lists of anomalies are too much for a thousand draws.
      var (found, missed, truths, alarms) = (0, 0, 0, 0)
      for index in indices {
        let events = series[index].events
        found += events.found
        missed += events.anomalies.count - events.found
        truths += events.trueDetections
        alarms += events.falseAlarms.count
      }
      guard found + missed > 0 else { return nil }
      guard let precision = share(truths, of: truths + alarms) else { return 0 }
      let recall = Double(found) / Double(found + missed)
      return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    case .aucPR: return mean(indices.compactMap { series[$0].aucPR })
    case .vusPR: return mean(indices.compactMap { series[$0].vusPR })
    case .affiliation:
      var total = Affiliation()
      for index in indices { total += series[index].affiliation }
      return total.f1
    }
  }

  /// How much a measure depends on the choice of series; nil for too few of them.
  public func interval(_ measure: Measure) -> Bootstrap.Interval? {
    Bootstrap.interval(of: series.count) { value(measure, of: $0) }
  }

  /// How much better this detector is than another one on the same series, with the interval of
  /// that difference.
  public func advantage(
    over other: Scorecard, _ measure: Measure
  ) -> (difference: Double, interval: Bootstrap.Interval?)? {
    guard let ours = value(measure), let theirs = other.value(measure) else { return nil }
    let interval = Bootstrap.interval(of: series.count) { indices in
      guard let ours = value(measure, of: indices), let theirs = other.value(measure, of: indices)
      else { return nil }
      return ours - theirs
    }
    return (ours - theirs, interval)
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
