package import Series

/// The anomaly detector of one metric: strictly causal, bounded memory, one verdict per observation.
///
/// Deterministic: the same configuration and observations give the same verdicts, on every
/// instruction set within the rounding of float32 arithmetic, in one run or cut in two by
/// ``encode()`` and ``restored(from:configuration:)``.
package protocol Detector: AnyObject {
  /// What it judges.
  var family: Evidence.Family { get }
  /// The configuration that it was created with.
  var configuration: DetectorConfiguration { get }
  /// Bytes of memory in use, all included.
  var byteCount: Int { get }
  /// Observations judged so far, excluding gaps.
  var seen: Int { get }
  /// By how much all kinds of evidence together may exceed their offsets without an alarm now, in
  /// decades, ignoring the storm guard.
  var alarmHeadroom: Float { get }
  /// Mean nanoseconds between two recent observations, if the detector measures them; 0 if unknown.
  var meanInterval: Double? { get }
  /// A summary of the learnt state.
  var learning: LearningFacts { get }
  /// What to report about the newest observation if it is the first of an episode of alarms.
  var symbolFacts: SymbolFacts? { get }
  /// The columns that contributed most to the newest observation if it is the first of an episode
  /// of alarms, in descending order of share; empty except for rows of a model.
  var columnFacts: [ColumnFact] { get }

  /// Judges one observation, then learns from it. Does not allocate once the detector is warm,
  /// unless it alarms or a symbol is new.
  /// - Parameter next: the detector that will probably run next. If there are too many to stay in a
  ///   cache, its memory is prefetched while this one computes. Affects only the time taken.
  /// - Returns: the verdict. An observation of a kind that the detector does not judge is a gap.
  func step(
    _ observation: Observation, at timestamp: Timestamp, _ context: StepContext,
    next: (any Detector)?
  ) -> Verdict

  /// The whole state.
  func encode() -> [UInt8]

  /// A detector that continues from stored state as if nothing had happened.
  /// - Parameter bytes: from ``encode()``, with the same seed; the alarm budget may differ.
  /// - Throws: ``StateDecodingError`` for anything else.
  func restored(
    from bytes: [UInt8], configuration: DetectorConfiguration
  ) throws(StateDecodingError) -> any Detector

  /// Whether such evidence would alarm now, ignoring the storm guard.
  func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool

  /// Reverts the storm guard's increase of the threshold for one event.
  func undoStormGuard()

  /// Charges a paging event to the metric's own budget, once; call it after each step with
  /// ``StepContext/isCharged``.
  /// - Parameter isPaging: whether an open event pages.
  func settle(isPaging: Bool)

  /// Prefetches a part of the memory that the next step will read.
  func prefetch(_ stage: PrefetchStage)
}

/// What detectors judge.
package enum Observation: ~Escapable {
  /// The value of a sample; a gap if it is not finite.
  case value(Double)
  /// The symbol of a trace event: 1...``TraceEvent/longest`` bytes of UTF-8.
  case symbol(Span<UInt8>)
  /// A value for each column of a trained model; NaN for a gap.
  case row(Span<Double>)
}

/// Facts about an observation that are decided outside its detector.
package struct StepContext {
  /// Decades by which the threshold is raised, such as ``HostBudget/budgetOffset(_:)``; >= 0.
  /// Affects neither scores nor learning.
  package var budgetOffset = 0.0
  /// The part of those decades that counts for the length of the warm-up; nil: all.
  package var warmUpOffset: Double?
  /// Whether one alarm may come before the end of the warm-up, if its score is far above the
  /// threshold.
  package var mayAlarmEarly = false
  /// Whether alarms are charged to the metric's own budget, since no other one pays for them.
  package var isCharged = false
  /// Additional offset of each kind of evidence, in decades: ``FeedbackLedger/offsets(at:)``.
  package var feedbackOffsets: EvidenceVector
  /// Whether the detector learns. If not, weights, scales and calibrators keep their values; only
  /// short-term state advances.
  package var learns = true
  /// Whether the calibrators learn as well; not from observations that have been learnt before.
  package var calibrates = true

  /// Nothing added, and learning.
  package init(_ family: Evidence.Family) {
    feedbackOffsets = EvidenceVector(family)
  }
}

/// A part of a detector's memory, in the order of use.
package enum PrefetchStage {
  /// The object itself, which holds the addresses of everything else.
  case object
  /// Memory that every step searches completely.
  case shortMemories
  /// Everything else except the network.
  case longMemories
  /// The network, and the memory that it learns from.
  case network
}

extension Detector {
  package var meanInterval: Double? { nil }
  package var symbolFacts: SymbolFacts? { nil }
  package var columnFacts: [ColumnFact] { [] }
  package func prefetch(_ stage: PrefetchStage) {}
  package func settle(isPaging: Bool) {}

  /// Judges a sample.
  package func step(
    _ sample: Sample, budgetOffset: Double = 0, next: (any Detector)? = nil
  ) -> Verdict {
    var context = StepContext(family)
    context.budgetOffset = budgetOffset
    return step(.value(sample.value), at: sample.timestamp, context, next: next)
  }

  /// Judges the symbol of a trace event.
  package func step(
    _ symbol: Span<UInt8>, at timestamp: Timestamp, budgetOffset: Double = 0
  ) -> Verdict {
    var context = StepContext(family)
    context.budgetOffset = budgetOffset
    return step(.symbol(symbol), at: timestamp, context, next: nil)
  }
}
