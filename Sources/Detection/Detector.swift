package import Series

/// The anomaly detector of one metric: strictly causal, bounded memory, one verdict per observation.
///
/// Deterministic: the same configuration and observations give the same verdicts, on every
/// instruction set within the rounding of float32 arithmetic, in one run or cut in two by
/// ``encode()`` and ``restored(from:configuration:)``.
package protocol Detector: AnyObject {
  /// What it judges.
  var family: Evidence.Family { get }
  /// What it was made with.
  var configuration: DetectorConfiguration { get }
  /// Bytes of memory that it takes, all included.
  var byteCount: Int { get }
  /// Observations judged so far, gaps left out.
  var seen: Int { get }
  /// What all kinds of evidence together may exceed without an alarm now, in decades, the storm
  /// guard apart.
  var alarmHeadroom: Float { get }
  /// Mean nanoseconds between two observations lately, where it is the detector that measures them;
  /// 0 where they are not known.
  var meanInterval: Double? { get }
  /// What it has learnt, for people.
  var learning: LearningFacts { get }
  /// What to report about the newest observation if it is the first of an episode of alarms.
  var symbolFacts: SymbolFacts? { get }
  /// The columns that contributed most to the newest observation if it is the first of an episode of
  /// alarms, greatest share first; empty for anything but rows of a model.
  var columnFacts: [ColumnFact] { get }

  /// Judges one observation, then learns from it. Does not allocate once the detector is warm,
  /// unless it alarms or a symbol is new.
  /// - Parameter next: the detector that will probably run next. Where there are too many to stay
  ///   in a cache, its memory is prefetched while this one computes. Changes nothing but time.
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

  /// Whether such evidence would alarm now, the storm guard apart.
  func alarms(on evidence: EvidenceVector, feedbackOffsets: EvidenceVector) -> Bool

  /// Takes back what the storm guard has added to the threshold for one event.
  func undoStormGuard()

  /// Charges an event that pages to the metric's own budget, once; to be called after each step with
  /// ``StepContext/isCharged``.
  /// - Parameter isPaging: whether an event is open that pages.
  func settle(isPaging: Bool)

  /// Prefetches a part of what the next step will read.
  func prefetch(_ stage: PrefetchStage)
}

/// What detectors judge.
package enum Observation: ~Escapable {
  /// The value of a sample; a gap where it is not finite.
  case value(Double)
  /// The symbol of a trace event: 1...``TraceEvent/longest`` bytes of UTF-8.
  case symbol(Span<UInt8>)
  /// A value for each column of a trained model; NaN for a gap.
  case row(Span<Double>)
}

/// What is decided about an observation outside of its detector.
package struct StepContext {
  /// Decades by which the threshold is raised, such as ``HostBudget/budgetOffset(_:)``; >= 0.
  /// Changes no score and nothing learnt.
  package var budgetOffset = 0.0
  /// Those decades that count for the length of the warm-up; nil: all.
  package var warmUpOffset: Double?
  /// Whether one alarm may come before the end of the warm-up, if its score is far above the
  /// threshold.
  package var mayAlarmEarly = false
  /// Whether alarms cost the metric's own budget, as no other one pays for them.
  package var isCharged = false
  /// What each kind of evidence must exceed in addition, in decades: ``FeedbackLedger/offsets(at:)``.
  package var feedbackOffsets: EvidenceVector
  /// Whether the detector learns. If not, weights, scales and calibrators stay as they are; only
  /// what it knows of the latest observations moves on.
  package var learns = true

  /// Nothing added, and learning.
  package init(_ family: Evidence.Family) {
    feedbackOffsets = EvidenceVector(family)
  }
}

/// A part of a detector's memory, in the order of use.
package enum PrefetchStage {
  /// The object itself, which holds the addresses of everything else.
  case object
  /// What every step searches whole.
  case shortMemories
  /// Everything else but the network.
  case longMemories
  /// The network, and what it learns from.
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
