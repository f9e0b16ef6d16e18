import Detection
import Events

/// The state of a metric.
public enum MetricState: String, Codable, CaseIterable, Sendable {
  /// No alarms yet.
  case warming
  /// No open event.
  case normal
  /// An open event.
  case anomalous
  /// No detector judges it, and no limit has opened an event.
  case shown
}

extension MonitoredMetric {
  /// Anomalous while one of its events is open, whatever its detector reports: rules open events of
  /// their own and keep small deviations from opening one. Warming before the first sample.
  public var state: MetricState {
    if tracker.isOpen { return .anomalous }
    guard isJudged else { return .shown }
    return switch verdict?.state {
    case nil, .warmingUp: .warming
    case .normal, .anomalous: .normal
    }
  }
}
