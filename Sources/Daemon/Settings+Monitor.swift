package import Calendar
package import Config
import Detection
import Events
package import Monitor
package import Series

/// The configuration's effect on the monitor, live and in a backtest.
extension Settings {
  /// A monitor under this configuration.
  /// - Parameters:
  ///   - hostSeed: distinguishes hosts in event ids.
  ///   - silences: the silences in force; see ``configure(_:local:)``.
  package func makeMonitor(hostSeed: UInt64, silences: SilenceBook) -> HostMonitor {
    HostMonitor(
      limits: limits, hostSeed: hostSeed, alarmsPerDay: alarmsPerDay, silences: silences,
      policy: policy)
  }

  /// Activates the configured silences.
  /// - Parameter local: the time zone of expressions that name none.
  package func configure(_ book: SilenceBook, local: TimeZoneRules) {
    book.configure(silences.map(\.silence), local: local)
  }

  /// The policy for a metric.
  package func policy(for metric: MetricName) -> MetricPolicy {
    if ignores(metric) { return .ignore }
    let rules = eventRules(of: metric)
    guard detects(metric) else { return .watch(.unjudged, rules) }
    switch alarmBudget(of: metric) {
    case .samples(let samples):
      return .watch(DetectorConfiguration(seed: detector.seed, alarmBudget: samples), rules)
    case .host:
      return .watch(
        DetectorConfiguration(
          seed: detector.seed, alarmBudget: HostBudget.fewestSamplesPerAlarm),
        rules,
        sharesHostBudget: true
      )
    }
  }

  /// Alarms a day of the budget that metrics share; the default if none does.
  package var alarmsPerDay: Double {
    detector.alarmBudget.alarmsPerDay ?? AlarmBudget.standardAlarmsPerDay
  }

  /// The limits of the monitor.
  var limits: HostMonitor.Limits {
    var limits = HostMonitor.Limits(metrics: agent.maximumMetrics, history: agent.historySamples)
    limits.silenceBytes = agent.silenceMemory
    limits.forgetAfter = agent.forgetAfter
    limits.incidents = IncidentTiming(
      settling: agent.incidentSettling, joiningGap: agent.incidentGap)
    return limits
  }
}

extension SilenceSection {
  fileprivate var silence: Silence {
    Silence(
      id: name,
      origin: .configuration,
      metrics: metrics.compactMap { Glob($0) },
      times: .recurring(schedule, for: duration),
      suppressesAlarms: suppressAlarms,
      suppressesLearning: suppressLearning,
      reason: reason
    )
  }
}
