/// State of the event history.
public struct RecordStatus: Codable, Equatable, Sendable {
  /// Events in it.
  public var events: Int
  /// Bytes on disk.
  public var bytes: Int
  /// Entries waiting to be written.
  public var waiting: Int
  /// Entries dropped because too many were waiting.
  public var dropped: Int
  /// Why the last attempt to write failed; nil if it did not.
  public var lastError: String?

  /// Creates a status.
  public init(events: Int, bytes: Int, waiting: Int, dropped: Int, lastError: String?) {
    self.events = events
    self.bytes = bytes
    self.waiting = waiting
    self.dropped = dropped
    self.lastError = lastError
  }
}

/// An event as stored in the history.
public struct RecordedEventMessage: Codable, Equatable, Sendable {
  /// Its latest step: `opened`, `updated` or `closed`.
  public var state: String
  /// The event at that step.
  public var event: EventMessage
  /// When it closed, hold-off included; nil while it is open.
  public var closed: Moment?
  /// The description reported with that step, in one line.
  public var sentence: String
  /// When that step was recorded, by the daemon's clock.
  public var recorded: Moment
  /// What muted that step, such as a silence; nil: nothing did.
  public var silence: String?
  /// The latest feedback on it.
  public var feedback: FeedbackMessage?

  /// Creates an event.
  public init(
    state: String, event: EventMessage, closed: Moment?, sentence: String, recorded: Moment,
    silence: String?, feedback: FeedbackMessage?
  ) {
    self.state = state
    self.event = event
    self.closed = closed
    self.sentence = sentence
    self.recorded = recorded
    self.silence = silence
    self.feedback = feedback
  }
}

/// A judgement of an event.
public enum JudgementWord: String, Codable, CaseIterable, Sendable {
  /// Nothing was wrong.
  case falseAlarm
  /// Something was wrong.
  case confirmed
  /// Earlier feedback is withdrawn.
  case withdrawn
}

/// A user's feedback on an event.
public struct FeedbackMessage: Codable, Equatable, Sendable {
  /// The judgement.
  public var judgement: JudgementWord
  /// Its time.
  public var at: Moment
  /// The user id on the daemon's host.
  public var user: Int
  /// The note; may be empty.
  public var note: String

  /// Creates feedback.
  public init(judgement: JudgementWord, at: Moment, user: Int, note: String) {
    self.judgement = judgement
    self.at = at
    self.user = user
    self.note = note
  }
}

/// One event in full.
public struct EventDetail: Codable, Equatable, Sendable {
  /// The event as in a list.
  public var event: RecordedEventMessage
  /// Samples around its opening, oldest first.
  public var samples: [HistorySample]
  /// How rare each kind of evidence was at the opening; empty if it did not open by evidence.
  public var evidence: [EvidenceReading]
  /// Its incident.
  public var incident: IncidentMessage?

  /// Creates a reply.
  public init(
    event: RecordedEventMessage, samples: [HistorySample], evidence: [EvidenceReading],
    incident: IncidentMessage?
  ) {
    self.event = event
    self.samples = samples
    self.evidence = evidence
    self.incident = incident
  }
}

/// The incident of an event, as of the event's latest step.
public struct IncidentMessage: Codable, Equatable, Sendable {
  /// One event of it.
  public struct Member: Codable, Equatable, Sendable {
    /// Its id.
    public var id: String
    /// Its metric.
    public var metric: String
    /// When its evidence began.
    public var began: Moment

    /// Creates an event.
    public init(id: String, metric: String, began: Moment) {
      self.id = id
      self.metric = metric
      self.began = began
    }
  }

  /// Its id: that of its first event.
  public var id: String
  /// The event's position in the order of beginnings, from 1.
  public var position: Int
  /// How many events it has had.
  public var size: Int
  /// How many of them are open.
  public var open: Int
  /// The first of them.
  public var events: [Member]

  /// Creates an incident.
  public init(id: String, position: Int, size: Int, open: Int, events: [Member]) {
    self.id = id
    self.position = position
    self.size = size
    self.open = open
    self.events = events
  }
}

/// One reply of `ListEvents` and `FollowEvents`.
public struct EventsReply: Codable, Equatable, Sendable {
  /// The events.
  public var events: [RecordedEventMessage]
  /// The latest step in this part or before it: ``EventListRequest/after`` of a request that
  /// continues from here.
  public var step: Int

  /// Creates a reply.
  public init(events: [RecordedEventMessage], step: Int) {
    self.events = events
    self.step = step
  }
}

/// A filter on events.
public struct EventListRequest: Codable, Equatable, Sendable {
  /// A shell pattern with `*`, `?` and `[...]` for whole metric names; nil for all.
  public var pattern: String?
  /// Only events that opened at or after this time; nil for all.
  public var since: Moment?
  /// Whether to include only open events.
  public var open: Bool?
  /// Only events at least as severe: `info`, `warning`, `error` or `critical`; nil for all.
  public var severity: String?
  /// The maximum number of events; nil for all.
  public var limit: Int?
  /// Follow after this step, see ``EventsReply/step``; nil: from now on.
  public var after: Int?

  /// Creates a request.
  public init(
    pattern: String? = nil, since: Moment? = nil, open: Bool? = nil, severity: String? = nil,
    limit: Int? = nil, after: Int? = nil
  ) {
    self.pattern = pattern
    self.since = since
    self.open = open
    self.severity = severity
    self.limit = limit
    self.after = after
  }
}

/// Feedback on an event.
public struct FeedbackRequest: Codable, Equatable, Sendable {
  /// The longest note in bytes.
  public static let maximumNoteBytes = 1_000

  /// The event: its id, or its prefix or suffix.
  public var id: String
  /// The judgement.
  public var judgement: JudgementWord
  /// The note; nil for none.
  public var note: String?

  /// Creates a request.
  public init(id: String, judgement: JudgementWord, note: String? = nil) {
    self.id = id
    self.judgement = judgement
    self.note = note
  }
}

/// The reply of `SetFeedback`.
public struct FeedbackReply: Codable, Equatable, Sendable {
  /// The event.
  public var event: RecordedEventMessage
  /// The additional amount that each kind of evidence must exceed on the event's metric from now
  /// on; kinds without one are omitted.
  public var raised: [EvidenceReading]
  /// Whether an event with the same evidence would still open; nil if feedback has no effect,
  /// because the event did not open by evidence, or its metric is gone.
  public var wouldStillOpen: Bool?

  /// Creates a reply.
  public init(event: RecordedEventMessage, raised: [EvidenceReading], wouldStillOpen: Bool?) {
    self.event = event
    self.raised = raised
    self.wouldStillOpen = wouldStillOpen
  }
}

/// Feedback on an event of a metric, and its remaining effect.
public struct MetricFeedback: Codable, Equatable, Sendable {
  /// The event's id.
  public var event: String
  /// The judgement.
  public var judgement: JudgementWord
  /// From when on the effect fades, in event time.
  public var at: Moment
  /// What it currently adds to the base of each kind of evidence, in decades; negative if it
  /// reverts earlier feedback; kinds without an effect are omitted.
  public var effect: [EvidenceReading]

  /// Creates feedback.
  public init(event: String, judgement: JudgementWord, at: Moment, effect: [EvidenceReading]) {
    self.event = event
    self.judgement = judgement
    self.at = at
    self.effect = effect
  }
}
