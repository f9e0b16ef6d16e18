public import Series

/// Unusual silences of some metrics, in short.
public struct GapSummary: Equatable, Sendable {
  /// How many there were.
  public private(set) var count = 0
  /// The metric with the longest one.
  public private(set) var metric: MetricName?
  /// How long that was.
  public private(set) var longest = Duration.zero

  /// What is shorter is counted with its metric, and no news: milliseconds of a fast sensor.
  private static let leastNews = Duration.seconds(10)

  package mutating func add(_ silence: Duration, of metric: MetricName) {
    guard silence >= GapSummary.leastNews else { return }
    count += 1
    guard silence > longest else { return }
    longest = silence
    self.metric = metric
  }
}
