public import Detection
public import Events
public import Monitor
public import Series

/// An event in lists and in `Status`.
///
/// Not ``Event`` itself: that can only be restored from all of its facts, from which a client would
/// then have to compose the sentence. The daemon sends the sentence, so that clients of any version
/// show the same text.
public struct EventMessage: Codable, Equatable, Sendable {
  /// Its id, a UUID of version 7.
  public var id: EventID
  /// Its metric.
  public var metric: String
  /// When the evidence began.
  public var began: Timestamp
  /// Time stamp of the sample that proved it.
  public var opened: Timestamp
  /// When it was last updated; nil if it never was.
  public var updated: Timestamp?
  /// Value of that sample.
  public var value: Double?
  /// The expected value.
  public var expected: Double?
  /// Lower end of the band at the opening.
  public var lower: Double?
  /// Upper end of the band at the opening.
  public var upper: Double?
  /// Score of the opening sample, log10 of normal samples per alarm.
  public var score: Double
  /// Highest score so far.
  public var peakScore: Double
  /// The value farthest from the expected one so far.
  public var peakValue: Double?
  /// Its time.
  public var peakAt: Timestamp
  /// Its severity.
  public var severity: Severity
  /// On which side of the expected value it is.
  public var direction: Direction
  /// Why it opened: the strongest kind of evidence, such as `jump`; `limit`; `silence`.
  public var reason: String
  /// What happened, in one line.
  public var explanation: String
  /// The silence that mutes it, by id; nil if outputs were notified.
  public var silencedBy: String?

  /// An event.
  /// - Parameter silence: the silence that mutes it.
  public init(_ event: Event, silencedBy silence: String? = nil) {
    id = event.id
    metric = event.metric.text
    began = event.began
    opened = event.opened
    updated = event.updated
    value = event.value.ifFinite
    expected = event.expected.ifFinite
    lower = event.lower.ifFinite
    upper = event.upper.ifFinite
    score = Double(event.score).ifFinite ?? 0
    peakScore = Double(event.peakScore).ifFinite ?? 0
    peakValue = event.peakValue.ifFinite
    peakAt = event.peakAt
    severity = event.severity
    direction = event.direction
    reason = event.cause.name
    explanation = event.explanation
    silencedBy = silence
  }
}

/// Incident steps of one severity since the daemon started.
public struct IncidentCounts: Codable, Equatable, Sendable {
  /// The severity at the step.
  public var severity: Severity
  /// Openings.
  public var opened: Int
  /// Notifications that an open one has become worse.
  public var worsened: Int
  /// Closes.
  public var closed: Int

  /// The counts of a severity.
  public init(_ severity: Severity, in tally: EventTally) {
    let counts = tally.incidents(severity)
    self.severity = severity
    opened = counts.opened
    worsened = counts.worsened
    closed = counts.closed
  }
}

/// Event steps of one severity since the daemon started.
public struct EventCounts: Codable, Equatable, Sendable {
  /// The severity at the step.
  public var severity: Severity
  /// Openings that outputs were notified of.
  public var opened: Int
  /// Updates of open ones.
  public var updated: Int
  /// Closes.
  public var closed: Int
  /// Muted steps of all three kinds.
  public var silenced: Int

  /// The counts of a severity.
  public init(_ severity: Severity, in tally: EventTally) {
    let counts = tally[severity]
    self.severity = severity
    opened = counts.opened
    updated = counts.updated
    closed = counts.closed
    silenced = counts.muted
  }
}
