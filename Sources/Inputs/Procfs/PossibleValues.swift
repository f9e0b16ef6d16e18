/// The values that the host's own metrics can have: what is shown as expected lies within them.
enum PossibleValues {
  private static let share = 0.0...1.0
  private static let count = 0.0...Double.infinity
  private static let celsius = -273.15...Double.infinity

  /// By the names of metrics; the last pattern that matches counts.
  static let all: [(pattern: String, range: ClosedRange<Double>)] =
    [
      "load.*", "memory.*", "swap.*", "disk.*", "filesystem.*", "network.*", "tcp.*", "udp.*",
      "sockets.*", "conntrack.*", "files.*", "sensors.*.rpm", "clock.maximum_error_seconds",
      "edac.*", "ext4.*", "btrfs.*", "raid.*", "scsi.*", "unit.*", "interrupt.*",
      "soft_interrupt.*",
      "entropy.*", "processes.*", "kernel.*",
    ].map { ($0, count) }
    + [
      "cpu.*", "memory.used_ratio", "swap.used_ratio", "disk.*.utilisation", "filesystem.*_ratio",
      "filesystem.*.read_only", "conntrack.used_ratio", "files.used_ratio", "clock.synchronised",
      "pressure.*",
    ].map { ($0, share) }
    + ["thermal.*", "sensors.*.celsius"].map { ($0, celsius) }
    + [("sensors.*.humidity_percent", 0...100)]
}
