/// Where a detector stands, in the words of tables and files.
public enum MetricState: String, Codable, CaseIterable, Sendable {
  /// No alarms yet.
  case warming
  /// No event is open.
  case normal
  /// An event is open.
  case anomalous
}

/// How far the warm-up of a metric is.
public struct WarmUp: Codable, Equatable, Sendable {
  /// Samples seen.
  public var seen: Int
  /// Samples needed before alarms begin, more than `seen`.
  public var needed: Int
  /// When it will end at the present sampling interval; nil while that is not known.
  public var expectedEnd: Moment?

  /// A warm-up that is this far.
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
  /// Where its detector stands.
  public var state: MetricState
  /// How far the warm-up is; nil unless warming.
  public var warmUp: WarmUp?
  /// Samples seen, gaps included.
  public var samples: Int
  /// Gaps seen: samples without a finite value.
  public var gaps: Int
  /// Event time of the newest sample.
  public var lastSeen: Moment?
  /// The newest value in the metric's unit; nil for a gap.
  public let value: Double?
  /// What was expected in its place.
  public let expected: Double?
  /// Lower end of the 99% band.
  public let lower: Double?
  /// Upper end of the 99% band.
  public let upper: Double?
  /// log10 of the number of normal samples per alarm at this height, 0...12.
  public let score: Double
  /// Smoothed score, ranks whole stretches.
  public let level: Double

  /// A metric with these facts; a number that is not finite counts as none, a score as 0.
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

/// All about one metric.
public struct MetricDetail: Codable, Equatable, Sendable {
  /// What a list says about it.
  public var metric: MetricSummary
  /// The event that is open now.
  public var openEvent: EventMessage?
  /// The kind of evidence that spoke loudest at the newest sample, as in `EvidenceReading.kind`.
  public var reason: String?
  /// How rare each kind of evidence is on this metric now.
  public var evidence: [EvidenceReading]
  /// Recent samples, oldest first.
  public var history: [HistorySample]
  /// What people said about its events, oldest first, as far as it has an effect.
  public var feedback: [MetricFeedback]
  /// What each kind of evidence must exceed in addition because of that, in decades; kinds without
  /// a raise are left out.
  public var raised: [EvidenceReading]
  /// Facts about its scaler and its forecaster, for those who know the detector.
  public var facts: [Fact]
  /// Memory it takes, history included.
  public var bytes: Int
  /// The silences that hold for it now.
  public var silences: [SilenceMessage]

  /// A metric with these facts.
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

/// What one kind of evidence says.
public struct EvidenceReading: Codable, Equatable, Sendable {
  /// The kind, such as `jump` or `drift`.
  public var kind: String
  /// How rare it is on this metric, in decades, 0...30.
  public let decades: Double

  /// A reading; one that is not finite counts as 0.
  public init(kind: String, decades: Double) {
    self.kind = kind
    self.decades = finite(decades) ?? 0
  }
}

/// A sample of the past.
public struct HistorySample: Codable, Equatable, Sendable {
  /// When it was measured.
  public var at: Moment
  /// What was measured; nil for a gap.
  public let value: Double?

  /// A sample; a value that is not finite is a gap.
  public init(at: Moment, value: Double?) {
    self.at = at
    self.value = finite(value)
  }
}

/// A number with a name.
public struct Fact: Codable, Equatable, Sendable {
  /// What it is.
  public var name: String
  /// How much it is; nil where there is no finite value yet.
  public let value: Double?

  /// A fact; a value that is not finite counts as none.
  public init(name: String, value: Double?) {
    self.name = name
    self.value = finite(value)
  }
}

/// JSON knows no NaN and no infinity.
func finite(_ value: Double?) -> Double? {
  guard let value, value.isFinite else { return nil }
  return value
}
