import Glibc
import Series

/// Running mean and variance of a metric, and the scale on which everything else works.
///
/// The first samples set both; then each sample moves them by 1 / min(n, 2000) of its distance,
/// clipped to four standard deviations, so that one wild value cannot move the scale far.
/// The scaled value is z = asinh((x - mean) / deviation): linear near the mean, logarithmic far out.
package struct Scaler {
  /// Memory in samples.
  static let memory = 2000.0

  package private(set) var mean = 0.0
  package private(set) var variance = 0.0

  /// Before mean and variance are known.
  package init() {}

  /// Standard deviation, in the metric's unit, > 0 once primed.
  package var deviation: Double { variance.squareRoot() }

  /// Sets mean and variance from the warm-up buffer (population variance); a constant buffer gets
  /// a small positive variance, so that the first change is large but finite.
  package mutating func prime(_ values: [Double]) {
    let count = Double(values.count)
    var sum = 0.0
    for value in values { sum += value }
    mean = sum / count
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    variance = squares / count
    if variance <= 1e-18 * (1 + mean * mean) {
      variance = max(1e-6 * mean * mean, 1e-12)
    }
  }

  /// Learns the sample that follows `seen` earlier ones.
  package mutating func learn(_ x: Double, seen: Int) {
    let rate = 1 / min(Double(seen + 1), Scaler.memory)
    let limit = 4 * deviation
    let distance = max(-limit, min(limit, x - mean))
    mean += rate * distance
    variance = (1 - rate) * (variance + rate * distance * distance)
    variance = max(variance, max(1e-12 * mean * mean, 1e-24))
  }

  /// z of a value in the metric's unit, rounded to the network's precision.
  package func scaled(_ x: Double) -> Float {
    Float(asinh((x - mean) / deviation))
  }

  /// The value in the metric's unit that has scaled value `z`; inverse of ``scaled(_:)``.
  package func unscaled(_ z: Double) -> Double {
    mean + deviation * sinh(z)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&mean)
    try coder.code(&variance)
  }
}
