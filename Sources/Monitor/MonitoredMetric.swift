public import Detection
public import Events
public import Series

/// All that the daemon holds of one metric: its detector, its open event, its recent samples.
public struct MonitoredMetric {
  /// Samples seen, gaps included.
  public internal(set) var samples = 0
  /// Samples without a finite value.
  public internal(set) var missing = 0
  /// Times between two samples that were longer than three of the learnt intervals.
  public internal(set) var silences = 0
  /// The newest sample, nil before the first.
  public internal(set) var newest: Sample?
  /// What the detector said about it.
  public internal(set) var verdict: Verdict?
  /// The samples before it and itself.
  public internal(set) var history: RingBuffer
  /// What it has of the host's alarm budget; nil if it has a budget of its own.
  public internal(set) var share: BudgetShare?
  /// When the newest sample came, whatever its time stamp says; by the monitor's clock.
  package var heard: Duration
  /// What people have said about its events.
  public private(set) var feedback = FeedbackLedger()
  /// When the effect of that is next recomputed.
  private var feedbackDue = Timestamp(nanoseconds: .min)
  package var watcher: Watcher
  package var tracker: EventTracker
  package var interval = SamplingInterval()
  /// Which silences hold around its newest sample.
  package var silence = SilenceSpan.unknown
  /// What its detector had learnt before a silence that suppresses learning.
  package var kept: LearningSnapshot?

