import Glibc
import Networks
import Series

/// The state of a detector and the order in which one sample passes through it
/// (docs/detector.md).
struct DetectorCore: ~Copyable {
  /// Version of the stored state.
  private static let formatVersion: UInt32 = 3
  /// Equal values in a row after which one more of them is evidence of nothing: longer than any
  /// evidence looks back (144 samples), so what still speaks then is not the metric but the
  /// network's own learning.
  private static let stillness = 300
  /// Equal values in a row after which nothing is left of what a detector knew: as long as its
  /// calibrators remember.
  private static let oblivion = 8000

  private let memory: MemoryBlock<DetectorLayout>
  private let seed: UInt64
  private var forecaster: Forecaster
  private var displayGate = DisplayGate()
  private var band = CoverageBand()
  private var forgiveness: DailyProfile
  private var window8: WindowNovelty
  private var window48: WindowNovelty
  private var window144: WindowNovelty
  private var values: ValueMemory
  private var values3: ValueMemory
  private var drift: DriftEvidence
  private var quiet: QuietEvidence
  private var calibrators: InlineArray<8, TailCalibrator>
  private var runs = EvidenceRuns()
  private var threshold: AlarmThreshold
  private var levels: LevelTracker
  private var first = 0.0
  private var last = 0.0
  private var lastThree = InlineArray<3, Double>(repeating: 0)
  private var isHeld = false
  private var unmoved = 0
  /// What people's feedback adds to the base of each kind of evidence; not part of the state.
  var feedbackOffsets = SIMD8<Float>(repeating: 0)

  init(configuration: DetectorConfiguration) {
    self.init(
      seed: configuration.seed, threshold: AlarmThreshold(budget: configuration.alarmBudget),
      memory: MemoryBlock())
  }

  /// - Parameter memory: zeros.
  private init(
    seed: UInt64, threshold: AlarmThreshold, memory: consuming MemoryBlock<DetectorLayout>
  ) {
    let places = memory.places
    self.memory = memory
    self.seed = seed
    self.threshold = threshold
    forecaster = Forecaster(seed: seed, places: places.forecaster)
    forgiveness = DailyProfile(profile: places.dailyProfile)
    window8 = WindowNovelty(.window8, bank: places.window8)
    window48 = WindowNovelty(.window48, bank: places.window48)
    window144 = WindowNovelty(.window144, bank: places.window144)
    values = ValueMemory(lag: 1, values: places.values)
    values3 = ValueMemory(lag: 3, values: places.values3)
    drift = DriftEvidence(errors: places.driftErrors)
    quiet = QuietEvidence(changes: places.changes)
    calibrators = InlineArray { index in
      TailCalibrator(index < 2 ? .fast : .slow)
    }
    levels = LevelTracker(recent: places.levels)
  }

  /// Forgets everything but the event that may be open.
  ///
  /// What is learnt from a metric that does not move, scales of almost nothing, makes each of its
  /// movements look like the rarest thing in the world, and fades over days of movement. One alarm
  /// for the first of them is right; after that it is a metric of which nothing is known.
  private mutating func beginAnew() {
    var threshold = threshold
    threshold.beginAnew(seen: seen)
    let (seed, feedbackOffsets, last, isHeld) = (seed, feedbackOffsets, last, isHeld)
    memory.clear()
    self = DetectorCore(seed: seed, threshold: threshold, memory: memory)
    self.feedbackOffsets = feedbackOffsets
    self.last = last
    self.isHeld = isHeld
  }

  private var seen: Int { forecaster.seen }

  /// Asks for what every step searches whole.
  func prefetchShortMemories() {
    window8.prefetch()
    levels.prefetch()
  }

  /// Asks for everything else but the network.
  func prefetchLongMemories() {
    guard forecaster.isReady else { return }
    window48.prefetch()
    window144.prefetch()
    values.prefetch()
    values3.prefetch()
    forgiveness.prefetch()
    drift.prefetch()
    quiet.prefetch()
  }

  /// Asks for the network, and for what it learns from.
  func prefetchNetwork() {
    if forecaster.isReady { forecaster.prefetch() }
  }

