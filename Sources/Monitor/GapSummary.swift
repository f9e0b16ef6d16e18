public import Series

/// Gaps of some metrics, summed up.
public struct GapSummary: Equatable, Sendable {
  /// How many gaps there were.
  public private(set) var count = 0
  /// The metric with the longest one.
  public private(set) var metric: MetricName?
  /// How long that was.
  public private(set) var longest = Duration.zero

  /// Shorter gaps, such as milliseconds of a fast sensor, are counted with their metric only.
  private static let shortestReported = Duration.seconds(10)

  mutating func add(_ gap: Duration, of metric: MetricName) {
    guard gap >= GapSummary.shortestReported else { return }
    count += 1
    guard gap > longest else { return }
    longest = gap
    self.metric = metric
  }
}
