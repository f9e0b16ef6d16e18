@testable import anomalyctl

extension FuzzTarget {
  /// The labels of the Numenta Anomaly Benchmark.
  static let nab = FuzzTarget(
    "nab",
    texts: [
      "{\"a/b.csv\":[[\"2014-04-10 07:15:00.000000\",\"2014-04-11 16:45:00.000000\"]],\"c\":[]}"
    ]
  ) { bytes in _ = try? NABFiles.labels(bytes, from: "/x") }
}
