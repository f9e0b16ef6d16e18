public import Detection
public import Events
public import Series

/// The complete state of one metric: its detector, its open event, its recent samples.
public struct MonitoredMetric {
  /// Samples seen, gaps included.
  public internal(set) var samples = 0
  /// Samples without a finite value.
  public internal(set) var missing = 0
  /// Intervals between two samples that were longer than three of the learnt intervals.
  public internal(set) var silences = 0
  /// The newest sample, nil before the first.
  public internal(set) var newest: Sample?
  /// The verdict on it.
  public internal(set) var verdict: Verdict?
  /// The recent samples, including the newest.
  public internal(set) var history: RingBuffer
  /// Its share of the host's alarm budget; nil if it has a budget of its own.
  public internal(set) var share: BudgetShare?
  /// When the newest sample arrived, whatever its time stamp; by the monitor's clock.
  package var heard: Duration
  /// User feedback on its events.
  public private(set) var feedback = FeedbackLedger()
  /// State that hardly any metric needs, allocated separately: zero or one.
  private var exceptions: [Exceptional] = []
  package var detector: any Detector
  package var tracker: EventTracker
  package var interval = SamplingInterval()
  /// The silences in force around its newest sample.
  package var silence = SilenceSpan.unknown
  /// Its detector's state before a silence that suppresses learning.
  package var kept: LearningSnapshot?

  private struct Exceptional {
    /// The present effect of feedback; nil: there is no feedback.
    var offsets: EvidenceVector?
    /// When that is next recomputed: it decays by a thousandth in half an hour.
    var due = Timestamp(nanoseconds: .min)
    var frozenSince: Timestamp?

    var isNeedless: Bool { offsets == nil && frozenSince == nil }
  }

  /// A metric that has seen nothing.
  package init(
    detector: any Detector, tracker: EventTracker, share: BudgetShare?,
    historyCapacity: Int, heard: Duration
  ) {
    self.share = share
    self.heard = heard
    self.detector = detector
    self.tracker = tracker
    history = RingBuffer(capacity: historyCapacity)
  }

  /// The metric.
  public var name: MetricName { tracker.metric }
  /// The event that is open now.
  public var openEvent: Event? { tracker.openEvent }
  /// The usual time between two samples; nil until it is known.
  public var usualInterval: Duration? {
    usualNanoseconds > 0 ? .nanoseconds(usualNanoseconds) : nil
  }
  /// 0 if unknown.
  private var usualNanoseconds: Int64 {
    detector.meanInterval.map { Int64(max(0, min(9e18, $0))) } ?? interval.nanoseconds
  }
  /// How long its detector must still learn before it can alarm; nil if it already can, or if that
  /// is unknown.
  public var learningLeft: Duration? {
    guard case .warmingUp(let seen, let needed)? = verdict?.state else { return nil }
    return usualInterval.map { $0 * (needed - seen) }
  }
  /// Whether its detector cannot alarm yet.
  package var isLearning: Bool {
    switch verdict?.state {
    case nil, .warmingUp: true
    case .normal, .anomalous: false
    }
  }
  /// Gaps of both kinds: missing values and late samples.
  public var gaps: Int { missing + silences }

  /// Whether a detector judges it (`Detect=`).
  public var isJudged: Bool { detector.configuration.judges }

  /// A summary of its detector's learnt state.
  public var learning: LearningFacts { detector.learning }
  /// What its detector judges.
  public var family: Evidence.Family { detector.family }
  /// The detector of a trace; nil for a metric of values.
  package var symbols: SequenceDetector? { detector as? SequenceDetector }

  /// Whether it has had no sample for ten of its usual intervals, and at least five minutes.
  package func isSilent(at now: Duration) -> Bool {
    guard let usualInterval else { return false }
    return now - heard > max(usualInterval * 10, .seconds(300))
  }

  /// Whether it has had no sample for so long, an hour and twenty of its usual intervals, that an
  /// open event says nothing about the present.
  func isGone(at now: Duration) -> Bool {
    now - heard > max((usualInterval ?? .zero) * 20, .seconds(3600))
  }

  /// The result of one observation.
  package struct Outcome {
    var transitions: [EventTransition]
    /// How long the metric had been without a sample, if unusually long.
    var silence: Duration?
  }

  /// Processes an observation; for a symbol, the history records how surprising it was. Does not
  /// allocate once the detector is warm, unless a symbol is new, or an event opens, is updated or
  /// closes.
  /// - budget: the host's; alarms are charged elsewhere, see ``StepQueue``.
  ///   - budget: the host's, to which it charges no alarm here: see ``StepQueue``.
  ///   - next: the detector that will probably run next, see ``Detector/step(_:at:_:next:)``.
  package mutating func advance(
    _ observation: Observation, at timestamp: Timestamp, budget: inout HostBudget,
    next: (any Detector)? = nil
  ) -> Outcome {
    var silence: Duration?
    let family = detector.family
    if let newest, family != .symbols {
      let step = timestamp.nanoseconds &- newest.timestamp.nanoseconds
      if interval.observe(step: step) {
        silences += 1
        silence = .nanoseconds(step)
        if .nanoseconds(step) > EventTracker.longestGap, newest.timestamp < timestamp {
          tracker.noteGap(newest.timestamp...timestamp)
        }
      }
    }
    var context = StepContext(family)
    if !exceptions.isEmpty { applyExceptions(to: &context, at: timestamp) }
    // A detector that started over has seen less than its metric's age suggests.
    if share != nil, samples - missing == detector.seen {
      context.warmUpOffset = budget.sizeOffset
      // Allows one early alarm and the rest of its event: it uses up the budget.
      context.mayAlarmEarly = budget.overdraft == 0 || tracker.isOpen
    }
    context.budgetOffset = budgetOffset(from: &budget)
    context.isCharged = share == nil
    var verdict = detector.step(observation, at: timestamp, context, next: next)
    if let possible = tracker.possible { verdict.keepExpectation(within: possible) }
    let sample = Sample(timestamp: timestamp, value: verdict.value)
    samples += 1
    if !sample.value.isFinite {
      missing += 1
      tracker.noteGap(timestamp...timestamp)
    }
    newest = sample
    history.append(sample)
    self.verdict = verdict
    let transitions =
      verdict.alarm == .first
      ? tracker.advance(
        sample, verdict, history: history, symbols: detector.symbolFacts,
        columns: detector.columnFacts)
      : tracker.advance(sample, verdict, history: history)
    if context.isCharged { detector.settle(isPaging: tracker.isPaging) }
    return Outcome(transitions: transitions, silence: silence)
  }

