import Glibc
import Networks
import Series

/// The state of a value detector, and the order in which it processes a sample (docs/detector.md).
struct ValueCore: ~Copyable {
  /// Version of the stored state, and those that can still be read: the one before there were
  /// ``Part``s, and that of version 0.1.
  private static let (formatVersion, formatVersionWithoutParts): (UInt32, UInt32) = (5, 4)
  private static let formatVersion01: UInt32 = 3
  /// Consecutive equal values after which another one is no evidence: longer than any source looks
  /// back (144 samples), so any remaining evidence comes from the network's own learning, not from
  /// the metric.
  private static let stillness = 300
  /// Consecutive equal values after which the calibrators have forgotten everything before.
  private static let oblivion = 8000

  private let memory: MemoryBlock<ValueLayout>
  private let seed: UInt64
  private var forecaster: Forecaster
  private var display = ExpectationDisplay()
  private var sources: ValueSources
  private var season: SeasonalExpert
  var judge: Judge
  private var first = 0.0
  private var last = 0.0
  private var lastThree = InlineArray<3, Double>(repeating: 0)
  private var unmoved = 0
  private var forecastsBySeason = true

  init(configuration: DetectorConfiguration, omitting omitted: DetectorParts = []) {
    let memory = MemoryBlock<ValueLayout>()
    let judge = Judge(
      .values, threshold: AlarmThreshold(budget: configuration.alarmBudget),
      places: memory.layout.judge, omitting: omitted)
    self.init(seed: configuration.seed, judge: judge, memory: memory)
    forecastsBySeason = !omitted.contains(.seasonalForecast)
  }

  /// - Parameter memory: zeros, except for the judge's part.
  private init(seed: UInt64, judge: Judge, memory: consuming MemoryBlock<ValueLayout>) {
    let layout = memory.layout
    self.memory = memory
    self.seed = seed
    self.judge = judge
    forecaster = Forecaster(seed: seed, places: layout.forecaster)
    sources = layout.sources
    season = layout.season
  }

  /// Forgets everything except the open event, if any.
  ///
  /// Scales learnt from a constant metric are almost zero, which makes every later movement look
  /// extremely rare, and fades only over days of movement. One alarm for the first movement is
  /// right; after that the metric is treated as new.
  private mutating func beginAnew() {
    let (seed, last, seen, forecastsBySeason) = (seed, last, seen, forecastsBySeason)
    memory.clear()
    let judge = judge.begunAnew(seen: seen, places: memory.layout.judge)
    self = ValueCore(seed: seed, judge: judge, memory: memory)
    self.last = last
    self.forecastsBySeason = forecastsBySeason
  }

  var seen: Int { forecaster.seen }

  /// See ``DetectorPrior``.
  var prior: DetectorPrior? { forecaster.prior }

  /// Starts from what another detector has learnt.
  mutating func begin(with prior: DetectorPrior) { forecaster.begin(with: prior) }

  /// See ``Detector/learning``.
  var learning: LearningFacts {
    var facts = LearningFacts(
      seen: seen, updates: Int(forecaster.clock.updates), belief: forecaster.gate.openness,
      weights: Array(
        UnsafeBufferPointer(
          start: memory.layout.forecaster.network.weights,
          count: Forecaster.shape.parameterCount)),
      usualEvidence: judge.usualEvidence)
    guard forecaster.isReady else { return facts }
    facts.mean = forecaster.scaler.mean
    facts.deviation = forecaster.scaler.deviation
    facts.forecastError = display.gate.forecastError
    facts.lastValueError = display.gate.persistenceError
    return facts
  }

  func prefetch(_ stage: PrefetchStage) {
    if stage == .shortMemories { judge.prefetch() }
    guard stage == .shortMemories || forecaster.isReady else { return }
    sources.prefetch(stage)
    if stage == .longMemories { season.prefetch() }
    if stage == .network { forecaster.prefetch() }
  }

