import Networks
import Series

/// Turns evidence into verdicts: calibrators, fusion, threshold, level and band of one detector.
///
/// Its threshold has the only hold-off counted in samples; `EventTracker` makes the events that
/// people see.
package struct Judge {
  private let family: Evidence.Family
  /// One for each kind of the family, by lane.
  private let meters: UnsafeMutablePointer<EvidenceMeter>
  /// The lanes whose evidence counted in the newest observation, as bits.
  private var counting: UInt16 = 0
  private var threshold: AlarmThreshold
  private var levels: LevelTracker
  /// The band shown around the expected value.
  var band = CoverageBand()
  private var isHeld = false
  private let omitted: DetectorParts

  /// A judge that has seen nothing, with zeroed memory at `places`.
  init(
    _ family: Evidence.Family, threshold: AlarmThreshold, places: JudgePlaces,
    omitting omitted: DetectorParts = []
  ) {
    self.family = family
    self.omitted = omitted
    self.threshold = threshold
    meters = places.meters
    levels = LevelTracker(recent: places.levels)
    for (lane, evidence) in family.kinds.enumerated() {
      (meters + lane).initialize(to: EvidenceMeter(evidence.kind))
    }
  }

  /// A judge for a detector that starts afresh after `seen` samples, on memory that is zeroed
  /// again; it keeps only the open event, if any.
  func begunAnew(seen: Int, places: JudgePlaces) -> Judge {
    var threshold = threshold
    threshold.beginAnew(seen: seen)
    var judge = Judge(family, threshold: threshold, places: places, omitting: omitted)
    judge.isHeld = isHeld
    return judge
  }

  private var kindCount: Int { Fusion.constants(of: family).count }

  /// Begins to weigh the evidence of one observation.
  func scales(learns: Bool) -> Scales { Scales(family, meters: meters, learns: learns) }

  /// An observation and its expectation.
  struct Expectation {
    var value: Double
    var expected: Double
    var lower: Double
    var upper: Double
  }

  /// Judges an observation that follows `seen` earlier ones by its evidence.
  ///
  /// ``Verdict/state`` is that of the samples before it: see ``state(seen:_:)``.
  /// - Parameter sources: provide the onset of evidence that begins to count.
  mutating func judge(
    _ evidence: EvidenceVector, of expectation: Expectation, seen: Int,
    _ context: StepContext, sources: some EvidenceSource
  ) -> Verdict {
    let constants = Fusion.constants(of: family)
    if constants.knowsOnset {
      let exceeding = evidence.decades.replacing(
        with: -1, where: evidence.decades .<= constants.offsets + Fusion.base)
      var counts: UInt16 = 0
      exceeding.forEachLane(below: constants.count) { lane, value in
        if value >= 0 { counts |= 1 << UInt16(truncatingIfNeeded: lane) }
      }
      // Most of the time no evidence counts, now or before.
      if counts | counting != 0 { noteOnsets(counts, sources) }
    }
    let sum = Fusion.sum(evidence, feedback: context.feedbackOffsets, omitting: omitted)
    let score = Fusion.score(sum, of: family, seen: seen, omitting: omitted)
    let lane = sum.lane
    let ruling = threshold.judge(
      score, seen: seen, budgetOffset: context.budgetOffset, warmUpOffset: context.warmUpOffset,
      isCharged: context.isCharged, mayAlarmEarly: context.mayAlarmEarly,
      value: expectation.value, renews: Fusion.renews(evidence, feedback: context.feedbackOffsets))
    isHeld = ruling.isHeld
    levels.learn(score)
    return Verdict(
      value: expectation.value, expected: expectation.expected, lower: expectation.lower,
      upper: expectation.upper, score: score, threshold: ruling.threshold, level: levels.level,
      state: .normal, alarm: ruling.alarm, pages: ruling.pages,
      reason: constants.evidence(on: lane),
      reach: constants.knowsOnset ? meters[lane].reach : 0, evidence: evidence)
  }

  /// Records which lanes have evidence that counts.
  @inline(never)
  private mutating func noteOnsets(_ counts: UInt16, _ sources: some EvidenceSource) {
    counting = counts
    for lane in 0..<kindCount {
      meters[lane].note(counts & 1 << UInt16(lane) != 0) { sources.delay(of: lane) ?? 0 }
    }
  }

  /// Counts a missing observation.
  mutating func skip(
    _ value: Double, expected: Double, seen: Int, _ context: StepContext
  ) -> Verdict {
    threshold.skip()
    return Verdict(
      value: value, expected: expected, lower: .nan, upper: .nan, score: 0,
      threshold: Float(threshold.current(budgetOffset: context.budgetOffset)),
      level: levels.level, state: state(seen: seen, context),
      alarm: .none, reason: nil, evidence: EvidenceVector(family))
  }

  /// The state of a detector after `seen` observations, the newest of them judged.
  func state(seen: Int, _ context: StepContext) -> DetectorState {
    threshold.state(
      seen: seen, isHeld: isHeld, budgetOffset: context.warmUpOffset ?? context.budgetOffset)
  }

  /// By how much all kinds of evidence together may exceed their offsets without an alarm after
  /// `seen` observations, ignoring the storm guard.
  func alarmHeadroom(seen: Int) -> Float {
    Fusion.alarmHeadroom(below: threshold.budget, of: family, seen: seen)
  }

  /// Whether such evidence reaches the threshold after `seen` observations, ignoring the storm
  /// guard.
  func alarms(on evidence: EvidenceVector, seen: Int, feedback: EvidenceVector) -> Bool {
    let sum = Fusion.sum(evidence, feedback: feedback)
    let score = Fusion.score(sum, of: family, seen: seen)
    return Double(score) >= threshold.budget
  }

  /// The score that alarms, without the storm guard and budget debts.
  func ownThreshold(budgetOffset: Double) -> Double { threshold.budget + budgetOffset }

  /// Reverts the storm guard's increase for one event.
  mutating func undoStormGuard() { threshold.undoStormGuard() }

  /// See ``PagingAccount/settle(isPaging:)``.
  mutating func settle(isPaging: Bool) { threshold.settle(isPaging: isPaging) }

  /// The usual size of each kind of evidence, by lane.
  var usualEvidence: [Float] { (0..<kindCount).map { meters[$0].calibrator.mean } }

  /// Prefetches what every observation reads.
  func prefetch() {
    Memory.prefetch(meters, count: kindCount)
    levels.prefetch()
  }
}

