public import Series

/// How much an event matters, in PagerDuty's terms; later cases are more severe.
public enum Severity: UInt8, NamedCase, Comparable {
  /// Worth a look eventually.
  case info = 0
  /// Unusual; worth a look today.
  case warning = 1
  /// Very unusual, or beyond a configured limit.
  case error = 2
  /// As unusual as it gets, or configured to be.
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

  /// The severity of a score that lies `excess` decades above the threshold: `info` below half a
  /// decade, `warning` below two, `error` below five, then `critical`.
  public init(excess: Float) {
    switch excess {
    case ..<0.5: self = .info
    case ..<2: self = .warning
    case ..<5: self = .error
    default: self = .critical
    }
  }

  /// Whether `lhs` matters less.
  public static func < (lhs: Severity, rhs: Severity) -> Bool { lhs.rawValue < rhs.rawValue }
}