  /// - Parameter next: whose memory to ask for on the way: in parts, since all at once would fill the
  ///   buffers in which the processor keeps what it waits for, and hold this step up.
  mutating func step(
    _ sample: Sample, budgetOffset: Double, scratch: TrainingScratch, next: ValueDetector?
  ) -> Verdict {
    next?.prefetch()
    let x = sample.value
    guard abs(x) <= ValueDetector.largestValue else { return skip(budgetOffset) }
    if seen == 0 {
      first = x
      last = x
    }
    let change = abs(x - last)
    let expectation = expect()
    var surprises = SIMD8<Float>(repeating: 0)
    if forecaster.isReady {
      weighForecasts(sample, expectation, &surprises)
    }
    weighHistory(x - first, change: change, scratch: scratch, next: next, &surprises)
    next?.core.prefetchNetwork()
    if forecaster.isReady {
      displayGate.learn(
        forecastError: abs(x - expectation.forecast), persistenceError: change)
    }
    let isFirstMove =
      change > 0 && forecaster.isReady && unmoved >= min(seen, DetectorCore.oblivion)
    unmoved = change > 0 ? 0 : min(unmoved + 1, DetectorCore.oblivion)
    if unmoved >= DetectorCore.stillness { surprises = SIMD8(repeating: 0) }
    runs.learn(surprises, drift: drift, quiet: quiet)
    let (score, reason) = Fusion.score(surprises, seen: seen, feedbackOffsets: feedbackOffsets)
    let alarm = threshold.judge(score, seen: seen, budgetOffset: budgetOffset)
    isHeld = alarm.isHeld
    // Looked up before learning moves the scale on which it was forecast.
    let usual =
      alarm.isAlarming && reason == .drift
      ? forecaster.scaler.unscaled(max(-12, min(12, drift.usual))) : nil
    levels.learn(score)
    let level = levels.level
    let reach = runs.reach(reason)
    last = x
    if isFirstMove {
      beginAnew()
    } else {
      forecaster.learn(x, at: sample.timestamp, scratch: scratch)
    }
    return Verdict(
      expected: expectation.shown, lower: expectation.lower, upper: expectation.upper,
      score: score, threshold: alarm.threshold, level: level,
      state: threshold.state(seen: seen, isHeld: isHeld, budgetOffset: budgetOffset),
      isAlarming: alarm.isAlarming, opensEvent: alarm.opens, reason: reason,
      reach: reach,
      usual: usual, evidence: surprises)
  }

  /// What all kinds of evidence together may exceed without an alarm, the storm guard apart.
  var alarmHeadroom: Float { Fusion.alarmHeadroom(below: threshold.budget, seen: seen) }

  /// Whether such evidence reaches the threshold, the storm guard apart.
  func isLoud(_ evidence: SIMD8<Float>) -> Bool {
    Double(Fusion.score(evidence, seen: seen, feedbackOffsets: feedbackOffsets).score)
      >= threshold.budget
  }

  /// Takes the storm guard's rise for one event back.
  mutating func undoStormGuard() { threshold.undoStormGuard() }

  private mutating func skip(_ budgetOffset: Double) -> Verdict {
    threshold.skip()
    return Verdict(
      expected: last, lower: .nan, upper: .nan, score: 0,
      threshold: Float(threshold.current(budgetOffset: budgetOffset)),
      level: levels.level,
      state: threshold.state(seen: seen, isHeld: isHeld, budgetOffset: budgetOffset),
      isAlarming: false, opensEvent: false, reason: nil,
      evidence: SIMD8(repeating: 0))
  }

  /// What is expected of a sample before it is looked at.
  private struct Expectation {
    /// The gated forecast, from which jumps are measured.
    var forecast: Double
    /// What is shown: the forecast, or the last value while that has been the better guess.
    var shown: Double
    /// What is shown, on the z scale.
    var scaled: Double = 0
    /// Scale of the one-step forecast on the z scale.
    var scale: Double = 1
    var lower = Double.nan
    var upper = Double.nan
  }

  private func expect() -> Expectation {
    guard forecaster.isReady else { return Expectation(forecast: last, shown: last) }
    let oneStep = forecaster.oneStepForecast
    let gated = Double(forecaster.gatedMean(oneStep))
    let forecast = forecaster.scaler.unscaled(max(-12, min(12, gated)))
    var result = Expectation(
      forecast: forecast, shown: forecast, scaled: gated, scale: Double(oneStep.scale))
    if !displayGate.showsForecast {
      result.scaled = Double(forecaster.latest)
      result.shown = last
    }
    let halfWidth = band.multiplier * result.scale
    result.lower = forecaster.scaler.unscaled(max(-15, min(15, result.scaled - halfWidth)))
    result.upper = forecaster.scaler.unscaled(max(-15, min(15, result.scaled + halfWidth)))
    keepPlausible(&result)
    return result
  }

