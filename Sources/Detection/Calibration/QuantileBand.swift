import Series

/// How far above and below the expected value 99% of samples lie: two quantiles of the error, in
/// the metric's own unit, each exceeded by one sample in 200.
///
/// A quantile grows by a quarter when it is exceeded and shrinks a little when it is not, in
/// proportions that make it converge to where one sample in 200 exceeds it, whatever the
/// distribution (Robbins and Monro 1951, on a logarithmic scale).
struct QuantileBand {
  /// Factors applied to a quantile that was exceeded, and to one that was not: exp(0.25 * 0.995)
  /// and exp(-0.25 * 0.005).
  private static let (growth, shrinkage) = (1.282_422_6, 0.998_750_8)
  /// Number of errors from which the quantiles are tracked; until then they are the largest error
  /// so far times ``allowance``.
  private static let learning = 50
  private static let allowance = 1.3
  /// A quantile does not grow beyond this multiple of the error that exceeded it, nor fall below
  /// this share of the mean error.
  private static let (reach, floor) = (3.0, 1e-3)
  /// Memory of the mean error, in samples, and the cap on an error, in means.
  private static let (memory, cap) = (2000, 8.0)

  private var above = 0.0
  private var below = 0.0
  private var mean = 0.0
  private var count = 0

  /// Whether there is a band.
  var isKnown: Bool { count > 0 }

  /// Ends of the band around the expected value.
  func ends(around expected: Double) -> (lower: Double, upper: Double) {
    (expected - below, expected + above)
  }

  /// Learns the distance of a sample from its expected value.
  mutating func learn(_ error: Double) {
    let magnitude = abs(error)
    count = min(count + 1, 1 << 30)
    let counted =
      count > QuantileBand.learning && mean > 0
      ? min(magnitude, QuantileBand.cap * mean) : magnitude
    mean += (counted - mean) / Double(min(count, QuantileBand.memory))
    guard count >= QuantileBand.learning else {
      above = max(above, QuantileBand.allowance * magnitude)
      below = max(below, QuantileBand.allowance * magnitude)
      return
    }
    let floor = QuantileBand.floor * mean
    above = QuantileBand.moved(above, by: error, floor: floor)
    below = QuantileBand.moved(below, by: -error, floor: floor)
  }

  private static func moved(_ quantile: Double, by error: Double, floor: Double) -> Double {
    guard error > quantile else { return max(floor, quantile * shrinkage) }
    let grown = min(max(quantile * growth, 4 * floor), max(quantile, reach * error))
    return max(quantile, floor, grown)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&above)
    try coder.code(&below)
    try coder.code(&mean)
    try coder.code(count: &count, "errors of the band")
  }
}
