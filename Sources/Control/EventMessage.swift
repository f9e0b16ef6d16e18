/// An open event.
public struct EventMessage: Codable, Equatable, Sendable {
  /// Its id, a UUID of version 7.
  public var id: String
  /// Its metric.
  public var metric: String
  /// When the evidence began.
  public var began: Moment
  /// Time stamp of the sample that proved it.
  public var opened: Moment
  /// When it was last updated; nil if it never was.
  public var updated: Moment?
  /// Value of that sample.
  public let value: Double?
  /// The expected value.
  public let expected: Double?
  /// Lower end of the band at the opening.
  public let lower: Double?
  /// Upper end of the band at the opening.
  public let upper: Double?
  /// Score of the opening sample, log10 of normal samples per alarm.
  public let score: Double
  /// Highest score so far.
  public let peakScore: Double
  /// The value farthest from the expected one so far.
  public let peakValue: Double?
  /// Its time.
  public var peakAt: Moment
  /// Its severity: `info`, `warning`, `error` or `critical`.
  public var severity: String
  /// On which side of the expected value it is: `high`, `low` or `unusual`.
  public var direction: String
  /// Why it opened: the strongest kind of evidence, such as `jump`; `limit`; `silence`.
  public var reason: String
  /// What happened, in one line.
  public var explanation: String
  /// The silence that mutes it, by id; nil: outputs were notified.
  public var silencedBy: String?

  /// Creates an event; a number that is not finite counts as absent, a score as 0.
  public init(
    id: String,
    metric: String,
    began: Moment,
    opened: Moment,
    updated: Moment?,
    value: Double?,
    expected: Double?,
    lower: Double?,
    upper: Double?,
    score: Double,
    peakScore: Double,
    peakValue: Double?,
    peakAt: Moment,
    severity: String,
    direction: String,
    reason: String,
    explanation: String,
    silencedBy: String? = nil
  ) {
    self.id = id
    self.metric = metric
    self.began = began
    self.opened = opened
    self.updated = updated
    self.value = finite(value)
    self.expected = finite(expected)
    self.lower = finite(lower)
    self.upper = finite(upper)
    self.score = finite(score) ?? 0
    self.peakScore = finite(peakScore) ?? 0
    self.peakValue = finite(peakValue)
    self.peakAt = peakAt
    self.severity = severity
    self.direction = direction
    self.reason = reason
    self.explanation = explanation
    self.silencedBy = silencedBy
  }
}
