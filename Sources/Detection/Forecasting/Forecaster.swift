import CKernels
import Glibc
import Networks
import Series

/// The stateful LSTM of one metric: scaling, features, forecasts several steps ahead, and online
/// learning.
struct Forecaster {
  /// 12 features, 8 units, 4 horizons: 840 parameters.
  static let shape = NetworkShape(inputs: 12, hidden: 8, horizons: 4)
  /// How many samples ahead each horizon looks.
  static let horizons: InlineArray<4, Int> = [1, 4, 16, longestHorizon]
  /// Samples that prime the scaler before the network sees anything.
  static let primingSamples = 100
  /// Samples in a chunk: the length of truncated backpropagation.
  static let chunk = 32
  /// Samples that can be replayed.
  static let memory = 1024
  /// Chunks that can be replayed.
  static let chunks = memory / chunk
  /// How many samples ahead the farthest forecast looks, and how many forecasts are kept until they
  /// are due.
  static let longestHorizon = 48
  /// Samples between two rounds of learning.
  static let learningInterval = 4
  /// Updates of the weights in a round: on the latest samples, and on replayed ones.
  static let updatesOfRound = 2
  /// States kept for learning from the last chunk: a round of learning at sample t, a multiple of
  /// the interval, starts at t - 31, so only the state before every fourth sample is ever needed.
  static let recentStatesHeld = chunk / learningInterval
  /// Bound on inputs and targets of the network, on the z scale.
  static let scaledLimit: Float = 4
  /// Resolution at which scaled values are stored, in steps per unit of z: 16 bits for twice the
  /// bound.
  static let scaledSteps: Float = 8191

  let places: ForecasterPlaces
  private(set) var scaler = Scaler()
  var gate = SkillGate()
  private(set) var isReady = false
  /// Samples learnt so far.
  private(set) var seen = 0
  /// Scaled value of the latest sample, not clipped.
  private(set) var latest: Float = 0
  var clock = AdamClock()
  var random: XorShift

  /// A network that has learnt nothing, in the zeroed memory at `places`.
  init(seed: UInt64, places: ForecasterPlaces) {
    self.places = places
    random = XorShift(seed: seed &* 1000 &+ 7)
    weights.initialize(random: &random)
  }

  var weights: Weights { Weights(shape: Forecaster.shape, at: places.network.weights) }

  /// A forecast on the z scale.
  struct Forecast {
    var mean: Float
    var scale: Float

    init(mean: Float, logScale: Float) {
      self.mean = mean
      scale = expf(max(-5, min(3, logScale)))
    }
  }

  /// The forecast for the coming sample.
  var oneStepForecast: Forecast {
    Forecast(mean: places.outputs[0], logScale: places.outputs[Forecaster.shape.horizons])
  }

  /// The forecast for the coming sample made ``longestHorizon`` samples ago; valid once the network
  /// has seen that many.
  var farForecast: Forecast {
    let place = 2 * (seen % Forecaster.longestHorizon)
    return Forecast(
      mean: Float(Float16(bitPattern: places.farForecasts[place])),
      logScale: Float(Float16(bitPattern: places.farForecasts[place + 1])))
  }

  /// The one-step forecast weighted by the skill gate, on the unclipped z scale.
  func gatedMean(_ oneStep: Forecast) -> Float {
    latest + Float(gate.openness) * (oneStep.mean - scaledValue(seen - 1))
  }

  /// Learns one sample; its forecasts must have been read before.
  /// - Parameter learns: whether weights, scaler and gate learn from it; before the forecaster is
  ///   ready, they always do.
  mutating func learn(
    _ x: Double, at timestamp: Timestamp, scratch: TrainingScratch, learns: Bool = true
  ) {
    guard isReady else { return prime(x, at: timestamp) }
    latest = scaler.scaled(x)
    let stored = Forecaster.stored(latest)
    let oneStep = oneStepForecast
    let last = scaledValue(seen - 1)
    if learns {
      gate.learn(
        forecastStep: oneStep.mean - last, actualStep: Forecaster.scaled(stored) - last,
        scale: oneStep.scale)
    }
    remember(stored, at: timestamp, sample: seen)
    if learns { scaler.learn(x, seen: seen) }
    saveState(scratch)
    withFeatures(of: seen, scratch: scratch) { features in
      scratch.forward.advance(places.network.state, weights: weights, features: features)
      if learns, learnsNext {
        learnFromRecent(scratch)
        learnFromReplay(scratch)
      }
      scratch.forward.outputs(
        places.outputs, state: places.network.state, weights: weights, features: features)
    }
    keepFarForecast()
    seen += 1
  }

  private mutating func prime(_ x: Double, at timestamp: Timestamp) {
    remember(0, at: timestamp, sample: seen)
    setPriming(seen, to: x)
    seen += 1
    guard seen == Forecaster.primingSamples else { return }
    let values = primingValues
    scaler.prime(values)
    for (index, value) in values.enumerated() {
      places.scaled[index] = Forecaster.stored(scaler.scaled(value))
    }
    latest = scaler.scaled(x)
    isReady = true
  }

