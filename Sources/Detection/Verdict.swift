/// What a detector says about one sample.
public struct Verdict: Equatable, Sendable {
  /// What the detector expected, in the metric's unit; the last value while nothing is forecast.
  public var expected: Double
  /// Lower end of the 99% band in the metric's unit; NaN until the scaler is warm.
  public var lower: Double
  /// Upper end of the 99% band in the metric's unit; NaN until the scaler is warm.
  public var upper: Double
  /// log10 of the number of normal samples per alarm at this height; 0...12.
  public var score: Float
  /// The score at which this sample alarmed, or would have: the budget, and what earlier events
  /// have added to it.
  public var threshold: Float
  /// Mean of the last 50 values of max(0, score - 2): ranks whole stretches, never alarms.
  public var level: Float
  /// Whether the detector is warming up, sees nothing unusual, or has an event open.
  public var state: DetectorState
  /// Whether the score reached the threshold at a time when alarms are not muted.
  public var isAlarming: Bool
  /// Whether an event begins with this sample.
  public var opensEvent: Bool
  /// The kind of evidence that spoke loudest, nil where none has been weighed yet.
  public var reason: Evidence?
  /// How many samples before this one the evidence ``reason`` began; 0: with this one.
  public var reach: Int
  /// The level that was forecast for the latest samples; nil unless this sample alarms for a drift.
  public var usual: Double?
  /// How rare each kind of evidence is on this metric, in decades, 0...30; index is
  /// ``Evidence/index``.
  public var evidence: SIMD8<Float>

  /// A verdict with these parts.
  public init(
    expected: Double, lower: Double, upper: Double, score: Float, threshold: Float,
    level: Float, state: DetectorState, isAlarming: Bool, opensEvent: Bool, reason: Evidence?,
    reach: Int = 0, usual: Double? = nil, evidence: SIMD8<Float>
  ) {
    self.expected = expected
    self.lower = lower
    self.upper = upper
    self.score = score
    self.threshold = threshold
    self.level = level
    self.state = state
    self.isAlarming = isAlarming
    self.opensEvent = opensEvent
    self.reason = reason
    self.reach = reach
    self.usual = usual
    self.evidence = evidence
  }
}

/// Where a detector stands.
public enum DetectorState: Equatable, Sendable {
  /// No alarms yet: `seen` of `needed` samples have arrived, `seen < needed`.
  case warmingUp(seen: Int, needed: Int)
  /// No open event.
  case normal
  /// An event is open, or its hold-off has not ended.
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
