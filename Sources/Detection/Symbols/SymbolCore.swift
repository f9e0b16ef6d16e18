import Glibc
import Networks
import Series

/// The state of a symbol detector and the order in which one event passes through it.
struct SymbolCore: ~Copyable {
  /// Version of the stored state.
  private static let formatVersion: UInt32 = 2
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
  private var surprises: WindowedSurprise
  private var paces: WindowedSurprise
  private var mix: MixEvidence
  private var calibrators: InlineArray<8, TailCalibrator>
  private var band = CoverageBand()
  private var usual = 0.0
  private var threshold: AlarmThreshold
  private var levels: LevelTracker
  private var isHeld = false
  /// What feedback adds to the base of each kind of evidence, in decades; not part of the state.
  var feedbackOffsets = SIMD8<Float>(repeating: 0)
  private var last = Timestamp(nanoseconds: 0)

  init(configuration: DetectorConfiguration, kernels: Kernels) {
    seed = configuration.seed
    let places = memory.places
    forecaster = SymbolForecaster(seed: configuration.seed, places: places, kernels: kernels)
    pairs = PairTable(entries: places.pairs, totals: places.totals)
    surprises = WindowedSurprise(recent: places.surprises)
    paces = WindowedSurprise(recent: places.paces)
    mix = MixEvidence(counts: places.recentCounts)
    calibrators = InlineArray { index in
      TailCalibrator(index < 3 ? .fast : .slow)
    }
    threshold = AlarmThreshold(budget: configuration.alarmBudget)
    levels = LevelTracker(recent: places.levels)
  }

  private var seen: Int { forecaster.seen }
  private var previous: Int? { seen > 0 ? forecaster.symbol(1) : nil }

  /// One event, as far as it is known before anything is learnt from it.
  private struct Step {
    var symbol: Int
    var isNew: Bool
    /// Nanoseconds since the event before, nil where not known.
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
    _ id: Span<UInt8>, at timestamp: Timestamp, budgetOffset: Double, training: SymbolTraining
  ) -> SymbolJudgement {
    let (symbol, isNew) = alphabet.symbol(of: id)
    var step = Step(symbol: symbol, isNew: isNew)
    if seen > 0, timestamp >= last {
      step.interval = Double(timestamp.nanoseconds - last.nanoseconds)
    }
    foresee(&step)
    let value = -log2(Double(step.probability)) - log2(step.tail)
    let judged = weigh(step)
    var (score, reason) = Fusion.score(
      judged, of: .symbols, seen: seen, feedbackOffsets: feedbackOffsets)
    // One event that is unusual by itself also shows in every window that it is in.
    if judged[Evidence.symbol.index] > Fusion.base, reason == .order8 || reason == .order32 {
      reason = .symbol
    }
    let alarm = threshold.judge(score, seen: seen, budgetOffset: budgetOffset)
    isHeld = alarm.isHeld
    levels.learn(score)
    let facts = alarm.opens ? describe(step, id) : nil
    let expected = usual
    let upper = band.multiplier * (usual + 0.1)
    band.learn(isOutside: value > upper)
    usual += (value - usual) / min(Double(seen + 1), SymbolCore.usualMemory)
    learn(step, at: timestamp, training: training)
    let verdict = Verdict(
      expected: expected, lower: 0, upper: upper, score: score, threshold: alarm.threshold,
      level: levels.level,
      state: threshold.state(seen: seen, isHeld: isHeld, budgetOffset: budgetOffset),
      isAlarming: alarm.isAlarming, opensEvent: alarm.opens,
      reason: reason, evidence: judged)
    return SymbolJudgement(
      value: value, probability: Double(step.probability), verdict: verdict, facts: facts)
  }

