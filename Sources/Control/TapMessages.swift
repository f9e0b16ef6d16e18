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
  public var at: Moment
  /// The state of the detector after it.
  public var state: MetricState
  /// The measured value, in the metric's unit; nil for a gap.
  public let value: Double?
  /// The expected value.
  public let expected: Double?
  /// Lower end of the 99% band.
  public let lower: Double?
  /// Upper end of the 99% band.
  public let upper: Double?
  /// log10 of the number of normal samples per alarm at this height, 0...12.
  public let score: Double

  /// Creates a sample; a number that is not finite counts as absent, a score as 0.
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