/// The judge's part of a detector's memory.
struct JudgePlaces {
  let meters: UnsafeMutablePointer<EvidenceMeter>
  let levels: UnsafeMutablePointer<UInt16>

  init(_ family: Evidence.Family, _ cursor: inout MemoryCursor) {
    meters = cursor.take(family.kinds.count)
    levels = cursor.take(LevelTracker.window)
  }
}

extension Judge {
  /// Each meter is stored under the id of its evidence, so that adding a kind does not break stored
  /// state.
  mutating func code<Coder: StateCoder>(_ coder: inout Coder) throws(StateDecodingError) {
    try band.code(&coder)
    let (family, meters) = (family, meters)
    try coder.code(parts: family.kinds.map(\.id)) {
      (id, coder: inout Coder) throws(StateDecodingError) in
      guard let kind = Evidence(id: id)?.kind, kind.family == family else { return false }
      try meters[kind.lane].code(&coder)
      return true
    }
    findCounting()
    try threshold.code(&coder)
    try levels.code(&coder)
    try coder.code(&isHeld)
  }

  private mutating func findCounting() {
    counting = 0
    for lane in 0..<kindCount where meters[lane].counts { counting |= 1 << UInt16(lane) }
  }

  mutating func codeAccount(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try threshold.codeAccount(&coder)
  }

  mutating func codeEpisode(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try threshold.codeEpisode(&coder)
  }

  // MARK: Version 0.1

  /// The meters as version 0.1 stored them: eight calibrators by lane, and for values the runs.
  mutating func decodeMeters01(_ coder: inout some StateCoder) throws(StateDecodingError) {
    let count = kindCount
    for lane in 0..<8 {
      var unused = TailCalibrator(.slow)
      if lane < count {
        try meters[lane].calibrator.code(&coder)
      } else {
        try unused.code(&coder)
      }
    }
    guard family == .values else { return }
    for lane in 0..<8 { try meters[lane].codeLength(&coder) }
    findCounting()
    try meters[DriftEvidence.kind.lane].codeDelay(&coder)
    try meters[QuietEvidence.kind.lane].codeDelay(&coder)
    meters[WindowEvidence.medium.lane].restoreDelay(
      WindowNovelty.Span.window48.aggregate - 1)
    meters[WindowEvidence.long.lane].restoreDelay(
      WindowNovelty.Span.window144.aggregate - 1)
  }

  mutating func decodeThreshold01(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try threshold.code(&coder)
    try levels.code(&coder)
  }

  mutating func decodeHold01(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&isHeld)
  }
}