  /// The values collected for priming the scaler. They are stored in the second half of the ring of
  /// scaled values, which is unused until the scaler is primed.
  private var primingValues: [Double] {
    isReady
      ? []
      : (0..<seen).map {
        UnsafeRawPointer(primingPlace).load(fromByteOffset: 8 * $0, as: Double.self)
      }
  }

  private func setPriming(_ index: Int, to value: Double) {
    primingPlace.storeBytes(of: value, toByteOffset: 8 * index, as: Double.self)
  }

  private var primingPlace: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(places.scaled + Forecaster.memory / 2)
  }

  private func remember(_ stored: Int16, at timestamp: Timestamp, sample: Int) {
    let place = sample % Forecaster.memory
    places.scaled[place] = stored
    places.phases[place] = Phase(timestamp).bits
  }

  private func saveState(_ scratch: TrainingScratch) {
    let count = Int32(Forecaster.shape.stateCount)
    let narrow = scratch.kernels.table.pointee.narrow_floats
    if Forecaster.startsLearning(at: seen) {
      narrow?(recentState(before: seen), places.network.state, count)
    }
    if seen % Forecaster.chunk == 0 {
      narrow?(chunkState(before: seen), places.network.state, count)
    }
  }

  private func keepFarForecast() {
    let farthest = Forecaster.shape.horizons - 1
    let place = 2 * (seen % Forecaster.longestHorizon)
    places.farForecasts[place] = Float16(places.outputs[farthest]).bitPattern
    places.farForecasts[place + 1] =
      Float16(places.outputs[Forecaster.shape.horizons + farthest]).bitPattern
  }

  /// Whether a round of learning from the last chunk can begin with `sample`.
  private static func startsLearning(at sample: Int) -> Bool {
    (sample + chunk - 1) % learningInterval == 0
  }

  /// Where the state before `sample` is kept, for a sample at which learning starts.
  func recentState(before sample: Int) -> UnsafeMutablePointer<UInt16> {
    let place = sample / Forecaster.learningInterval % Forecaster.recentStatesHeld
    return places.recentStates + place * Forecaster.shape.stateCount
  }

  /// Where the state before `sample` is kept, for the first sample of a chunk.
  func chunkState(before sample: Int) -> UnsafeMutablePointer<UInt16> {
    let place = sample / Forecaster.chunk % Forecaster.chunks
    return places.chunkStates + place * Forecaster.shape.stateCount
  }

  /// Clipped scaled value of a remembered sample.
  func scaledValue(_ sample: Int) -> Float {
    Forecaster.scaled(places.scaled[(sample + Forecaster.memory) % Forecaster.memory])
  }

  /// The stored form of a clipped scaled value.
  private static func stored(_ z: Float) -> Int16 {
    Int16((max(-scaledLimit, min(scaledLimit, z)) * scaledSteps).rounded())
  }

  /// The scaled value that is stored as `stored`.
  static func scaled(_ stored: Int16) -> Float {
    Float(stored) * (1 / scaledSteps)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let shape = Forecaster.shape
    try scaler.code(&coder)
    try gate.code(&coder)
    try coder.code(&isReady)
    try coder.code(count: &seen, "samples seen")
    let primed = Forecaster.primingSamples
    let possible = isReady ? primed...ByteReader.counts.upperBound : 0...(primed - 1)
    guard possible.contains(seen) else {
      throw .outOfRange(field: "samples seen", found: seen, expected: possible)
    }
    try coder.code(&latest)
    try coder.code(&clock.updates)
    try coder.code(&clock.beta1Power)
    try coder.code(&clock.beta2Power)
    var randomState = random.state
    try coder.code(&randomState)
    random = XorShift(state: randomState)
    var priming = primingValues
    try coder.code(&priming, maximum: Forecaster.primingSamples)
    let expected = isReady ? 0 : min(seen, Forecaster.primingSamples - 1)
    guard priming.count == expected, isReady || seen == expected else {
      throw .outOfRange(
        field: "values before the first forecast", found: priming.count,
        expected: expected...expected)
    }
    try places.network.code(
      &coder, parameters: shape.parameterCount, states: shape.stateCount)
    try coder.code(
      words: places.recentStates, count: Forecaster.recentStatesHeld * shape.stateCount)
    try coder.code(words: places.chunkStates, count: Forecaster.chunks * shape.stateCount)
    try coder.code(floats: places.outputs, count: shape.outputLanes)
    try coder.code(words: places.farForecasts, count: 2 * Forecaster.longestHorizon)
    let scaled = UnsafeMutableRawPointer(places.scaled)
    try coder.code(
      words: scaled.assumingMemoryBound(to: UInt16.self), count: Forecaster.memory)
    try coder.code(words: places.phases, count: Forecaster.memory)
    for place in 0..<Forecaster.memory where !Phase.steps.contains(places.phases[place]) {
      throw .outOfRange(
        field: "time of week", found: Int(places.phases[place]),
        expected: Int(Phase.steps.lowerBound)...Int(Phase.steps.upperBound))
    }
    for (index, value) in priming.enumerated() { setPriming(index, to: value) }
  }
}