  /// How likely the id and the interval were.
  private func foresee(_ step: inout Step) {
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

  /// Weighs every kind of evidence about an event.
  private mutating func weigh(_ step: Step) -> SIMD8<Float> {
    var result = SIMD8<Float>(repeating: 0)
    let nats = -logf(step.probability)
    surprises.append(nats)
    let leaving = seen >= MixEvidence.window ? forecaster.symbol(MixEvidence.window) : nil
    mix.advance(entering: step.symbol, leaving: leaving)
    weigh(.symbol, Double(expf(nats / 3) - 1), &result)
    // No event is rarer than the model holds it for; the calibrator only ever says that it is not
    // that rare. Else a rare branch in a stream of few surprises would count as out of the world.
    result[Evidence.symbol.index] = min(result[Evidence.symbol.index], nats * 0.4342945)
    if step.y != nil {
      weigh(.interval, pow(step.tail, -0.25) - 1, &result)
      paces.append(Float(-log(step.tail)))
      if let mean = paces.mean(32) { weigh(.pace32, mean, &result) }
    }
    if let mean = surprises.mean(8) { weigh(.order8, mean, &result) }
    if let mean = surprises.mean(32) { weigh(.order32, mean, &result) }
    if leaving != nil { weigh(.mix64, mix.divergence(from: pairs), &result) }
    if step.isNew { result[Evidence.unknown.index] = -log10f(novelty.probability) }
    return result
  }

  private mutating func weigh(
    _ kind: Evidence, _ value: Double, _ result: inout SIMD8<Float>
  ) {
    result[kind.index] = calibrators[kind.index].surprise(value)
  }

  private mutating func learn(_ step: Step, at timestamp: Timestamp, training: SymbolTraining) {
    if let previous {
      if !step.isNew { symbolMixture.learn(step.network, step.counted) }
      if step.pairDensity > 0 {
        timeMixture.learn(Float(step.networkDensity), Float(step.pairDensity))
      }
      pairs.learn(previous, step.symbol, y: step.y.map { Float($0) })
    }
    novelty.learn(isNew: step.isNew)
    forecaster.learn(
      step.symbol, interval: step.y.map { clock.scaled($0) }, training: training)
    if let interval = step.interval { clock.learn(interval) }
    last = timestamp
  }

  /// What all kinds of evidence together may exceed without an alarm, in decades.
  var alarmHeadroom: Float {
    Fusion.alarmHeadroom(below: threshold.budget, of: .symbols, seen: seen)
  }

  /// Whether an event would open now on such evidence, the guard against storms apart.
  func isLoud(_ evidence: SIMD8<Float>) -> Bool {
    Double(Fusion.score(evidence, of: .symbols, seen: seen, feedbackOffsets: feedbackOffsets).score)
      >= threshold.budget
  }

  /// Takes back what the newest event added to the threshold.
  mutating func undoStormGuard() { threshold.undoStormGuard() }

  // MARK: For people

  /// Mean nanoseconds between two events; 0 where not known.
  var meanInterval: Double { clock.mean }

  private func describe(_ step: Step, _ id: Span<UInt8>) -> SymbolFacts {
    SymbolFacts(
      id: id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) },
      previous: previous.map { alphabet.name(of: $0) },
      probability: Double(step.probability), expected: expected(),
      interval: step.interval.map { $0 * 1e-9 },
      usualInterval: usualInterval(until: step.symbol).map { $0 * 1e-9 })
  }

  /// Nanoseconds that usually pass between the newest event and one of `symbol`.
  private func usualInterval(until symbol: Int) -> Double? {
    guard clock.isReady, let previous else { return nil }
    if let usual = pairs.interval(previous, symbol) {
      return clock.interval(Double(usual.location))
    }
    return clock.interval(
      max(0, clock.unscaled(Double(forecaster.interval(until: symbol).location))))
  }

  /// The likeliest ids to come next.
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
    try coder.code(version: SymbolCore.formatVersion, seed: seed)
    try alphabet.code(&coder)
    try forecaster.code(&coder)
    try clock.code(&coder)
    try pairs.code(&coder)
    try symbolMixture.code(&coder)
    try timeMixture.code(&coder)
    try novelty.code(&coder)
    try surprises.code(&coder)
    try paces.code(&coder)
    try mix.code(&coder)
    for index in 0..<8 { try calibrators[index].code(&coder) }
    try band.code(&coder)
    try coder.code(&usual)
    try threshold.code(&coder)
    try levels.code(&coder)
    try coder.code(&isHeld)
    var nanoseconds = Int(last.nanoseconds)
    try coder.code(&nanoseconds)
    last = Timestamp(nanoseconds: Int64(nanoseconds))
  }
}
