import Config
import Detection
import Events
import Monitor
import Series

extension Settings {
  /// What is configured about a metric.
  func policy(for metric: MetricName) -> MetricPolicy {
    if ignores(metric) { return .ignore }
    let rules = eventRules(of: metric)
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

  /// Alarms a day of the budget that metrics share; if none does, of the standard one.
  var alarmsPerDay: Double {
    detector.alarmBudget.alarmsPerDay ?? AlarmBudget.standardAlarmsPerDay
  }

  /// The limits of the monitor.
  var limits: HostMonitor.Limits {
    var limits = HostMonitor.Limits(metrics: agent.maximumMetrics, history: agent.historySamples)
    limits.silenceBytes = agent.silenceMemory
    limits.forgetAfter = agent.forgetAfter
    return limits
  }
}
