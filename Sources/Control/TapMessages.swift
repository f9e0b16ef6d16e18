/// One reply of `Tap`.
public struct TapReply: Codable, Equatable, Sendable {
  /// Samples in the order in which they passed.
  public var samples: [TapSample]
  /// How many passed unseen since the reply before, because the client was too slow.
  public var lost: Int

  /// A reply with these.
  public init(samples: [TapSample], lost: Int) {
    self.samples = samples
    self.lost = lost
  }
}

/// A sample as it passes, with what its detector made of it.
public struct TapSample: Codable, Equatable, Sendable {
  /// Its metric.
  public var metric: String
  /// When it was measured.
  public var at: Moment
  /// Where the detector stands after it.
  public var state: MetricState
  /// What was measured, in the metric's unit; nil for a gap.
  public let value: Double?
  /// What was expected in its place.
  public let expected: Double?
  /// Lower end of the 99% band.
  public let lower: Double?
  /// Upper end of the 99% band.
  public let upper: Double?
  /// log10 of the number of normal samples per alarm at this height, 0...12.
  public let score: Double

  /// A sample with these facts; a number that is not finite counts as none, a score as 0.
  public init(
    metric: String,
    at: Moment,
    state: MetricState,
    value: Double?,
    expected: Double?,
    lower: Double?,
    upper: Double?,
    score: Double
  ) {
    self.metric = metric
    self.at = at
    self.state = state
    self.value = finite(value)
    self.expected = finite(expected)
    self.lower = finite(lower)
    self.upper = finite(upper)
    self.score = finite(score) ?? 0
  }
}
