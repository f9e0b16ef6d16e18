import Glibc
import Series

/// The width of the band that holds 99% of samples, in scales of the forecast.
///
/// The logarithm of the multiplier moves up by 0.05 x 0.99 after a sample outside and down by
/// 0.05 x 0.01 after one inside (a Robbins-Monro quantile), within 0...3.
struct CoverageBand {
  private static let rate = 0.05
  private static let outside = 0.01

  private var logMultiplier = 1.6

  /// Half width of the band in scales of the forecast, 1...e^3.
  var multiplier: Double { exp(logMultiplier) }

  /// Learns whether a sample lay outside the band that was predicted for it.
  mutating func learn(isOutside: Bool) {
    logMultiplier += CoverageBand.rate * ((isOutside ? 1 : 0) - CoverageBand.outside)
    logMultiplier = max(0, min(3, logMultiplier))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&logMultiplier)
  }
}
