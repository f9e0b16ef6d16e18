public import Series

/// On which side of the expected value an event lies.
public enum Direction: UInt8, NamedCase {
  /// The value, or the level of a drift, lies above.
  case high = 0
  /// It lies below.
  case low = 1
  /// The pattern is unusual, not the value itself.
  case unusual = 2

  /// The word used in events, settings and files.
  public var name: String {
    switch self {
    case .high: "high"
    case .low: "low"
    case .unusual: "unusual"
    }
  }
}
