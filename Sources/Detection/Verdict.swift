/// What a detector concludes about one observation.
public struct Verdict: Equatable, Sendable {
  /// The observation as a number: a sample's value, or how surprising a symbol was, in bits.
  public var value: Double
  /// The detector's expectation, in the metric's unit; the last value while there is no forecast.
  public var expected: Double
  /// Lower end of the 99% band in the metric's unit; NaN until there is an error to learn it from.
  public var lower: Double
  /// Upper end of the 99% band in the metric's unit; NaN until there is an error to learn it from.
  public var upper: Double
  /// log10 of the number of normal samples per alarm at this score; 0...12.
  public var score: Float
  /// The score at which this sample alarmed, or would have: the budget plus the increases by
  /// earlier alarms.
  public var threshold: Float
  /// Mean of the last 50 values of max(0, score - 2): ranks whole intervals, never alarms.
  public var level: Float
  /// Whether the detector is warming up, sees nothing unusual, or has alarmed recently.
  public var state: DetectorState
  /// Whether the score reached the threshold at a time when alarms are not muted.
  public var alarm: Alarm
  /// Whether the alarm may page: false if the metric's own budget is spent.
  public var pages: Bool
  /// The strongest kind of evidence; nil if none has been weighed yet.
  public var reason: Evidence?
  /// How many samples before this one the evidence ``reason`` began; 0: with this one.
  public var reach: Int
  /// The level that was forecast for the latest samples; nil unless this sample alarms because of a
  /// drift.
  public var usual: Double?
  /// How rare each kind of evidence is on this metric, in decades, 0...30.
  public var evidence: EvidenceVector

  /// A verdict with these parts.
  public init(
    value: Double = .nan, expected: Double, lower: Double, upper: Double, score: Float,
    threshold: Float, level: Float, state: DetectorState, alarm: Alarm, pages: Bool = true,
    reason: Evidence?,
    reach: Int = 0, usual: Double? = nil, evidence: EvidenceVector
  ) {
    self.value = value
    self.expected = expected
    self.lower = lower
    self.upper = upper
    self.score = score
    self.threshold = threshold
    self.level = level
    self.state = state
    self.alarm = alarm
    self.pages = pages
    self.reason = reason
    self.reach = reach
    self.usual = usual
    self.evidence = evidence
  }

  /// Limits the expected value shown to possible values of the metric.
  package mutating func keepExpectation(within possible: ClosedRange<Double>) {
    // Comparisons, since unknown values stay NaN.
    func moved(_ value: Double) -> Double {
      value < possible.lowerBound
        ? possible.lowerBound : value > possible.upperBound ? possible.upperBound : value
    }
    expected = moved(expected)
    lower = moved(lower)
    upper = moved(upper)
    if let level = usual { usual = moved(level) }
  }

  /// Whether the sample alarms.
  public var isAlarming: Bool { alarm != .none }
  /// Whether the sample is the first of an episode of alarms: what benchmarks count as a detection.
  /// `EventTracker` opens the events that people see.
  public var opensEvent: Bool { alarm.opensEpisode }
}

/// Whether a sample alarms.
public enum Alarm: UInt8, Sendable {
  /// The score is below the threshold, or alarms are muted.
  case none = 0
  /// It alarms, with no other alarm within the hold-off before it.
  case first = 1
  /// It alarms within the hold-off of another one.
  case further = 2
  /// It alarms within the hold-off of another one, but jumps after a few normal samples: another episode.
  case renewed = 3

  /// Whether it is the first of an episode.
  package var opensEpisode: Bool { self == .first || self == .renewed }
}

/// The state of a detector.
public enum DetectorState: Equatable, Sendable {
  /// No alarms yet: `seen` of `needed` samples have arrived, `seen < needed`.
  case warmingUp(seen: Int, needed: Int)
  /// No alarm within the hold-off.
  case normal
  /// The hold-off of an alarm has not ended.
  case anomalous

  /// The word used in tables and files: `warming`, `normal` or `anomalous`.
  public var name: String {
    switch self {
    case .warmingUp: "warming"
    case .normal: "normal"
    case .anomalous: "anomalous"
    }
  }
}
