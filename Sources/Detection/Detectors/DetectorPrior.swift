package import Networks

/// What a new detector of values begins with of one that has learnt: its network and how far that is
/// believed. Scales, calibration and thresholds are not among it: they are those of another metric.
///
/// A detector that begins with one alarms after ``ValueDetector/warmUpSamples``, when its calibration
/// is ready, however rare alarms are to be.
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

  /// The sizes of the network.
  package static let shape = Forecaster.shape
  /// How many samples ahead it forecasts.
  package static var horizons: [Int] { Forecaster.horizons.indices.map { Forecaster.horizons[$0] } }
}

extension DetectorPrior {
  /// A network that was trained elsewhere. The optimiser starts over, and how far the forecast is
  /// believed has to be learnt.
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
  /// A detector that has seen nothing and begins with what another one has learnt.
  package convenience init(
    configuration: DetectorConfiguration, scratch: TrainingScratch, prior: DetectorPrior
  ) {
    self.init(configuration: configuration, scratch: scratch)
    begin(with: prior)
  }
}
