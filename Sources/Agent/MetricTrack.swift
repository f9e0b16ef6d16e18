public import Detection
public import Series

/// All that the daemon holds of one metric: its detector, its open event, its recent samples.
public struct MetricTrack {
  /// The metric.
  public let name: MetricName
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
  /// What it has of the host's alarm budget; nil where it has a budget of its own.
  public internal(set) var share: BudgetShare?
  /// When the newest sample came, whatever its time stamp says; by the pipeline's clock.
  var heard: Duration
  /// What people have said about its events.
  public private(set) var feedback = FeedbackLedger()
  /// When the effect of that is next worked out anew.
  private var feedbackDue = Timestamp(nanoseconds: .min)
  var detector: Detector
  var tracker: EventTracker
  var interval = SamplingInterval()
  /// Which silences hold around its newest sample.
  var silence = SilenceSpan.unknown
  /// What its detector had learnt before a silence that suppresses learning.
  var kept: KeptLearning?

  /// A metric that has seen nothing.
  init(
    name: MetricName, detector: Detector, tracker: EventTracker, share: BudgetShare?,
    historyCapacity: Int, heard: Duration
  ) {
    self.name = name
    self.share = share
    self.heard = heard
    self.detector = detector
    self.tracker = tracker
    history = RingBuffer(capacity: historyCapacity)
  }

  /// The event that is open now.
  public var openEvent: Event? { tracker.openEvent }
  /// The usual time between two samples; nil until it is known.
  public var usualInterval: Duration? {
    interval.nanoseconds > 0 ? .nanoseconds(interval.nanoseconds) : nil
  }
  /// Gaps of both kinds: missing values and silences.
  public var gaps: Int { missing + silences }

  /// The kinds of evidence that its detector weighs.
  var evidenceFamily: Evidence.Family { .values }

  /// Whether it has had no sample for ten of its usual intervals, and at least five minutes.
  func isSilent(at now: Duration) -> Bool {
    guard let usualInterval else { return false }
    return now - heard > max(usualInterval * 10, .seconds(300))
  }

  /// What one sample did.
  struct Outcome {
    var transitions: [EventTransition]
    /// How long the metric had been silent, if that was unusual.
    var silence: Duration?
  }

  /// Takes a sample. Does not allocate once the detector is warm, unless an event opens, is
  /// told again or closes.
  /// - Parameter budget: the host's, of which it takes no alarm here: see ``Pipeline/charge(_:)``.
  mutating func advance(_ sample: Sample, budget: inout HostBudget) -> Outcome {
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
    var raise = 0.0
    if var own = share {
      raise = budget.raise(own)
      budget.earn(&own, interval: interval.nanoseconds)
      share = own
    }
    if sample.timestamp >= feedbackDue, !feedback.entries.isEmpty { refreshFeedback(sample) }
    let judged = detector.step(sample, raise: raise)
    verdict = judged
    let transitions = tracker.advance(sample, judged, history: history)
    return Outcome(transitions: transitions, silence: silence)
  }

  /// Takes up what was said about one of its events.
  /// - Parameters:
  ///   - evidence: how rare each kind of evidence was when the event opened; nil where it was not
  ///     evidence that opened it, or that is not known: then nothing changes.
  ///   - at: when it was said; no later than the newest sample.
  mutating func note(
    _ judgement: FeedbackLedger.Judgement, of event: EventID, evidence: SIMD8<Float>?,
    at: Timestamp? = nil
  ) {
    guard let evidence, let newest = newest?.timestamp else { return }
    feedback.note(
      judgement, of: event, evidence: evidence, limit: detector.quietSum,
      at: min(at ?? newest, newest))
    if judgement == .confirmed { detector.forgiveEvent() }
    detector.raised = feedback.raised(at: newest)
  }

  /// Forgets what was said about an event.
  mutating func withdraw(_ event: EventID) {
    guard feedback.withdraw(event), let newest else { return }
    detector.raised = feedback.raised(at: newest.timestamp)
  }

  /// What people's feedback adds to the base of each kind of evidence now, in decades.
  public var raised: SIMD8<Float> { detector.raised }

  /// Whether an event would open now on such evidence, the guard against storms apart.
  func wouldOpen(on evidence: SIMD8<Float>) -> Bool {
    detector.isLoud(evidence)
  }

  /// Takes feedback and its effect up where a saved state left them.
  mutating func restore(_ feedback: FeedbackLedger) {
    self.feedback = feedback
    if let newest { detector.raised = feedback.raised(at: newest.timestamp) }
  }

  /// The effect fades by a thousandth in half an hour.
  private mutating func refreshFeedback(_ sample: Sample) {
    detector.raised = feedback.raised(at: sample.timestamp)
    feedbackDue = sample.timestamp.advanced(by: .seconds(1800))
  }

  /// Goes on with room for another number of recent samples.
  mutating func resizeHistory(to capacity: Int) {
    guard capacity != history.capacity else { return }
    let kept = history.samples(last: capacity)
    history = RingBuffer(capacity: capacity)
    for sample in kept { history.append(sample) }
  }

  /// Bytes that a metric takes, history included, its name and the table's entry not.
  static func byteCount(historyCapacity: Int) -> Int {
    Detector.byteCount + MemoryLayout<MetricTrack>.stride + 8 * historyCapacity
  }
}
