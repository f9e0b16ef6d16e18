/// The unit in which a column counts time.
public enum CSVTimeUnit: String, CaseIterable, Equatable, Sendable {
  /// Seconds, the default.
  case seconds
  /// Milliseconds.
  case milliseconds
  /// Microseconds.
  case microseconds
  /// Nanoseconds.
  case nanoseconds

  /// Its length in nanoseconds.
  var inNanoseconds: Int64 {
    switch self {
    case .seconds: 1_000_000_000
    case .milliseconds: 1_000_000
    case .microseconds: 1_000
    case .nanoseconds: 1
    }
  }

  /// How it is abbreviated in a configuration: `epoch-us`.
  var abbreviation: String {
    switch self {
    case .seconds: "s"
    case .milliseconds: "ms"
    case .microseconds: "us"
    case .nanoseconds: "ns"
    }
  }

  /// The unit in which a number is a time between 1979 and 2099, nil if there is none: a count of
  /// units since 1970 shows its unit by its size.
  static func ofEpoch(_ number: Double) -> CSVTimeUnit? {
    allCases.first { unit in
      (3e8...4.1e9).contains(number * Double(unit.inNanoseconds) / 1e9)
    }
  }
}
