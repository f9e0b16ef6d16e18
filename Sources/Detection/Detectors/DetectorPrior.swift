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

extension Forecaster {
  /// What another forecaster can begin with; nil if it has not learnt enough.
  var prior: DetectorPrior? {
    guard isReady, seen >= DetectorPrior.leastSamples else { return nil }
    let count = Forecaster.shape.parameterCount
    func copy(_ floats: UnsafeMutablePointer<Float>) -> [Float] {
      Array(UnsafeBufferPointer(start: floats, count: count))
    }
    return DetectorPrior(
      weights: copy(places.network.weights), means: copy(places.network.moments.mean),
      variances: copy(places.network.moments.variance), clock: clock, gate: gate, seen: seen)
  }

  /// Begins with what another one has learnt.
  mutating func begin(with prior: DetectorPrior) {
    precondition(seen == 0, "only a forecaster that has seen nothing begins")
    let count = Forecaster.shape.parameterCount
    places.network.weights.update(from: prior.weights, count: count)
    places.network.moments.mean.update(from: prior.means, count: count)
    places.network.moments.variance.update(from: prior.variances, count: count)
    clock = prior.clock
    gate = prior.gate
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