  /// Keeps what is shown near the values that there were. Mapped back from the z scale, the band
  /// explodes where the metric comes in bursts; nobody believes in minus seven trillion bytes a second.
  private func keepPlausible(_ expectation: inout Expectation) {
    let (least, greatest) = (first + Double(values.least), first + Double(values.greatest))
    let range = greatest - least
    guard range > 0 else { return }
    // Remembered values are rounded: a zero may have become a little less.
    let isNeverNegative = least >= -1e-6 * range
    let floor = isNeverNegative ? max(0, least - range) : least - range
    let ceiling = greatest + range
    expectation.shown = max(floor, min(ceiling, expectation.shown))
    expectation.lower = max(floor, min(expectation.shown, expectation.lower))
    expectation.upper = min(ceiling, max(expectation.shown, expectation.upper))
  }

  /// Evidence from the forecasts: jump and drift. Also narrows or widens the band.
  private mutating func weighForecasts(
    _ sample: Sample, _ expectation: Expectation, _ surprises: inout SIMD8<Float>
  ) {
    let error = abs(sample.value - expectation.forecast)
    let jump = forgiveness.remaining(
      error, at: sample.timestamp, usual: calibrators[Evidence.jump.index].mean)
    weigh(.jump, jump, &surprises)
    let z = forecaster.scaler.scaled(sample.value)
    if seen >= Forecaster.primingSamples + Forecaster.longestHorizon {
      let far = forecaster.farForecast
      weigh(.drift, drift.evidence(z, mean: far.mean, scale: far.scale), &surprises)
    }
    band.learn(
      isOutside: abs(Double(z) - expectation.scaled) > band.multiplier * expectation.scale)
  }

  /// Evidence from the series itself: windows, values, stillness.
  private mutating func weighHistory(
    _ x: Double, change: Double, scratch: TrainingScratch, next: ValueDetector?,
    _ surprises: inout SIMD8<Float>
  ) {
    if let distance = window8.distance(x, scratch: scratch) {
      weigh(.window8, Double(distance), &surprises)
    }
    next?.core.prefetchShortMemories()
    if let distance = window48.distance(x, scratch: scratch) {
      weigh(.window48, Double(distance), &surprises)
    }
    if let distance = window144.distance(x, scratch: scratch) {
      weigh(.window144, Double(distance), &surprises)
    }
    next?.core.prefetchLongMemories()
    lastThree[seen % 3] = x
    for index in min(seen + 1, 3)..<3 { lastThree[index] = x }
    let distance = values.distance(Float(x))
    let distance3 = values3.distance(Float((lastThree[0] + lastThree[1] + lastThree[2]) / 3))
    if seen >= 16 {
      weigh(.value, Double(distance), &surprises)
      weigh(.value3, Double(distance3), &surprises)
    }
    if let stillness = quiet.evidence(change) {
      weigh(.quiet, stillness, &surprises)
    }
  }

  private mutating func weigh(
    _ kind: Evidence, _ value: Double, _ surprises: inout SIMD8<Float>
  ) {
    surprises[kind.index] = calibrators[kind.index].surprise(value)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(version: DetectorCore.formatVersion, seed: seed)
    try forecaster.code(&coder)
    try displayGate.code(&coder)
    try band.code(&coder)
    try forgiveness.code(&coder)
    try window8.code(&coder)
    try window48.code(&coder)
    try window144.code(&coder)
    try values.code(&coder)
    try values3.code(&coder)
    try drift.code(&coder)
    try quiet.code(&coder)
    for index in 0..<8 { try calibrators[index].code(&coder) }
    try runs.code(&coder)
    try threshold.code(&coder)
    try levels.code(&coder)
    try coder.code(&first)
    try coder.code(&last)
    for index in 0..<3 { try coder.code(&lastThree[index]) }
    try coder.code(&isHeld)
    try coder.code(&unmoved, in: 0...DetectorCore.oblivion, "equal values")
  }
}
