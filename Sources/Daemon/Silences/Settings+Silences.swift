import Config
import Monitor
import Series

extension SilenceSection {
  /// The silences described by the section.
  var silence: Silence {
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
