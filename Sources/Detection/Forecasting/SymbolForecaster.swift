import Glibc
import Networks
import Series

/// The stateful LSTM of one trace: what comes next, and when, with online learning.
struct SymbolForecaster {
  /// 62 symbols, the logarithm of the interval, 16 units: 6,336 parameters, padding included.
  static let shape = SymbolShape(symbols: Alphabet.capacity, numbers: 1, hidden: 16)
  /// Adam's step size; larger than that of metrics, since a trace has thousands of events rather than
  /// millions of samples.
  static let learningRate: Float = 1e-2
  /// Weight of the interval's likelihood relative to the symbol's.
  static let timeWeight: Float = 0.5
  /// Events in a chunk: the length of truncated backpropagation.
  static let chunk = 32
  /// Events that can be replayed.
  static let memory = 1024
  /// Chunks that can be replayed.
  static let chunks = memory / chunk
  /// Events between two rounds of learning.
  static let learningInterval = 4
  /// States kept for learning from the last chunk: those before every fourth event.
  static let recentStatesHeld = chunk / learningInterval
  /// Bound on the interval as input and target of the network, on its scale.
  static let scaledLimit: Float = 4

  private let places: SymbolForecasterPlaces
  private let network: SymbolNetwork
  /// Events taken so far.
  private(set) var seen = 0
  private var clock = AdamClock()
  private var random: XorShift

  /// A network that has learnt nothing, in the zeroed memory at `places`.
  init(seed: UInt64, places: SymbolForecasterPlaces, kernels: Kernels) {
    self.places = places
    network = SymbolNetwork(
      shape: SymbolForecaster.shape, at: places.network.weights, kernels: kernels)
    random = XorShift(seed: seed &* 1000 &+ 11)
    network.initialize(random: &random)
    network.outputs(places.outputs, state: places.network.state)
  }

  /// Steps of the optimiser so far.
  var updates: Int { Int(clock.updates) }

  /// The network's weights.
  var weights: [Float] {
    Array(
      UnsafeBufferPointer(
        start: places.network.weights, count: SymbolForecaster.shape.parameterCount))
  }

  /// How likely `symbol` is to come next.
  func probability(of symbol: Int) -> Float { places.outputs[symbol] }

  /// Location and scale of the interval until `symbol`, on the network's scale.
  func interval(until symbol: Int) -> (location: Float, scale: Float) {
    let time = network.time(until: symbol, outputs: places.outputs)
    return (time.location, expf(time.logScale))
  }

  /// The symbol `back` events before the coming one, 1...memory.
  func symbol(_ back: Int) -> Int { Int(places.symbols[(seen - back) % SymbolForecaster.memory]) }

  /// Learns the symbol that came.
  /// - Parameters:
  ///   - interval: since the preceding event, on the network's scale; nil if unknown.
  ///   - learns: whether the weights learn from it.
  mutating func learn(
    _ symbol: Int, interval: Float?, training: SymbolTraining, learns: Bool = true
  ) {
    let place = seen % SymbolForecaster.memory
    let limit = SymbolForecaster.scaledLimit
    let number = interval.map { max(-limit, min(limit, $0)) }
    places.symbols[place] = UInt8(symbol)
    places.intervals[place] = number ?? .nan
    if learns, seen % SymbolForecaster.learningInterval == 0, seen >= SymbolForecaster.chunk {
      let first = seen - SymbolForecaster.chunk
      learn(from: first, state: recentState(before: first), training: training)
      learnFromReplay(training)
    }
    saveState()
    var read = number ?? 0
    network.advance(places.network.state, symbol: symbol, numbers: &read)
    network.outputs(places.outputs, state: places.network.state)
    seen += 1
  }

  /// One update on a random chunk of the last 1024 events, from the state stored when it began.
  private mutating func learnFromReplay(_ training: SymbolTraining) {
    let size = SymbolForecaster.chunk
    let oldest = (max(0, seen - SymbolForecaster.memory + 1) + size - 1) / size
    let newest = (seen - size) / size
    guard newest > oldest else { return }
    let drawn = oldest + Int(random.uniform() * Double(newest - oldest + 1))
    let state = places.chunkStates + drawn % SymbolForecaster.chunks * network.shape.stateCount
    learn(from: drawn * size, state: state, training: training)
  }

  private mutating func learn(
    from first: Int, state: UnsafePointer<Float>, training: SymbolTraining
  ) {
    let gradient = training.gradient
    for step in 0...SymbolForecaster.chunk {
      let place = (first + step) % SymbolForecaster.memory
      let interval = places.intervals[place]
      gradient.symbols[step] = Int32(places.symbols[place])
      if step < SymbolForecaster.chunk { gradient.numbers[step] = interval.isNaN ? 0 : interval }
      if step > 0 {
        gradient.times[step - 1] = interval.isNaN ? 0 : interval
        gradient.known[step - 1] = interval.isNaN ? 0 : SymbolForecaster.timeWeight
      }
    }
    training.learning.update(
      network, moments: places.network.moments,
      clock: &clock, initialState: state, scratch: gradient)
  }

  private func saveState() {
    let count = network.shape.stateCount
    if seen % SymbolForecaster.learningInterval == 0 {
      recentState(before: seen).update(from: places.network.state, count: count)
    }
    if seen % SymbolForecaster.chunk == 0 {
      let place = seen / SymbolForecaster.chunk % SymbolForecaster.chunks
      (places.chunkStates + place * count).update(from: places.network.state, count: count)
    }
  }

  private func recentState(before event: Int) -> UnsafeMutablePointer<Float> {
    let place = event / SymbolForecaster.learningInterval % SymbolForecaster.recentStatesHeld
    return places.recentStates + place * network.shape.stateCount
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let shape = SymbolForecaster.shape
    try coder.code(count: &seen, "events seen")
    try coder.code(&clock.updates)
    try coder.code(&clock.beta1Power)
    try coder.code(&clock.beta2Power)
    var randomState = random.state
    try coder.code(&randomState)
    random = XorShift(state: randomState)
    try places.network.code(
      &coder, parameters: shape.parameterCount, states: shape.stateCount)
    try coder.code(floats: places.outputs, count: shape.lanes)
    try coder.code(
      floats: places.recentStates, count: SymbolForecaster.recentStatesHeld * shape.stateCount)
    try coder.code(floats: places.chunkStates, count: SymbolForecaster.chunks * shape.stateCount)
    try coder.code(floats: places.intervals, count: SymbolForecaster.memory)
    for place in 0..<SymbolForecaster.memory {
      var symbol = Int(places.symbols[place])
      try coder.code(&symbol, in: 0...Alphabet.other, "remembered symbol")
      places.symbols[place] = UInt8(symbol)
    }
  }
}