  /// - Parameter next: prefetched in parts, since prefetching all of it would fill the processor's
  ///   line fill buffers and stall this step.
  mutating func step(
    _ sample: Sample, _ context: StepContext, scratch: TrainingScratch,
    next: (any Detector)?
  ) -> Verdict {
    next?.prefetch(.object)
    var context = context
    // With a prior, only the calibration has to be learnt here.
    if seen < AlarmThreshold.longestWarmUp, forecaster.hasPrior {
      context.warmUpOffset = -.infinity
    }
    guard sample.value.isFinite else {
      return judge.skip(sample.value, expected: last, seen: seen, context)
    }
    // A value beyond the limit is treated as the largest one, and must alarm like it.
    let largest = ValueDetector.largestValue
    let x = max(-largest, min(largest, sample.value))
    let reported = sample.value
    let sample = Sample(timestamp: sample.timestamp, value: x)
    if seen == 0 {
      first = x
      last = x
    }
    let change = abs(x - last)
    let usual = forecaster.isReady ? season.predict(at: sample.timestamp) : nil
    let prediction = predict(usual)
    var scales = judge.scales(learns: context.learns && context.calibrates)
    var input = input(sample, prediction, change: change, scratch: scratch, next: next)
    input.season = usual
    sources.weigh(input, &scales)
    next?.prefetch(.network)
    if seen > 0, context.learns { display.learn(error: x - prediction.shown.value) }
    if let forecast = input.forecast, context.learns {
      display.learn(forecastError: abs(x - prediction.forecast), lastValueError: change)
      learnSeason(sample, forecast, prediction)
    }
    if forecaster.isReady {
      season.follow(x, usual, learns: context.learns)
      if context.learns {
        season.learn(
          x, at: sample.timestamp, mean: forecaster.scaler.mean,
          spread: forecaster.scaler.deviation)
      }
    }
    let isFirstMove =
      change > 0 && forecaster.isReady && unmoved >= min(seen, ValueCore.oblivion)
    unmoved = change > 0 ? 0 : min(unmoved + 1, ValueCore.oblivion)
    if unmoved >= ValueCore.stillness { scales.clear() }
    let shown = prediction.shown
    let expectation = Judge.Expectation(
      value: reported, expected: shown.value, lower: shown.lower, upper: shown.upper)
    var verdict = judge.judge(
      scales.evidence, of: expectation, seen: seen, context, sources: sources)
    // Before learning changes the scale of the forecast.
    if verdict.isAlarming, let lane = verdict.reason?.kind.lane,
      let level = sources.forecastLevel(of: lane)
    {
      let usual = forecaster.scaler.unscaled(max(-12, min(12, level)))
      verdict.usual = plausible?.nearest(to: usual) ?? usual
    }
    last = x
    if isFirstMove, context.learns {
      beginAnew()
    } else {
      forecaster.learn(x, at: sample.timestamp, scratch: scratch, learns: context.learns)
    }
    verdict.state = judge.state(seen: seen, context)
    return verdict
  }

  /// Learns how good the forecasts of the season and of the network were.
  private mutating func learnSeason(
    _ sample: Sample, _ forecast: ValueInput.Forecast, _ prediction: Prediction
  ) {
    if let seasonal = prediction.seasonal {
      season.learn(
        gatedStep: seasonal - prediction.networked,
        actualStep: forecast.scaled - prediction.networked,
        scale: Float(prediction.scale))
    }
    if let far = forecast.far {
      season.learn(
        farError: Double(abs(forecast.scaled - far.mean)) * forecaster.scaler.deviation)
    }
  }

  /// What is known about a sample before it arrives.
  private struct Prediction {
    /// The gated forecast, from which jumps are measured.
    var forecast: Double
    /// What is shown as expected.
    var shown: ExpectationDisplay.Shown
    /// The forecast of the network and, if it has skill, of the season, on the z scale.
    var networked: Float = 0
    var seasonal: Float?
    /// Scale of the one-step forecast on the z scale.
    var scale: Double = 1
  }

