public import Series

/// The unit of a metric, derived from common name suffixes (those of Prometheus and of this host's
/// own metrics).
public struct MetricUnit: Equatable, Sendable {
  /// Its symbol, such as `B/s`.
  public let symbol: String
  private let style: Style

  /// How values are written.
  private enum Style {
    case share, bytes, seconds, perSecond, suffix
  }

  private static let endings: [(ending: String, unit: String, style: Style)] = [
    ("_bytes_per_second", "B/s", .bytes), ("_per_second", "1/s", .perSecond),
    ("_bytes", "B", .bytes), ("_bits", "bit", .suffix), ("_seconds", "s", .seconds),
    ("_milliseconds", "ms", .suffix), ("_microseconds", "µs", .suffix), ("_ratio", "of 1", .share),
    ("_percent", "%", .suffix), ("_celsius", "°C", .suffix), ("_volts", "V", .suffix),
    ("_amperes", "A", .suffix), ("_watts", "W", .suffix), ("_joules", "J", .suffix),
    ("_hertz", "Hz", .suffix), ("_rpm", "rpm", .suffix), ("_ppm", "ppm", .suffix),
    ("_pascals", "Pa", .suffix), ("_meters", "m", .suffix),
  ]

  /// The unit; nil if the name does not contain one.
  public init?(of metric: MetricName) {
    // A unit may be the whole last component, as in `thermal.acpitz.celsius`.
    let name = metric.text.lowercased().split(separator: ".").last.map { "_\($0)" } ?? ""
    guard let known = MetricUnit.endings.first(where: { name.hasSuffix($0.ending) }) else {
      return nil
    }
    (symbol, style) = (known.unit, known.style)
  }

  private init(_ symbol: String, _ style: Style) {
    (self.symbol, self.style) = (symbol, style)
  }

  /// Values of a metric with their unit, with enough digits to distinguish different ones.
  public static func texts(_ values: [Double], of metric: MetricName) -> [String] {
    guard let unit = MetricUnit(of: metric) ?? share(metric) else {
      return HumanNumber.values(values)
    }
    return unit.texts(values)
  }

  /// The host's own ratios have no unit in their name.
  private static func share(_ metric: MetricName) -> MetricUnit? {
    let name = metric.text
    let isShare =
      name.hasPrefix("cpu.") || name.hasPrefix("pressure.") || name.hasSuffix(".utilisation")
    return isShare ? MetricUnit("of 1", .share) : nil
  }

  private func texts(_ values: [Double]) -> [String] {
    switch style {
    case .share:
      // A metric from another source may have such a name without being a ratio.
      guard values.allSatisfy({ !$0.isFinite || abs($0) <= 1.5 }) else {
        return HumanNumber.values(values)
      }
      return MetricUnit.scaled(values.map { $0 * 100 }, step: .infinity, units: ["%"])
    case .bytes:
      let rate = symbol.hasSuffix("/s") ? "/s" : ""
      return MetricUnit.scaled(
        values, step: 1000, units: ["B", "kB", "MB", "GB", "TB", "PB"].map { " \($0)\(rate)" })
    case .seconds:
      guard values.allSatisfy({ !$0.isFinite || abs($0) < 120 }) else {
        return values.map { $0.isFinite ? HumanNumber.duration(seconds: $0) : "-" }
      }
      return MetricUnit.scaled(values.map { $0 * 1e6 }, step: 1000, units: [" µs", " ms", " s"])
    case .perSecond: return HumanNumber.values(values).map { $0 == "-" ? $0 : $0 + "/s" }
    case .suffix:
      let unit = symbol == "%" ? symbol : " \(symbol)"
      return HumanNumber.values(values).map { $0 == "-" ? $0 : $0 + unit }
    }
  }

  /// Values in the largest unit in which they are at least 1, with at most one decimal below 10
  /// unless more are needed to distinguish them.
  private static func scaled(_ values: [Double], step: Double, units: [String]) -> [String] {
    var decimals = 0
    func texts() -> [String] {
      values.map { value in
        guard value.isFinite else { return "-" }
        var (value, unit) = (value, 0)
        while abs(value) >= step - 0.5, unit + 1 < units.count {
          value /= step
          unit += 1
        }
        // Nearly all must not read as all.
        let isFine = abs(value) < 9.95 || units.count == 1 && abs(value) > 99 && abs(value) < 100
        let digits = decimals + (isFine ? 1 : 0)
        return HumanNumber.fixed(value, decimals: digits, trimmed: true) + units[unit]
      }
    }
    let different = Set(values.filter(\.isFinite)).count
    while decimals < 6, Set(texts().filter { $0 != "-" }).count < different { decimals += 1 }
    return texts()
  }
}
