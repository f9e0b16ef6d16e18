/// An event that is open.
public struct EventMessage: Codable, Equatable, Sendable {
  /// Its id, a UUID of version 7.
  public var id: String
  /// The metric it happens on.
  public var metric: String
  /// Time stamp of the sample that opened it.
  public var opened: Moment
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
  /// The kind of evidence that spoke loudest at the opening, such as `jump`.
  public var reason: String

  /// An event with these facts; a number that is not finite counts as none, a score as 0.
  public init(
    id: String,
    metric: String,
    opened: Moment,
    value: Double?,
    expected: Double?,
    lower: Double?,
    upper: Double?,
    score: Double,
    peakScore: Double,
    reason: String
  ) {
    self.id = id
    self.metric = metric
    self.opened = opened
    self.value = finite(value)
    self.expected = finite(expected)
    self.lower = finite(lower)
    self.upper = finite(upper)
    self.score = finite(score) ?? 0
    self.peakScore = finite(peakScore) ?? 0
    self.reason = reason
  }
}
