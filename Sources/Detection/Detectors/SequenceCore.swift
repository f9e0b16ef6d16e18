import Glibc
import Networks
import Series

/// The state of a detector of symbols, and the order in which one event passes through it.
struct SequenceCore: ~Copyable {
  /// Version of the stored state, and that of version 0.1, which can still be read.
  private static let (formatVersion, formatVersion01): (UInt32, UInt32) = (4, 2)
  /// Memory of the usual surprise, in events.
  private static let usualMemory = 500.0

  private let memory = MemoryBlock<SequenceLayout>()
  private let seed: UInt64
  private(set) var alphabet = Alphabet()
  private var forecaster: SymbolForecaster
  private var clock = EventClock()
  private var pairs: PairTable
  private(set) var symbolMixture = ExpertMixture()
  private var timeMixture = ExpertMixture()
  private var novelty = NoveltyRate()
  private var sources: SymbolSources
  var judge: Judge
  private var usual = 0.0
  private var last = Timestamp(nanoseconds: 0)
  /// Facts about the newest event if it is the first of an episode of alarms: zero or one, in
  /// memory of its own.
  private(set) var facts: [SymbolFacts] = []

  init(configuration: DetectorConfiguration, kernels: Kernels) {
    seed = configuration.seed
    let layout = memory.layout
    forecaster = SymbolForecaster(
      seed: configuration.seed, places: layout.forecaster, kernels: kernels)
    pairs = PairTable(entries: layout.pairs, totals: layout.totals)
    sources = layout.sources
    judge = Judge(
      .symbols, threshold: AlarmThreshold(budget: configuration.alarmBudget), places: layout.judge)
  }

  var seen: Int { forecaster.seen }

  /// See ``Detector/learning``.
  var learning: LearningFacts {
    var facts = LearningFacts(
      seen: seen, updates: forecaster.updates, belief: Double(symbolMixture.belief),
      weights: forecaster.weights, usualEvidence: judge.usualEvidence)
    facts.symbols = alphabet.count
    return facts
  }
  private var previous: Int? { seen > 0 ? forecaster.symbol(1) : nil }

  /// One event, before anything is learnt from it.
  private struct Step {
    var symbol: Int
    var isNew: Bool
    /// Nanoseconds since the event before, nil if unknown.
    var interval: Double?
    var network: Float = 0
    var counted: Float = 0
    var probability: Float = 0
    /// y of the interval.
    var y: Double?
    var networkDensity = 0.0
    var pairDensity = 0.0
    /// Probability of an interval at least as unusual.
    var tail = 1.0
  }

  mutating func step(
    _ id: Span<UInt8>, at timestamp: Timestamp, _ context: StepContext, training: SymbolTraining
  ) -> Verdict {
    let (symbol, isNew) = alphabet.symbol(of: id, learns: context.learns)
    var step = Step(symbol: symbol, isNew: isNew)
    if seen > 0, timestamp >= last {
      step.interval = Double(timestamp.nanoseconds(since: last))
    }
    predict(&step)
    let value = -log2(Double(step.probability)) - log2(step.tail)
    var scales = judge.scales(learns: context.learns && context.calibrates)
    sources.weigh(input(step), &scales)
    let expectation = Judge.Expectation(
      value: value, expected: usual, lower: 0, upper: judge.band.multiplier * (usual + 0.1))
    var verdict = judge.judge(
      scales.evidence, of: expectation, seen: seen, context, sources: sources)
    // One event that is unusual by itself also shows in every window that contains it.
    if verdict.evidence.decades[SymbolEvidence.kind.lane] > Fusion.base,
      verdict.reason == OrderEvidence.short.evidence
        || verdict.reason == OrderEvidence.long.evidence
    {
      verdict.reason = SymbolEvidence.kind.evidence
    }
    if verdict.alarm == .first {
      facts = [describe(step, id)]
    } else if !facts.isEmpty {
      facts = []
    }
    if context.learns {
      judge.band.learn(isOutside: value > expectation.upper)
      usual += (value - usual) / min(Double(seen + 1), SequenceCore.usualMemory)
    }
    learn(step, at: timestamp, training: training, learns: context.learns)
    verdict.state = judge.state(seen: seen, context)
    return verdict
  }

  /// Computes how likely the id and the interval were.
  private func predict(_ step: inout Step) {
    step.network = forecaster.probability(of: step.symbol)
    if let previous {
      step.counted = pairs.probability(of: step.symbol, after: previous, alphabet: alphabet.count)
    } else {
      step.counted = step.network
    }
    step.probability =
      step.isNew ? novelty.probability : symbolMixture.blend(step.network, step.counted)
    step.probability = max(step.probability, 1e-9)
    guard let interval = step.interval, clock.isReady, let previous else { return }
    let y = clock.logarithm(interval)
    step.y = y
    let expected = forecaster.interval(until: step.symbol)
    let networkScale = Double(expected.scale) / clock.slope
    let e = (y - clock.unscaled(Double(expected.location))) / networkScale
    step.networkDensity = StudentT.density(e) / networkScale
    step.tail = StudentT.tail(e)
    if let usual = pairs.interval(previous, step.symbol) {
      let scale = Double(usual.scale)
      let e = (y - Double(usual.location)) / scale
      step.pairDensity = StudentT.density(e) / scale
      let belief = Double(timeMixture.belief)
      step.tail = belief * step.tail + (1 - belief) * StudentT.tail(e)
    }
    step.tail = max(step.tail, 1e-15)
  }

