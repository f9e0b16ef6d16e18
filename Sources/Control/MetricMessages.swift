public import Detection
import Events
public import Monitor
public import Series

/// Progress of a metric's warm-up.
public struct WarmUp: Codable, Equatable, Sendable {
  /// Samples seen.
  public var seen: Int
  /// Samples needed before alarms begin, more than `seen`.
  public var needed: Int
  /// When it will end at the present sampling interval; nil if unknown.
  public var expectedEnd: Timestamp?

  /// The progress of a metric; nil unless it is warming up.
  init?(_ metric: MonitoredMetric) {
    guard metric.state == .warming else { return nil }
    (seen, needed) = (0, ValueDetector.warmUpSamples)
    if case .warmingUp(let now, let all) = metric.verdict?.state { (seen, needed) = (now, all) }
    if let newest = metric.newest, let interval = metric.usualInterval {
      expectedEnd = newest.timestamp.advanced(by: interval * (needed - seen))
    }
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
  public var lastSeen: Timestamp?
  /// The latest value in the metric's unit; nil for a gap.
  public var value: Double?
  /// The expected value.
  public var expected: Double?
  /// Lower end of the 99% band.
  public var lower: Double?
  /// Upper end of the 99% band.
  public var upper: Double?
  /// log10 of the number of normal samples per alarm at this score, 0...12.
  public var score: Double
  /// Smoothed score, ranks whole intervals.
  public var level: Double
  /// Since when its model has been frozen; nil if it learns.
  public var frozenSince: Timestamp?

  /// A metric at its latest sample.
  public init(_ metric: MonitoredMetric) {
    name = metric.name.text
    state = metric.state
    warmUp = WarmUp(metric)
    samples = metric.samples
    gaps = metric.gaps
    lastSeen = metric.newest?.timestamp
    value = metric.newest?.value.ifFinite
    let verdict = metric.verdict
    expected = verdict?.expected.ifFinite
    lower = verdict?.lower.ifFinite
    upper = verdict?.upper.ifFinite
    score = verdict.flatMap { Double($0.score).ifFinite } ?? 0
    level = verdict.flatMap { Double($0.level).ifFinite } ?? 0
    frozenSince = metric.frozenSince
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
  public var history: [Sample]
  /// Feedback on its events that still has an effect, oldest first.
  public var feedback: [MetricFeedback]
  /// The resulting increase of each kind's offset, in decades; kinds without one are omitted.
  public var raised: [EvidenceReading]
  /// Internals of its scaler and forecaster, for experts.
  public var facts: [Fact]
  /// Memory in use, history included.
  public var bytes: Int
  /// The silences active for it.
  public var silences: [SilenceMessage]

  /// A metric.
  /// - Parameters:
  ///   - openEvent: its open event.
  ///   - silences: the silences active for it.
  public init(_ metric: MonitoredMetric, openEvent: EventMessage?, silences: [SilenceMessage]) {
    self.metric = MetricSummary(metric)
    self.openEvent = openEvent
    reason = metric.verdict?.reason?.name
    evidence = metric.family.kinds.map {
      EvidenceReading(kind: $0.name, decades: Double(metric.verdict?.evidence[$0] ?? 0))
    }
    history = metric.history.samples()
    feedback = metric.feedback.entries.map { MetricFeedback($0, of: metric) }
    raised = EvidenceReading.readings(metric.feedbackOffsets)
    facts = Fact.facts(about: metric)
    bytes = metric.byteCount
    self.silences = silences
  }
}

/// One kind of evidence.
public struct EvidenceReading: Codable, Equatable, Sendable {
  /// The kind, such as `jump` or `drift`.
  public var kind: String
  /// How rare it is on this metric, in decades, 0...30.
  public var decades: Double

  /// Creates a reading; one that is not finite counts as 0.
  public init(kind: String, decades: Double) {
    self.kind = kind
    self.decades = decades.ifFinite ?? 0
  }
  /// The kinds of evidence that are not zero.
  public static func readings(_ decades: EvidenceVector) -> [EvidenceReading] {
    decades.family.kinds.filter { decades[$0] != 0 }.map {
      EvidenceReading(kind: $0.name, decades: Double(decades[$0]))
    }
  }
}

/// A number with a name.
public struct Fact: Codable, Equatable, Sendable {
  /// Its name.
  public var name: String
  /// Its value; nil if there is no finite value yet.
  public var value: Double?

  /// Internals of a metric's scaler and forecaster.
  static func facts(about metric: MonitoredMetric) -> [Fact] {
    let named: [(String, Double?)]
    let interval = metric.usualInterval?.inSeconds
    if let symbols = metric.symbols {
      named =
        [
          ("events a second", interval.map { 1 / $0 }),
          ("distinct ids", Double(symbols.alphabetSize)),
          ("maximum distinct ids", Double(SequenceDetector.largestAlphabet)),
          ("confidence in the network", symbols.networkBelief),
        ] + symbols.expected.map { ("probability of \($0.id) next", $0.probability) }
    } else {
      named = [
        ("usual interval in seconds", interval),
        ("alarm threshold", metric.verdict.map { Double($0.threshold) }),
        ("missing values", Double(metric.missing)),
        ("unusual gaps", Double(metric.silences)),
      ]
    }
    return named.map { Fact(name: $0.0, value: $0.1?.ifFinite) }
  }
}

/// One reply of `Tap`.
public struct TapReply: Codable, Equatable, Sendable {
  /// Samples in order of arrival.
  public var samples: [TapSample]
  /// How many were missed since the previous reply because the client was too slow.
  public var lost: Int

  /// Creates a reply.
  public init(samples: [TapSample], lost: Int) {
    self.samples = samples
    self.lost = lost
  }
}

/// A sample with its detector's results.
public struct TapSample: Codable, Equatable, Sendable {
  /// Its metric.
  public var metric: String
  /// When it was measured.
  public var at: Timestamp
  /// The state of the detector after it.
  public var state: MetricState
  /// The measured value, in the metric's unit; nil for a gap.
  public var value: Double?
  /// The expected value.
  public var expected: Double?
  /// Lower end of the 99% band.
  public var lower: Double?
  /// Upper end of the 99% band.
  public var upper: Double?
  /// log10 of the number of normal samples per alarm at this score, 0...12.
  public var score: Double

  /// A sample of a metric that has just been judged.
  public init(_ sample: Sample, of metric: MonitoredMetric, _ verdict: Verdict) {
    self.metric = metric.name.text
    at = sample.timestamp
    state = metric.state
    value = sample.value.ifFinite
    expected = verdict.expected.ifFinite
    lower = verdict.lower.ifFinite
    upper = verdict.upper.ifFinite
    score = Double(verdict.score).ifFinite ?? 0
  }
}
