/// The state of a detector.
public enum MetricState: String, Codable, CaseIterable, Sendable {
  /// No alarms yet.
  case warming
  /// No open event.
  case normal
  /// An open event.
  case anomalous
}

/// Progress of a metric's warm-up.
public struct WarmUp: Codable, Equatable, Sendable {
  /// Samples seen.
  public var seen: Int
  /// Samples needed before alarms begin, more than `seen`.
  public var needed: Int
  /// When it will end at the present sampling interval; nil if unknown.
  public var expectedEnd: Moment?

  /// Creates a progress.
  public init(seen: Int, needed: Int, expectedEnd: Moment?) {
    self.seen = seen
    self.needed = needed
    self.expectedEnd = expectedEnd
  }
}

/// One metric in a list.
public struct MetricSummary: Codable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// The state of its detector.
  public var state: MetricState
  /// Progress of the warm-up; nil unless warming.
  public var warmUp: WarmUp?
  /// Samples seen, gaps included.
  public var samples: Int
  /// Gaps seen: samples without a finite value.
  public var gaps: Int
  /// Event time of the latest sample.
  public var lastSeen: Moment?
  /// The latest value in the metric's unit; nil for a gap.
  public let value: Double?
  /// The expected value.
  public let expected: Double?
  /// Lower end of the 99% band.
  public let lower: Double?
  /// Upper end of the 99% band.
  public let upper: Double?
  /// log10 of the number of normal samples per alarm at this height, 0...12.
  public let score: Double
  /// Smoothed score, ranks whole intervals.
  public let level: Double

  /// Creates a metric; a number that is not finite counts as absent, a score as 0.
  public init(
    name: String,
    state: MetricState,
    warmUp: WarmUp?,
    samples: Int,
    gaps: Int,
    lastSeen: Moment?,
    value: Double?,
    expected: Double?,
    lower: Double?,
    upper: Double?,
    score: Double,
    level: Double
  ) {
    self.name = name
    self.state = state
    self.warmUp = warmUp
    self.samples = samples
    self.gaps = gaps
    self.lastSeen = lastSeen
    self.value = finite(value)
    self.expected = finite(expected)
    self.lower = finite(lower)
    self.upper = finite(upper)
    self.score = finite(score) ?? 0
    self.level = finite(level) ?? 0
  }
}

/// One metric in full.
public struct MetricDetail: Codable, Equatable, Sendable {
  /// The metric as in a list.
  public var metric: MetricSummary
  /// The open event.
  public var openEvent: EventMessage?
  /// The strongest kind of evidence at the latest sample, as in `EvidenceReading.kind`.
  public var reason: String?
  /// How rare each kind of evidence is on this metric now.
  public var evidence: [EvidenceReading]
  /// Recent samples, oldest first.
  public var history: [HistorySample]
  /// Feedback on its events, oldest first, as far as it has an effect.
  public var feedback: [MetricFeedback]
  /// The resulting additional amount that each kind of evidence must exceed, in decades; kinds
  /// without one are omitted.
  public var raised: [EvidenceReading]
  /// Internals of its scaler and forecaster, for experts.
  public var facts: [Fact]
  /// Memory it takes, history included.
  public var bytes: Int
  /// The silences active for it.
  public var silences: [SilenceMessage]

  /// Creates a metric.
  public init(
    metric: MetricSummary,
    openEvent: EventMessage?,
    reason: String?,
    evidence: [EvidenceReading],
    history: [HistorySample],
    feedback: [MetricFeedback] = [],
    raised: [EvidenceReading] = [],
    facts: [Fact] = [],
    bytes: Int,
    silences: [SilenceMessage] = []
  ) {
    self.metric = metric
    self.openEvent = openEvent
    self.reason = reason
    self.evidence = evidence
    self.history = history
    self.feedback = feedback
    self.raised = raised
    self.facts = facts
    self.bytes = bytes
    self.silences = silences
  }
}

/// One kind of evidence.
public struct EvidenceReading: Codable, Equatable, Sendable {
  /// The kind, such as `jump` or `drift`.
  public var kind: String
  /// How rare it is on this metric, in decades, 0...30.
  public let decades: Double

  /// Creates a reading; one that is not finite counts as 0.
  public init(kind: String, decades: Double) {
    self.kind = kind
    self.decades = finite(decades) ?? 0
  }
}

/// A past sample.
public struct HistorySample: Codable, Equatable, Sendable {
  /// When it was measured.
  public var at: Moment
  /// The measured value; nil for a gap.
  public let value: Double?

  /// Creates a sample; a value that is not finite is a gap.
  public init(at: Moment, value: Double?) {
    self.at = at
    self.value = finite(value)
  }
}

/// A number with a name.
public struct Fact: Codable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Its value; nil if there is no finite value yet.
  public let value: Double?

  /// Creates a fact; a value that is not finite counts as absent.
  public init(name: String, value: Double?) {
    self.name = name
    self.value = finite(value)
  }
}

/// JSON has no NaN and no infinity.
func finite(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}
