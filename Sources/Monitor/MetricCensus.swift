/// How many metrics are in which state at one time.
public struct MetricCensus: Equatable, Sendable {
  /// Metrics that cannot alarm yet, without an open event, and with one.
  public private(set) var warming = 0, normal = 0, anomalous = 0
  /// Unjudged metrics without an open event.
  public private(set) var shown = 0
  /// Metrics without a sample for much longer than usual.
  public private(set) var silent = 0
  /// Metrics whose learning is frozen.
  public private(set) var frozen = 0
  /// Metrics whose detector cannot alarm yet.
  public private(set) var learning = 0
  /// Time until all of them can, ignoring silent ones; nil if all can, or if it is unknown.
  public private(set) var learningLeft: Duration?
  /// Time until the first of them can; nil likewise.
  public private(set) var firstReady: Duration?

  /// Counts `metrics`, by index: copying them out of the array would cost more than counting.
  init(_ metrics: [MonitoredMetric], at now: Duration) {
    for index in metrics.indices {
      switch metrics[index].state {
      case .warming: warming += 1
      case .normal: normal += 1
      case .anomalous: anomalous += 1
      case .shown: shown += 1
      }
      if metrics[index].frozenSince != nil { frozen += 1 }
      let isSilent = metrics[index].isSilent(at: now)
      if isSilent { silent += 1 }
      guard let left = metrics[index].learningLeft else { continue }
      learning += 1
      // A silent metric would postpone the end of learning forever.
      guard !isSilent else { continue }
      learningLeft = max(learningLeft ?? left, left)
      firstReady = min(firstReady ?? left, left)
    }
  }
}
