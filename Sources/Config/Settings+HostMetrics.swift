import Series

extension Settings {
  /// What holds for metrics of which no section speaks: rules for the host's own, if it is watched.
  var builtInRules: [Metric] {
    let watchesHost = inputs.contains {
      guard case .procfs = $0.source else { return false }
      return true
    }
    return watchesHost ? Settings.hostMetrics : []
  }

  /// How far the host's own metrics must be off for an event to open, where no section says
  /// otherwise: below that nobody would get up, however rare it is. In the units of
  /// docs/host-metrics.md; the last pattern that matches counts.
  static let hostMetrics: [Metric] = [
    least("cpu.*", 0.05),
    least("load.*", 1),
    least("pressure.*", 0.05),
    least("memory.*_bytes", 16e6, percent: 2),
    least("memory.dirty_bytes", 100e6),
    least("memory.writeback_bytes", 100e6),
    least("memory.*_per_second", 100),
    least("memory.out_of_memory_kills_per_second", 0),
    least("memory.used_ratio", 0.02),
    least("swap.used_bytes", 16e6),
    least("swap.used_ratio", 0.02),
    least("swap.*_per_second", 1e5),
    least("disk.*s_per_second", 10),
    least("disk.*_bytes_per_second", 1e6),
    least("disk.*.utilisation", 0.1),
    least("disk.*.queue", 1),
    least("disk.*_latency_seconds", 0.005),
    least("filesystem.*_ratio", 0.01),
    least("filesystem.*_bytes", 100e6),
    least("network.*_bytes_per_second", 1e5),
    least("network.*_packets_per_second", 100),
    least("network.*_errors_per_second", 1),
    least("network.*_drops_per_second", 1),
    least("tcp.*_per_second", 5),
    least("tcp.*_segments_per_second", 100),
    least("tcp.listen_drops_per_second", 0.5),
    least("tcp.established", 10),
    least("udp.*_per_second", 5),
    least("udp.*_datagrams_per_second", 100),
    least("sockets.*", 10),
    least("sockets.*_bytes", 4e6),
    least("conntrack.entries", 100),
    least("conntrack.used_ratio", 0.02),
    least("files.open", 200),
    least("files.used_ratio", 0.02),
    least("kernel.*", 200),
    least("interrupt.*", 200),
    least("interrupt.ERR.*", 0),
    least("interrupt.MCE.*", 0),
    least("soft_interrupt.*", 200),
    least("processes.*", 5),
    least("processes.tasks", 20),
    least("processes.forks_per_second", 10),
    least("thermal.*", 5),
    least("sensors.*.celsius", 5),
    least("clock.*_seconds", 0.01),
    least("clock.frequency_ppm", 5),
    least("unit.*", 5),
    least("unit.*.processors", 0.05),
    least("unit.*.throttled", 0.05),
    least("unit.*_bytes", 16e6, percent: 2),
    least("unit.*_bytes_per_second", 1e6),
  ]

  private static func least(
    _ pattern: StaticString, _ deviation: Double, percent: Double? = nil
  ) -> Metric {
    guard let glob = Glob("\(pattern)") else {
      preconditionFailure("\(pattern) is no pattern")
    }
    var metric = Metric(pattern: glob)
    metric.minimumDeviation = deviation
    metric.minimumRelativeDeviation = percent
    return metric
  }
}
