/// The benchmark's result for one part of its files with one profile.
public struct NABLine: Sendable {
  /// Name of the part: `development`, `held_out` or `all`.
  public var part: String
  /// Files in it.
  public var files: Int
  /// The profile's name in the benchmark.
  public var profile: String
  /// With the detector's own events.
  public var total: NABTotal
  /// With the alarm budget or threshold that would have been best in hindsight, per run.
  public var hindsight: NABTotal
}

/// The results of another detector on one series: a score for every row.
public struct NABPublished: Sendable {
  /// The series.
  public let series: NABSeries
  /// One score per row.
  public let scores: [Double]

  /// These scores; rows without one never alarm.
  public init(series: NABSeries, scores: [Double]) {
    self.series = series
    self.scores = scores.map { $0.isNaN ? -.infinity : $0 }
  }
}