  /// Adds user feedback on one of its events.
  /// - Parameters:
  ///   - evidence: how rare each kind of evidence was when the event opened; nil if it was not
  ///     evidence that opened it, or that is not known: then nothing changes.
  ///   - at: when it was given; no later than the newest sample.
  package mutating func note(
    _ judgement: Judgement, of event: EventID, evidence: EvidenceVector?,
    at: Timestamp? = nil
  ) {
    guard let evidence, evidence.family == family, let newest = newest?.timestamp else { return }
    feedback.note(
      judgement, of: event, evidence: evidence, limit: detector.alarmHeadroom,
      at: min(at ?? newest, newest))
    if judgement == .confirmed {
      detector.undoStormGuard()
      tracker.forgetEarlierEvents()
    }
    refreshFeedback(at: newest)
  }

  /// Removes the feedback on an event.
  package mutating func withdraw(_ event: EventID) {
    guard feedback.withdraw(event), let newest else { return }
    refreshFeedback(at: newest.timestamp)
  }

  /// The present additional offset of each kind of evidence because of feedback, in decades.
  public var feedbackOffsets: EvidenceVector {
    exceptions.first?.offsets ?? EvidenceVector(family)
  }

  /// Whether such evidence would open an event now, ignoring the storm guard.
  package func wouldOpen(on evidence: EvidenceVector) -> Bool {
    detector.alarms(on: evidence, feedbackOffsets: feedbackOffsets)
  }

  /// Restores feedback and its effect.
  package mutating func restore(_ feedback: FeedbackLedger) {
    self.feedback = feedback
    if let newest { refreshFeedback(at: newest.timestamp) }
  }

  /// - Parameter due: when the next refresh is due; nil: unchanged.
  private mutating func refreshFeedback(at moment: Timestamp, due: Timestamp? = nil) {
    var exceptional = exceptions.first ?? Exceptional()
    exceptional.offsets = feedback.entries.isEmpty ? nil : feedback.offsets(at: moment)
    if let due { exceptional.due = due }
    exceptions = exceptional.isNeedless ? [] : [exceptional]
  }

  /// Since when its detector has been frozen by a user, by the monitor's clock; nil if it learns.
  public internal(set) var frozenSince: Timestamp? {
    get { exceptions.first?.frozenSince }
    set {
      var exceptional = exceptions.first ?? Exceptional()
      exceptional.frozenSince = newValue
      exceptions = exceptional.isNeedless ? [] : [exceptional]
    }
  }

  private mutating func applyExceptions(to context: inout StepContext, at timestamp: Timestamp) {
    if exceptions[0].offsets != nil {
      if timestamp >= exceptions[0].due {
        refreshFeedback(at: timestamp, due: timestamp.advanced(by: .seconds(1800)))
      }
      if let offsets = exceptions.first?.offsets { context.feedbackOffsets = offsets }
    }
    // A detector that has learnt nothing yet could not judge either.
    if exceptions.first?.frozenSince != nil { context.learns = isLearning }
  }

  /// Earns its share of the host's budget.
  /// - Returns: decades by which the budget currently raises its threshold.
  private mutating func budgetOffset(from budget: inout HostBudget) -> Double {
    guard var own = share else { return 0 }
    let budgetOffset = budget.budgetOffset(own)
    budget.earn(&own, interval: usualNanoseconds)
    share = own
    return budgetOffset
  }

  /// Discards everything that refers to a replaced detector: its latest verdict, and the state
  /// saved for a silence.
  mutating func discardJudgements() {
    verdict = nil
    kept = nil
    silence = .unknown
    restore(feedback)
  }

  /// Takes over the counters and recent samples of another metric, since it has none itself.
  mutating func continueCounting(from stored: StoredMetric) {
    (samples, missing, silences) = (stored.samples, stored.missing, stored.silences)
    (newest, verdict) = (stored.newest, stored.verdict)
    for sample in stored.history { history.append(sample) }
  }

  /// Changes the number of recent samples kept.
  package mutating func resizeHistory(to capacity: Int) {
    guard capacity != history.capacity else { return }
    let kept = history.samples(last: capacity)
    history = RingBuffer(capacity: capacity)
    for sample in kept { history.append(sample) }
  }

  /// Bytes that this metric takes, including its history but not its name and its table entry.
  package var byteCount: Int {
    detector.byteCount + MemoryLayout<MonitoredMetric>.stride + history.byteCount
  }

  /// Bytes that a metric of values takes, including its history but not its name and its table
  /// entry.
  package static func byteCount(historyCapacity: Int) -> Int {
    ValueDetector.byteCount + MemoryLayout<MonitoredMetric>.stride
      + RingBuffer.byteCount(capacity: historyCapacity)
  }
}