  /// A metric that has seen nothing.
  package init(
    watcher: Watcher, tracker: EventTracker, share: BudgetShare?,
    historyCapacity: Int, heard: Duration
  ) {
    self.share = share
    self.heard = heard
    self.watcher = watcher
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
  /// Events come in bursts: of those the mean counts, of samples the median. 0 where not known.
  private var usualNanoseconds: Int64 {
    symbols.map { Int64(max(0, min(9e18, $0.meanInterval))) } ?? interval.nanoseconds
  }
  /// Gaps of both kinds: missing values and silences.
  public var gaps: Int { missing + silences }

  /// The kinds of evidence that its detector weighs.
  public var family: Evidence.Family { watcher.family }
  /// The detector of a metric of values; nil for a stream of events.
  package var values: ValueDetector? {
    if case .values(let detector) = watcher { detector } else { nil }
  }
  /// The detector of a stream of events; nil for a metric of values.
  package var symbols: SequenceDetector? {
    if case .symbols(let detector) = watcher { detector } else { nil }
  }

  /// Whether it has had no sample for ten of its usual intervals, and at least five minutes.
  package func isSilent(at now: Duration) -> Bool {
    guard let usualInterval else { return false }
    return now - heard > max(usualInterval * 10, .seconds(300))
  }

  /// What one sample did.
  package struct Outcome {
    var transitions: [EventTransition]
    /// How long the metric had been silent, if that was unusual.
    var silence: Duration?
  }

  /// Takes a sample. Does not allocate once the detector is warm, unless an event opens, is
  /// reported again or closes.
  /// - Parameters:
  ///   - budget: the host's, of which it takes no alarm here: see ``HostMonitor/charge(_:)``.
  ///   - next: whose turn probably comes after it, see
  ///     ``ValueDetector/step(_:budgetOffset:next:)``.
  package mutating func advance(
    _ sample: Sample, budget: inout HostBudget, next: ValueDetector? = nil
  ) -> Outcome {
    var silence: Duration?
    if let newest {
      let step = sample.timestamp.nanoseconds &- newest.timestamp.nanoseconds
      if interval.observe(step: step) {
        silences += 1
        silence = .nanoseconds(step)
      }
    }
    samples += 1
    if !sample.value.isFinite { missing += 1 }
    newest = sample
    history.append(sample)
    guard let detector = values else {
      preconditionFailure("a stream of events takes no samples")
    }
    if sample.timestamp >= feedbackDue, !feedback.entries.isEmpty {
      refreshFeedback(at: sample.timestamp)
    }
    let judged = detector.step(sample, budgetOffset: budgetOffset(from: &budget), next: next)
    verdict = judged
    let transitions = tracker.advance(sample, judged, history: history)
    return Outcome(transitions: transitions, silence: silence)
  }

  /// Takes up what was said about one of its events.
  /// - Parameters:
  ///   - evidence: how rare each kind of evidence was when the event opened; nil if it was not
  ///     evidence that opened it, or that is not known: then nothing changes.
  ///   - at: when it was said; no later than the newest sample.
  package mutating func note(
    _ judgement: FeedbackLedger.Judgement, of event: EventID, evidence: SIMD8<Float>?,
    at: Timestamp? = nil
  ) {
    guard let evidence, let newest = newest?.timestamp else { return }
    feedback.note(
      judgement, of: event, evidence: evidence, limit: watcher.alarmHeadroom,
      at: min(at ?? newest, newest))
    if judgement == .confirmed { watcher.undoStormGuard() }
    watcher.feedbackOffsets = feedback.offsets(at: newest)
  }

  /// Forgets what was said about an event.
  package mutating func withdraw(_ event: EventID) {
    guard feedback.withdraw(event), let newest else { return }
    watcher.feedbackOffsets = feedback.offsets(at: newest.timestamp)
  }

  /// What people's feedback adds to the base of each kind of evidence now, in decades.
  public var feedbackOffsets: SIMD8<Float> { watcher.feedbackOffsets }

  /// Whether an event would open now on such evidence, the guard against storms apart.
  package func wouldOpen(on evidence: SIMD8<Float>) -> Bool {
    watcher.isLoud(evidence)
  }

  /// Takes feedback and its effect up where a saved state left them.
  package mutating func restore(_ feedback: FeedbackLedger) {
    self.feedback = feedback
    if let newest { watcher.feedbackOffsets = feedback.offsets(at: newest.timestamp) }
  }

  /// The effect fades by a thousandth in half an hour.
  private mutating func refreshFeedback(at moment: Timestamp) {
    watcher.feedbackOffsets = feedback.offsets(at: moment)
    feedbackDue = moment.advanced(by: .seconds(1800))
  }

  /// Takes an event; what goes into the history is how surprising it was. Does not allocate once
  /// the detector is warm, unless an id is new or an event opens, is reported again or closes.
  /// - Parameter budget: as for values.
  package mutating func advance(
    event id: Span<UInt8>, at timestamp: Timestamp, budget: inout HostBudget
  ) -> Outcome {
    guard case .symbols(let detector) = watcher else {
      preconditionFailure("a metric of values takes no events")
    }
    if timestamp >= feedbackDue, !feedback.entries.isEmpty { refreshFeedback(at: timestamp) }
    let judged = detector.step(id, at: timestamp, budgetOffset: budgetOffset(from: &budget))
    let sample = Sample(timestamp: timestamp, value: judged.value)
    samples += 1
    newest = sample
    history.append(sample)
    verdict = judged.verdict
    let transitions = tracker.advance(
      sample, judged.verdict, history: history, symbols: judged.facts)
    return Outcome(transitions: transitions)
  }

  /// Earns its share of the host's budget.
  /// - Returns: decades by which the budget raises its threshold now.
  private mutating func budgetOffset(from budget: inout HostBudget) -> Double {
    guard var own = share else { return 0 }
    let budgetOffset = budget.budgetOffset(own)
    budget.earn(&own, interval: usualNanoseconds)
    share = own
    return budgetOffset
  }

  /// Goes on with room for another number of recent samples.
  package mutating func resizeHistory(to capacity: Int) {
    guard capacity != history.capacity else { return }
    let kept = history.samples(last: capacity)
    history = RingBuffer(capacity: capacity)
    for sample in kept { history.append(sample) }
  }

  /// Bytes that this metric takes, history included, its name and the table's entry not.
  package var byteCount: Int {
    watcher.byteCount + MemoryLayout<MonitoredMetric>.stride + history.byteCount
  }

  /// Bytes that a metric of values takes, history included, its name and the table's entry not.
  package static func byteCount(historyCapacity: Int) -> Int {
    ValueDetector.byteCount + MemoryLayout<MonitoredMetric>.stride
      + RingBuffer.byteCount(capacity: historyCapacity)
  }
}