  private func predict(_ usual: SeasonalExpert.Prediction?) -> Prediction {
    guard forecaster.isReady else {
      return Prediction(forecast: last, shown: shown(nil))
    }
    let oneStep = forecaster.oneStepForecast
    let networked = forecaster.gatedMean(oneStep)
    let seasonal = (forecastsBySeason ? usual?.forecast : nil).map(forecaster.scaler.scaled)
    var gated = Double(networked)
    if let seasonal { gated += season.openness * (Double(seasonal) - gated) }
    let forecast = forecaster.scaler.unscaled(max(-12, min(12, gated)))
    return Prediction(
      forecast: forecast, shown: shown(forecast), networked: networked, seasonal: seasonal,
      scale: Double(oneStep.scale))
  }

  private func shown(_ forecast: Double?) -> ExpectationDisplay.Shown {
    display.shown(
      forecast, last: last, plausible: plausible, isPositive: first >= 0 && last >= 0)
  }

  private var plausible: ClosedRange<Double>? {
    sources.range.flatMap {
      ExpectationDisplay.plausible(
        first: first, last: last, least: $0.least, greatest: $0.greatest)
    }
  }

  /// The input of the evidence sources.
  private mutating func input(
    _ sample: Sample, _ prediction: Prediction, change: Double, scratch: TrainingScratch,
    next: (any Detector)?
  ) -> ValueInput {
    let x = sample.value - first
    lastThree[seen % 3] = x
    for index in min(seen + 1, 3)..<3 { lastThree[index] = x }
    var input = ValueInput(
      sample: sample, x: x, change: change,
      meanOfThree: (lastThree[0] + lastThree[1] + lastThree[2]) / 3, seen: seen, scratch: scratch,
      next: next)
    if forecaster.isReady {
      let isFarKnown = seen >= Forecaster.primingSamples + Forecaster.longestHorizon
      input.forecast = ValueInput.Forecast(
        error: abs(sample.value - prediction.forecast),
        scaled: forecaster.scaler.scaled(sample.value),
        far: isFarKnown ? forecaster.farForecast : nil)
    }
    return input
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let version = try coder.code(
      version: ValueCore.formatVersion,
      orOlder: [ValueCore.formatVersionWithoutParts, ValueCore.formatVersion01], seed: seed)
    let is01 = version == ValueCore.formatVersion01
    try forecaster.code(&coder)
    try display.codeGate(&coder)
    if is01 {
      try judge.band.code(&coder)
      try sources.code(&coder)
      try judge.decodeMeters01(&coder)
      try judge.decodeThreshold01(&coder)
    } else {
      try sources.codeParts(&coder)
      try judge.code(&coder)
    }
    try coder.code(&first)
    try coder.code(&last)
    for index in 0..<3 { try coder.code(&lastThree[index]) }
    if is01 { try judge.decodeHold01(&coder) }
    try coder.code(&unmoved, in: 0...ValueCore.oblivion, "equal values")
    if version == ValueCore.formatVersion { try codeParts(&coder) }
  }

  /// Parts added after version 4: in state without one, it starts empty. Part 1 held the dependence
  /// between kinds of evidence; it is skipped if stored.
  private enum Part: UInt8, CaseIterable {
    case season = 0
    case band = 2
    case account = 3
    case episode = 4
  }

  private mutating func codeParts<Coder: StateCoder>(
    _ coder: inout Coder
  ) throws(StateDecodingError) {
    try coder.code(parts: Part.allCases.map(\.rawValue)) {
      (id, coder: inout Coder) throws(StateDecodingError) in
      switch Part(rawValue: id) {
      case .season: try season.code(&coder)
      case .band: try display.codeBand(&coder)
      case .account: try judge.codeAccount(&coder)
      case .episode: try judge.codeEpisode(&coder)
      case nil: return false
      }
      return true
    }
  }
}
