/// Rules of the value detector that a measurement can leave out, to see what each is worth
/// (docs/detector.md, "What each part is worth"). A kind of evidence needs no part of its own: a
/// large ``StepContext/feedbackOffsets`` silences it.
package struct DetectorParts: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// A new value counts only to the extent that the forecast or the shape is surprising as well.
  package static let corroboration = DetectorParts(rawValue: 1)
  /// Scores beyond what the samples seen can support grow more slowly.
  package static let experience = DetectorParts(rawValue: 2)
  /// Of two kinds that measure much the same, only the larger counts.
  package static let echoes = DetectorParts(rawValue: 4)
  /// The season contributes to the forecast.
  package static let seasonalForecast = DetectorParts(rawValue: 8)
}
