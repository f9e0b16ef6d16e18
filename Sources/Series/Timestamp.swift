/// A moment of event time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Range: years 1678 to 2261. Everything the detector decides is decided on event time, so that
/// a backtest of a recorded series and the live daemon agree.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since the Unix epoch; negative before it.
  public var nanoseconds: Int64

  /// A moment `nanoseconds` after the Unix epoch.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// A moment given in seconds since the Unix epoch, rounded to the nearest nanosecond.
  /// - Parameter seconds: finite, within ±9.2e9; values outside are clamped to that range.
  public init(seconds: Double) {
    let limit = 9.2e9
    let bounded = min(max(seconds, -limit), limit)
    let whole = bounded.rounded(.down)
    nanoseconds = Int64(whole) * 1_000_000_000 + Int64(((bounded - whole) * 1e9).rounded())
  }

  /// Seconds since the Unix epoch, to the precision of a double (about 0.2 µs today).
  public var seconds: Double {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return Double(whole) + Double(rest) * 1e-9
  }

  /// Whether `lhs` is earlier than `rhs`.
  public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
    lhs.nanoseconds < rhs.nanoseconds
  }

  /// The time from `earlier` to this moment; negative when this moment is the earlier one.
  public func elapsed(since earlier: Timestamp) -> Duration {
    .nanoseconds(nanoseconds &- earlier.nanoseconds)
  }

  /// The moment `duration` later, clamped to the representable range.
  public func advanced(by duration: Duration) -> Timestamp {
    let (seconds, attoseconds) = duration.components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return Timestamp(nanoseconds: seconds < 0 ? .min : .max) }
    let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(
      product + attoseconds / 1_000_000_000)
    return Timestamp(nanoseconds: sumOverflow ? (seconds < 0 ? .min : .max) : sum)
  }
}
