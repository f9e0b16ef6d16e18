import Networks

/// What a new detector of values begins with of one that has learnt: its network and how far that is
/// believed. Scales, calibration and thresholds are not among it: they are those of another metric.
package struct DetectorPrior: Sendable {
  let weights: [Float]
  let means: [Float]
  let variances: [Float]
  let clock: AdamClock
  let gate: SkillGate
  /// Samples that it was learnt from.
  package let seen: Int

  /// Samples without which a network is no better than a new one.
  package static let leastSamples = 1_000
}

extension ValueDetector {
  /// A detector that has seen nothing and begins with what another one has learnt.
  package convenience init(
    configuration: DetectorConfiguration, scratch: TrainingScratch, prior: DetectorPrior
  ) {
    self.init(configuration: configuration, scratch: scratch)
    begin(with: prior)
  }
}
