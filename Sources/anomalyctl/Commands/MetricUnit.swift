/// The unit of a metric, derived from common name suffixes (those of Prometheus and of this host's
/// own metrics).
enum MetricUnit {
  private static let endings: [(ending: String, unit: String)] = [
    ("_bytes_per_second", "B/s"), ("_per_second", "1/s"), ("_bytes", "B"), ("_bits", "bit"),
    ("_seconds", "s"), ("_milliseconds", "ms"), ("_microseconds", "µs"), ("_ratio", "of 1"),
    ("_percent", "%"), ("_celsius", "°C"), ("_volts", "V"), ("_amperes", "A"), ("_watts", "W"),
    ("_joules", "J"), ("_hertz", "Hz"), ("_rpm", "rpm"), ("_ppm", "ppm"), ("_pascals", "Pa"),
    ("_meters", "m"),
  ]

  /// The unit; nil if the name does not contain one.
  static func of(_ metric: String) -> String? {
    // A unit may be the whole last component, as in `thermal.acpitz.celsius`.
    let name = metric.lowercased().split(separator: ".").last.map { "_\($0)" } ?? ""
    return endings.first { name.hasSuffix($0.ending) }?.unit
  }
}
