public import Detection
public import Series

/// One anomaly of one metric, from the first sign of it to its close.
///
/// Values are in the metric's unit; an unknown number is NaN.
public struct Event: Equatable, Sendable {
  /// Samples kept from before the opening one, and in total, for a sparkline.
  public static let samplesBefore = 24, maximumSamples = 48

  /// Stable over restarts and repeated runs: see ``EventID``.
  public var id: EventID
  /// The anomalous metric.
  public var metric: MetricName
  /// Why it opened.
  public var cause: EventCause
  /// On which side of the expected value it lies.
  public var direction: Direction
  /// Its impact; rises with ``peakScore``, never falls while the event is open.
  public var severity: Severity

  /// Time stamp of the sample at which the evidence began, `<= opened`.
  public var began: Timestamp
  /// Time stamp of the sample that proved it.
  public var opened: Timestamp
  /// Time stamp of the sample of its last update; nil if there was none.
  public var updated: Timestamp?
  /// The reason of its last update; nil if there was none.
  public var update: EventUpdate?
  /// Time stamp of the sample at which it was over, hold-off included; nil while it is open.
  public var closed: Timestamp?

  /// How it was closed; meaningless while it is open.
  public var ending = EventEnding.normal
  /// Who closed it by hand, and why; nil if nobody did.
  public var closing: ManualClosing?

  /// Value of the opening sample; NaN if there was none.
  public var value: Double
  /// The expected value.
  public var expected: Double
  /// Lower end of the band at the opening; NaN if there was none.
  public var lower: Double
  /// Upper end of the band at the opening; NaN if there was none.
  public var upper: Double
  /// Score of the opening sample, log10 of normal samples per alarm.
  public var score: Float
  /// Mean value from ``began`` to ``opened``.
  public var level: Double
  /// The level that was forecast for that interval; NaN unless the cause is a drift.
  public var usual: Double

  /// The newest sample and its expected value.
  public var present: Reading

  /// Highest score so far.
  public var peakScore: Float
  /// The value farthest from ``expected`` so far, on the event's side of it if it has one.
  public var peakValue: Double
  /// Time stamp of ``peakValue``.
  public var peakAt: Timestamp

  /// Samples around the opening, oldest first, gaps included: at most ``samplesBefore`` before it,
  /// at most ``maximumSamples`` in all. Those before it are rounded to single precision and
  /// milliseconds.
  public var samples: [Sample]

  /// The facts about the opening, for a trace; nil for a metric of values.
  public var symbols: SymbolFacts?

  /// The columns of a trained model that contributed most, in descending order of share; empty for
  /// anything else.
  public var columns: [ColumnFact] = []

  /// How it compares with earlier events of the metric; nil if there is nothing to compare.
  public var recurrence: Recurrence?

  /// The incident that it belongs to; nil before it has been assigned to one.
  public var incident: IncidentMembership?

  /// A value and its expected value, in the metric's unit; NaN if unknown.
  public struct Reading: Sendable {
    /// The value.
    public var value: Double
    /// The expected value.
    public var expected: Double
    /// Lower end of the band.
    public var lower: Double
    /// Upper end of the band.
    public var upper: Double

    /// A reading with these parts.
    public init(value: Double, expected: Double, lower: Double, upper: Double) {
      self.value = value
      self.expected = expected
      self.lower = lower
      self.upper = upper
    }
  }

  /// The opening sample and its expected value.
  public var opening: Reading {
    Reading(value: value, expected: expected, lower: lower, upper: upper)
  }

  /// An event that opens with these facts; the other properties follow from them.
  /// - Parameter began: when the evidence began; nil: at the opening sample.
  public init(
    id: EventID, metric: MetricName, cause: EventCause, direction: Direction, severity: Severity,
    began: Timestamp? = nil, opened: Timestamp, closed: Timestamp? = nil, value: Double,
    expected: Double = .nan, lower: Double = .nan, upper: Double = .nan, score: Float = 0,
    level: Double? = nil, usual: Double = .nan, samples: [Sample] = []
  ) {
    self.id = id
    self.metric = metric
    self.cause = cause
    self.direction = direction
    self.severity = severity
    self.began = began ?? opened
    self.opened = opened
    self.closed = closed
    self.value = value
    self.expected = expected
    self.lower = lower
    self.upper = upper
    self.score = score
    self.level = level ?? value
    self.usual = usual
    present = Reading(value: value, expected: expected, lower: lower, upper: upper)
    peakScore = score
    peakValue = value
    peakAt = opened
    self.samples = samples
  }

  /// The event without its membership, for the incident itself.
  var outsideIncident: Event {
    var event = self
    event.incident = nil
    return event
  }

  /// Whether it came at the usual time of such events, and as usual.
  public var isScheduled: Bool { recurrence?.standing == .scheduled }

  /// From its beginning to its close, or to its last update; zero if the clock ran backwards.
  public var duration: Duration {
    max(.zero, (closed ?? max(updated ?? opened, opened)).elapsed(since: began))
  }
}

/// A user closed the event.
public struct ManualClosing: Equatable, Sendable {
  /// The longest reason in bytes.
  public static let maximumReasonBytes = 500

  /// The user id, on this host, of the person who closed it.
  public var user: UInt32
  /// That user's reason; may be empty.
  public var reason: String

  /// A closing by this user.
  public init(user: UInt32, reason: String) {
    self.user = user
    self.reason = reason
  }
}

extension Event {
  /// Updates the open event with a further sample.
  mutating func take(_ sample: Sample, _ verdict: Verdict) {
    if samples.count < Event.maximumSamples { samples.append(sample) }
    present = Reading(
      value: sample.value, expected: verdict.expected, lower: verdict.lower, upper: verdict.upper)
    if isFarther(sample.value) {
      peakValue = sample.value
      peakAt = sample.timestamp
    }
    peakScore = max(peakScore, verdict.score)
  }

  /// Whether a value is farther out than all previous ones.
  func isFarther(_ value: Double) -> Bool {
    switch direction {
    case .high: value > peakValue
    case .low: value < peakValue
    case .unusual: abs(value - expected) > abs(peakValue - expected)
    }
  }
}
