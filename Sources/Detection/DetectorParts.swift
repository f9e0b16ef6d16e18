/// Rules of the detector of values that a measurement can leave out, to see what each is worth
/// (docs/detector.md, "What each part is worth"). A kind of evidence needs no part of its own: an
/// offset of ``StepContext/feedbackOffsets`` silences it.
package struct DetectorParts: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// A new value counts only as far as the forecast or the shape is surprised as well.
  package static let corroboration = DetectorParts(rawValue: 1)
  /// Scores beyond what the samples seen can support grow more slowly.
  package static let experience = DetectorParts(rawValue: 2)
  /// Of two kinds that measure much the same, only the greater counts.
  package static let echoes = DetectorParts(rawValue: 4)
  /// The season takes part in the forecast.
  package static let seasonalForecast = DetectorParts(rawValue: 8)
}
