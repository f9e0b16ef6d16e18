import CKernels
import Networks

extension Forecaster {
  /// Whether the coming sample is followed by a round of learning.
  var learnsNext: Bool { seen % Forecaster.learningInterval == 0 && seen >= Forecaster.chunk }

  /// Prefetches the memory that the coming sample reads. The chunk that it replays is not known
  /// yet.
  func prefetch() {
    let shape = Forecaster.shape
    weights.prefetch()
    Memory.prefetch(places.network.state, count: shape.stateCount)
    Memory.prefetch(places.outputs, count: shape.outputLanes)
    Memory.prefetch(places.farForecasts + 2 * (seen % Forecaster.longestHorizon), count: 2)
    Memory.prefetch(recentState(before: seen), count: shape.stateCount)
    guard learnsNext else { return }
    Memory.prefetch(places.network.moments.mean, count: shape.parameterCount)
    Memory.prefetch(places.network.moments.variance, count: shape.parameterCount)
    let first = max(0, seen % Forecaster.memory - Forecaster.chunk)
    Memory.prefetch(places.scaled + first, count: Forecaster.chunk)
    Memory.prefetch(places.phases + first, count: Forecaster.chunk)
  }

  /// One update on the last 32 samples, from the state before them.
  mutating func learnFromRecent(_ scratch: TrainingScratch) {
    let first = seen - Forecaster.chunk + 1
    learn(from: first, state: recentState(before: first), scratch: scratch)
  }

  /// One update on a random chunk of the last 1024 samples, from the state stored when it began.
  mutating func learnFromReplay(_ scratch: TrainingScratch) {
    let oldest = max(0, seen - Forecaster.memory + Forecaster.chunk)
    let newest = seen - Forecaster.chunk
    guard newest > oldest else { return }
    let drawn = oldest + Int(random.uniform() * Double(newest - oldest))
    let first = drawn / Forecaster.chunk * Forecaster.chunk
    guard first >= oldest else { return }
    learn(from: first, state: chunkState(before: first), scratch: scratch)
  }

  private mutating func learn(
    from first: Int, state: UnsafePointer<UInt16>, scratch: TrainingScratch
  ) {
    let gradient = scratch.gradient
    let inputs = Forecaster.shape.inputs
    let horizons = Forecaster.shape.horizons
    for step in 0..<Forecaster.chunk {
      let sample = first + step
      writeFeatures(of: sample, to: gradient.inputs + step * inputs, scratch: scratch)
      for horizon in 0..<horizons {
        let target = sample + Forecaster.horizons[horizon]
        let isKnown = target <= seen
        gradient.known[step * horizons + horizon] = isKnown ? 1 : 0
        gradient.targets[step * horizons + horizon] = isKnown ? scaledValue(target) : 0
      }
    }
    scratch.kernels.table.pointee.widen_halves(
      scratch.state, state, Int32(Forecaster.shape.stateCount))
    scratch.learning.update(
      weights: weights,
      moments: places.network.moments,
      clock: &clock, initialState: scratch.state, scratch: gradient)
  }

  // MARK: Prior

  /// What another forecaster can start from; nil if this one has not learnt enough.
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

  /// Whether the network has more updates than its samples can have caused: it started from a
  /// prior.
  var hasPrior: Bool {
    Int(clock.updates) > seen / Forecaster.learningInterval * Forecaster.updatesOfRound
  }

  /// Starts from what another forecaster has learnt.
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