  /// The input of the evidence sources.
  private func input(_ step: Step) -> SymbolInput {
    SymbolInput(
      symbol: step.symbol, isNew: step.isNew, nats: -logf(step.probability),
      intervalTail: step.y == nil ? nil : step.tail,
      leaving: seen >= MixEvidence.window ? forecaster.symbol(MixEvidence.window) : nil,
      noveltyProbability: novelty.probability, pairs: pairs)
  }

  private mutating func learn(
    _ step: Step, at timestamp: Timestamp, training: SymbolTraining, learns: Bool
  ) {
    let interval = step.y.map { clock.scaled($0) }
    if learns {
      if let previous {
        if !step.isNew { symbolMixture.learn(step.network, step.counted) }
        if step.pairDensity > 0 {
          timeMixture.learn(Float(step.networkDensity), Float(step.pairDensity))
        }
        pairs.learn(previous, step.symbol, y: step.y.map { Float($0) })
      }
      novelty.learn(isNew: step.isNew)
    }
    forecaster.learn(step.symbol, interval: interval, training: training, learns: learns)
    if learns, let interval = step.interval { clock.learn(interval) }
    last = timestamp
  }

  // MARK: Facts

  /// Mean nanoseconds between two events; 0 if unknown.
  var meanInterval: Double { clock.mean }

  private func describe(_ step: Step, _ id: Span<UInt8>) -> SymbolFacts {
    SymbolFacts(
      id: id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) },
      previous: previous.map { alphabet.name(of: $0) },
      probability: Double(step.probability), expected: expected(),
      interval: step.interval.map { $0 * 1e-9 },
      usualInterval: usualInterval(until: step.symbol).map { $0 * 1e-9 })
  }

  /// Nanoseconds that usually pass between the newest event and `symbol`.
  private func usualInterval(until symbol: Int) -> Double? {
    guard clock.isReady, let previous else { return nil }
    if let usual = pairs.interval(previous, symbol) {
      return clock.interval(Double(usual.location))
    }
    return clock.interval(
      max(0, clock.unscaled(Double(forecaster.interval(until: symbol).location))))
  }

  /// The ids most likely to come next.
  func expected() -> [SymbolFacts.Expectation] {
    guard let previous else { return [] }
    var found: [SymbolFacts.Expectation] = []
    for symbol in 0..<(alphabet.isFull ? Alphabet.capacity : alphabet.count) {
      let counted = pairs.probability(of: symbol, after: previous, alphabet: alphabet.count)
      let probability = symbolMixture.blend(forecaster.probability(of: symbol), counted)
      found.append(.init(id: alphabet.name(of: symbol), probability: Double(probability)))
    }
    found.sort { $0.probability > $1.probability }
    return Array(found.prefix(SymbolFacts.mostExpected))
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let version = try coder.code(
      version: SequenceCore.formatVersion, orOlder: [SequenceCore.formatVersion01], seed: seed)
    let is01 = version == SequenceCore.formatVersion01
    try alphabet.code(&coder)
    try forecaster.code(&coder)
    try clock.code(&coder)
    try pairs.code(&coder)
    try symbolMixture.code(&coder)
    try timeMixture.code(&coder)
    try novelty.code(&coder)
    if is01 {
      try sources.code(&coder)
      try judge.decodeMeters01(&coder)
      try judge.band.code(&coder)
    } else {
      try sources.codeParts(&coder)
      try judge.code(&coder)
    }
    try coder.code(&usual)
    if is01 {
      try judge.decodeThreshold01(&coder)
      try judge.decodeHold01(&coder)
    }
    var nanoseconds = Int(last.nanoseconds)
    try coder.code(&nanoseconds)
    last = Timestamp(nanoseconds: Int64(nanoseconds))
  }
}

/// One event of a trace, as sources of evidence see it.
struct SymbolInput {
  let symbol: Int
  /// Whether its id is new.
  let isNew: Bool
  /// How surprising the symbol is: minus the logarithm of its probability.
  let nats: Float
  /// Probability of an interval at least as unusual; nil if the interval is unknown.
  let intervalTail: Double?
  /// The symbol that leaves the window of ``MixEvidence`` once the window is full.
  let leaving: Int?
  /// Probability of a new id.
  let noveltyProbability: Float
  let pairs: PairTable
}
