public import Detection
public import Events

/// How a metric is treated, decided when it is first seen.
public enum MetricPolicy: Equatable, Sendable {
  /// Discard its samples (`Ignore=yes`).
  case ignore
  /// Monitor it with a detector of this configuration and these rules for its events.
  /// - Parameter sharesHostBudget: its alarms are charged to the host's budget; the detector's own
  ///   budget is then ``HostBudget/fewestSamplesPerAlarm``.
  case watch(DetectorConfiguration, EventRules = EventRules(), sharesHostBudget: Bool = false)
}
