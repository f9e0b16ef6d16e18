import Glibc

/// Adds up what the kinds of evidence say, and maps the sum to log10 of normal samples per alarm.
enum Fusion {
  /// Surprise that any evidence must exceed before it counts, in decades.
  static let base: Float = 2
  /// What each kind of evidence must exceed beyond the base, by ``Evidence/rawValue``.
  static let offsets: SIMD8<Float> = [0, 0, 0, 0.7, 0, 0.7, 0.7, 1.5]
  /// Samples at which the memory of the calibrators is full.
  private static let memory = 8000.0
  /// Decades taken off per decade of memory: the longer one has looked, the rarer rare must be.
  private static let memoryWeight = 0.5
  /// Score of a sum of 0, and score per decade of the sum; fitted on anomaly-free development data.
  private static let intercept: Float = 2.95
  private static let slope: Float = 0.42
  /// Highest score.
  static let maximumScore: Float = 12

  /// Score and loudest evidence for a sample that follows `seen` earlier ones.
  static func score(_ surprises: SIMD8<Float>, seen: Int) -> (score: Float, reason: Evidence) {
    let exceeding = surprises - base - offsets
    var sum: Float = 0
    var loudest = exceeding[0]
    var reason = Evidence.jump
    for kind in Evidence.allCases {
      let value = exceeding[Int(kind.rawValue)]
      if value > loudest {
        loudest = value
        reason = kind
      }
      if value > 0 { sum += value }
    }
    if sum <= 0 { sum = loudest }
    let warmUp = Double(AlarmThreshold.warmUp)
    let looked = min(max(Double(seen), warmUp), memory)
    sum -= Float(memoryWeight * log10(looked / warmUp))
    return (max(0, min(maximumScore, intercept + slope * sum)), reason)
  }
}
