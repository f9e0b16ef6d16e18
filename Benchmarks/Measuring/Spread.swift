/// Median and extremes of several measurements.
public struct Spread: Equatable, Sendable, Encodable {
  /// The median; for an even number of values the mean of the middle two.
  public let median: Double
  /// The minimum.
  public let least: Double
  /// The maximum.
  public let greatest: Double

  /// - Parameter values: at least one.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    let half = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    least = sorted[0]
    greatest = sorted[sorted.count - 1]
  }

  /// Such as `2.51 (2.48-2.70)`.
  public var text: String {
    "\(Spread.rounded(median)) (\(Spread.rounded(least))-\(Spread.rounded(greatest)))"
  }

  /// Three significant digits, and all digits before the decimal point: `0.071`, `2.51`, `1234`.
  public static func rounded(_ value: Double) -> String {
    var decimals = 0
    var limit = 99.95
    while decimals < 3, value.magnitude < limit {
      decimals += 1
      limit = [9.995, 0.9995, 0][decimals - 1]
    }
    let unit = [1.0, 10, 100, 1000][decimals]
    let count = Int((value.magnitude * unit).rounded())
    let sign = value < 0 && count > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(count) }
    let fraction = String(count % Int(unit))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(count / Int(unit)).\(zeros)\(fraction)"
  }
}
