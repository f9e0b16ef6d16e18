public import Series

/// The impact of an event, in PagerDuty's terms; later cases are more severe.
public enum Severity: UInt8, NamedCase, Comparable {
  /// Worth a look eventually.
  case info = 0
  /// Unusual; worth a look today.
  case warning = 1
  /// Very unusual, beyond a configured limit, or affecting users now.
  case error = 2
  /// A condition that will stop the host, or that is configured to be critical.
  case critical = 3

  /// The word used in events, settings and files.
  public var name: String {
    switch self {
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    case .critical: "critical"
    }
  }

  /// The severity of a score that is `excess` decades above the threshold: `info` below half a
  /// decade, `warning` below two, then `error`. Rarity alone is never critical.
  public init(excess: Float) {
    switch excess {
    case ..<0.5: self = .info
    case ..<2: self = .warning
    default: self = .error
    }
  }

  /// The severity of a value relative to its expected value.
  ///
  /// A metric that has been constant makes every first movement look extremely unusual. A change of
  /// less than a thousandth of the value, or less than a hundredth, still has little impact.
  init(excess: Float, on reading: Event.Reading) {
    self.init(excess: excess)
    guard reading.lower == reading.upper, reading.expected != 0 else { return }
    let change = abs(reading.value - reading.expected) / abs(reading.expected)
    if change < 0.01 { self = change < 0.001 ? .info : min(self, .warning) }
  }

  /// Whether `lhs` is less severe.
  public static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rawValue < rhs.rawValue }
}
