package import Networks

/// What a new value detector takes over from a trained one: its network and the confidence in it.
/// Scales, calibration and thresholds are not included: they belong to another metric.
///
/// A detector that starts from one alarms after ``ValueDetector/warmUpSamples``, when its
/// calibration is ready, however rare alarms are to be.
package struct DetectorPrior: Sendable {
  let weights: [Float]
  let means: [Float]
  let variances: [Float]
  let clock: AdamClock
  let gate: SkillGate
  /// Number of samples that it was trained on.
  package let seen: Int

  /// Minimum number of samples; with fewer, a network is no better than a new one.
  package static let leastSamples = 1_000

  /// The sizes of the network.
  package static let shape = Forecaster.shape
  /// How many samples ahead it forecasts.
  package static var horizons: [Int] { Forecaster.horizons.indices.map { Forecaster.horizons[$0] } }
}

extension DetectorPrior {
  /// A network that was trained elsewhere. The optimiser starts over, and the confidence in the
  /// forecast has to be learnt.
  /// - Parameters:
  ///   - weights: laid out as ``shape`` states.
  ///   - seen: samples that it was trained on.
  package init(weights: [Float], seen: Int) {
    precondition(weights.count == DetectorPrior.shape.parameterCount, "weights of another network")
    let zeros = weights.map { _ in Float(0) }
    var clock = AdamClock()
    clock.updates = UInt32(clamping: seen)
    self.init(
      weights: weights, means: zeros, variances: zeros, clock: clock, gate: SkillGate(), seen: seen)
  }
}

extension ValueDetector {
  /// A new detector that starts from what another one has learnt.
  package convenience init(
    configuration: DetectorConfiguration, scratch: TrainingScratch, prior: DetectorPrior
  ) {
    self.init(configuration: configuration, scratch: scratch)
    begin(with: prior)
  }
}
