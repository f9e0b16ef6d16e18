package import Series

/// Used in place of a detector for observations that are shown and compared with limits, but not
/// judged: it learns nothing, expects nothing and never alarms.
package final class PassiveDetector: Detector {
  package let family: Evidence.Family
  package let configuration: DetectorConfiguration
  package private(set) var seen = 0

  init(of family: Evidence.Family, configuration: DetectorConfiguration) {
    self.family = family
    self.configuration = configuration
  }

  package var byteCount: Int { 24 + MemoryLayout<DetectorConfiguration>.stride }

  package var learning: LearningFacts {
    LearningFacts(seen: seen, updates: 0, belief: 0, weights: [], usualEvidence: [])
  }

  package func step(
    _ observation: Observation, at timestamp: Timestamp, _ context: StepContext,
    next: (any Detector)?
  ) -> Verdict {
    // Only a real detector knows how surprising a symbol is.
    var value = 0.0
    if case .value(let observed) = observation { value = observed }
    if value.isFinite { seen += 1 }
    return Verdict(
      value: value, expected: .nan, lower: .nan, upper: .nan, score: 0, threshold: 0, level: 0,
      state: .normal, alarm: .none, reason: nil, evidence: EvidenceVector(family))
  }

  package var alarmHeadroom: Float { 0 }

  package func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool {
    false
  }

  package func undoStormGuard() {}

  /// Empty.
  package func encode() -> [UInt8] { [] }

  /// The state of another detector is discarded.
  package func restored(
    from bytes: [UInt8], configuration: DetectorConfiguration
  ) throws(StateDecodingError) -> any Detector {
    PassiveDetector(of: family, configuration: configuration)
  }
}
