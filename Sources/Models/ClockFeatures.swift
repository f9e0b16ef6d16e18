import Glibc
import Series

/// The time features of a model.
package enum ClockFeatures: Int, Sendable {
  /// None: the recording is too short to learn periodic behaviour.
  case none = 0
  /// The time of day.
  case day = 1
  /// The time of day and of the week.
  case week = 2

  /// Three periods are the minimum for learning one.
  init(span: Duration) {
    self = span >= .seconds(21 * 86_400) ? .week : span >= .seconds(3 * 86_400) ? .day : .none
  }

  /// Number of features.
  package var count: Int { 2 * rawValue }

  /// Appends sine and cosine of the time in each period, UTC.
  func append(_ moment: Timestamp, to features: inout [Float]) {
    let seconds = moment.seconds
    if self != .none { ClockFeatures.append(seconds / 86_400, to: &features) }
    if self == .week { ClockFeatures.append(seconds / 604_800, to: &features) }
  }

  private static func append(_ turns: Double, to features: inout [Float]) {
    let angle = 2 * Double.pi * (turns - turns.rounded(.down))
    features.append(Float(sin(angle)))
    features.append(Float(cos(angle)))
  }
}
