/// Confidence intervals by resampling series with replacement (Efron & Tibshirani 1993): how much a
/// figure depends on which series happen to be in the collection.
public struct Bootstrap: Sendable {
  /// Draws.
  private static let draws = 1000
  /// Minimum number of series for a meaningful interval.
  public static let fewest = 5

  /// 95% of the draws lie within `lower...upper`.
  public struct Interval: Equatable, Sendable {
    /// The 2.5th percentile.
    public var lower: Double
    /// The 97.5th percentile.
    public var upper: Double
  }

  /// The interval of a statistic of series; nil for fewer than ``fewest`` of them, or if the
  /// statistic is unknown for more than half of the draws. The same in every run.
  /// - Parameters:
  ///   - count: number of series.
  ///   - statistic: of the series with these indices, some of which are repeated.
  public static func interval(
    of count: Int, _ statistic: ([Int]) -> Double?
  ) -> Interval? {
    guard count >= fewest else { return nil }
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var values: [Double] = []
    var drawn = [Int](repeating: 0, count: count)
    for _ in 0..<draws {
      for place in 0..<count {
        // Marsaglia's xorshift64.
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        drawn[place] = Int(state % UInt64(count))
      }
      if let value = statistic(drawn), value.isFinite { values.append(value) }
    }
    guard values.count > draws / 2 else { return nil }
    values.sort()
    func percentile(_ share: Double) -> Double {
      values[min(values.count - 1, Int(share * Double(values.count)))]
    }
    return Interval(lower: percentile(0.025), upper: percentile(0.975))
  }
}
