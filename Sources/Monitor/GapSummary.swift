public import Series

/// A summary of the gaps of some metrics.
public struct GapSummary: Equatable, Sendable {
  /// How many gaps there were.
  public private(set) var count = 0
  /// The metric with the longest one.
  public private(set) var metric: MetricName?
  /// Its length.
  public private(set) var longest = Duration.zero

  /// Shorter gaps, such as milliseconds of a fast sensor, are only counted, with their metric.
  private static let shortestReported = Duration.seconds(10)

  mutating func add(_ gap: Duration, of metric: MetricName) {
    guard gap >= GapSummary.shortestReported else { return }
    count += 1
    guard gap > longest else { return }
    longest = gap
    self.metric = metric
  }
}
