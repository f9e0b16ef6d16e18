import CKernels
import Networks

extension Forecaster {
  /// Whether the coming sample is followed by a round of learning.
  var learnsNext: Bool { seen % Forecaster.learningInterval == 0 && seen >= Forecaster.chunk }

  /// Prefetches what the coming sample reads. Which chunk it replays is not known yet.
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

  /// One update on a random chunk of the last 1024 samples, from the state it began with then.
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
}
