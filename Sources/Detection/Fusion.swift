import Glibc

/// Adds up what the kinds of evidence say, and maps the sum to log10 of normal samples per alarm.
package enum Fusion {
  /// Surprise that any evidence must exceed before it counts, in decades.
  static let base: Float = 2
  /// Samples at which the memory of the calibrators is full.
  private static let memory = 8000.0
  /// Highest score.
  static let maximumScore: Float = 12

  /// What differs between the families of evidence.
  struct Constants {
    /// What each kind must exceed beyond the base, by ``Evidence/index``.
    var offsets: SIMD8<Float>
    /// Decades taken off per decade of memory: the longer one has looked, the rarer rare must be.
    var memoryWeight: Double
    /// Score of a sum of 0, and score per decade of the sum; fitted on anomaly-free development data.
    var intercept: Float
    var slope: Float

    static let values = Constants(
      offsets: [0, 0, 0, 0.7, 0, 0.7, 0.7, 1.5], memoryWeight: 0.5, intercept: 2.95, slope: 0.42)
    static let symbols = Constants(
      offsets: [0, 0, 0, 0, 0.5, 0, 0, 0], memoryWeight: 0, intercept: 1.5, slope: 1.42)
  }

  /// Score and loudest evidence for a sample that follows `seen` earlier ones.
  /// - Parameter raised: what each kind must exceed in addition, since people called events false
  ///   alarms; see ``FeedbackLedger``.
  static func score(
    _ surprises: SIMD8<Float>, of family: Evidence.Family = .values, seen: Int,
    feedbackOffsets: SIMD8<Float> = SIMD8(repeating: 0)
  ) -> (score: Float, reason: Evidence) {
    let constants = family == .values ? Constants.values : .symbols
    let exceeding = surprises - base - constants.offsets - feedbackOffsets
    var sum: Float = 0
    var loudest = exceeding[0]
    var reason = family == .values ? Evidence.jump : .symbol
    for kind in family.kinds {
      let value = exceeding[kind.index]
      if value > loudest {
        loudest = value
        reason = kind
      }
      if value > 0 { sum += value }
    }
    if sum <= 0 { sum = loudest }
    sum -= memoryDecades(constants, seen)
    return (max(0, min(maximumScore, constants.intercept + constants.slope * sum)), reason)
  }

  /// What all kinds of evidence together may exceed, in decades, for a score below
  /// `threshold`.
  static func alarmHeadroom(
    below threshold: Double, of family: Evidence.Family = .values, seen: Int
  ) -> Float {
    let constants = family == .values ? Constants.values : .symbols
    return (Float(threshold) - constants.intercept) / constants.slope
      + memoryDecades(constants, seen)
  }

  /// By how much evidence on values exceeds what it must exceed before it counts, in decades.
  package static func exceeding(_ evidence: SIMD8<Float>) -> SIMD8<Float> {
    evidence - base - Constants.values.offsets
  }

  private static func memoryDecades(_ constants: Constants, _ seen: Int) -> Float {
    let warmUp = Double(AlarmThreshold.warmUp)
    let looked = min(max(Double(seen), warmUp), memory)
    return Float(constants.memoryWeight * log10(looked / warmUp))
  }
}
