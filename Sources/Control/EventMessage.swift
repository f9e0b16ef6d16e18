/// An event that is open.
public struct EventMessage: Codable, Equatable, Sendable {
  /// Its id, a UUID of version 7.
  public var id: String
  /// The metric it happens on.
  public var metric: String
  /// When the evidence began.
  public var began: Moment
  /// Time stamp of the sample that proved it.
  public var opened: Moment
  /// When it was last told as an update; nil where it never was.
  public var updated: Moment?
  /// Value of that sample.
  public let value: Double?
  /// What was expected in its place.
  public let expected: Double?
  /// Lower end of the band at the opening.
  public let lower: Double?
  /// Upper end of the band at the opening.
  public let upper: Double?
  /// Score of the opening sample, log10 of normal samples per alarm.
  public let score: Double
  /// Highest score so far.
  public let peakScore: Double
  /// The value farthest from what was expected so far.
  public let peakValue: Double?
  /// When that was.
  public var peakAt: Moment
  /// How much it matters: `info`, `warning`, `error` or `critical`.
  public var severity: String
  /// On which side of what was expected it lies: `high`, `low` or `unusual`.
  public var direction: String
  /// Why it opened: the kind of evidence that spoke loudest, such as `jump`; `limit`; `silence`.
  public var reason: String
  /// What happened, in one line for a person.
  public var explanation: String
  /// The silence that keeps it from outputs, by its id; nil: they have been told.
  public var silencedBy: String?

  /// An event with these facts; a number that is not finite counts as none, a score as 0.
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
