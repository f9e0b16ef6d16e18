import Series

/// The input of each metric, so that two inputs never mix their samples in one metric.
struct MetricClaims {
  private var owners: [MetricName: String] = [:]

  /// How many metrics are claimed.
  var count: Int { owners.count }

  /// The input that a metric comes from.
  func owner(of metric: MetricName) -> String? { owners[metric] }

  /// Claims a metric for an input.
  mutating func claim(_ metric: MetricName, for input: String) { owners[metric] = input }

  /// Releases a metric that was removed.
  mutating func release(_ metric: MetricName) { owners[metric] = nil }

  /// Releases everything that an input has claimed.
  mutating func releaseAll(of input: String) { owners = owners.filter { $0.value != input } }
}
