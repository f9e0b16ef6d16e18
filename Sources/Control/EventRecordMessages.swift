/// How the record of events is.
public struct RecordStatus: Codable, Equatable, Sendable {
  /// Events that it knows.
  public var events: Int
  /// Bytes on the disk.
  public var bytes: Int
  /// Entries that wait to be written.
  public var waiting: Int
  /// Entries given up because too many waited.
  public var dropped: Int
  /// Why the newest attempt to write failed; nil if it did not.
  public var lastError: String?

  /// A record with these facts.
  public init(events: Int, bytes: Int, waiting: Int, dropped: Int, lastError: String?) {
    self.events = events
    self.bytes = bytes
    self.waiting = waiting
    self.dropped = dropped
    self.lastError = lastError
  }
}

/// An event as the record has it.
public struct RecordedEventMessage: Codable, Equatable, Sendable {
  /// Its newest step: `opened`, `updated` or `closed`.
  public var state: String
  /// The event as it stood then.
  public var event: EventMessage
  /// When it was over, hold-off included; nil while it is open.
  public var closed: Moment?
  /// What happened, as it was told with that step, in one line for a person.
  public var sentence: String
  /// When that step was recorded, by the daemon's clock.
  public var recorded: Moment
  /// What kept outputs from hearing of that step, such as a silence; nil: nothing did.
  public var silence: String?
  /// What was last said about it.
  public var feedback: FeedbackMessage?

  /// An event with these facts.
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

/// What can be said about an event.
public enum JudgementWord: String, Codable, CaseIterable, Sendable {
  /// Nothing was wrong.
  case falseAlarm
  /// Something was wrong.
  case confirmed
  /// What was said before is taken back.
  case withdrawn
}

/// What somebody said about an event.
public struct FeedbackMessage: Codable, Equatable, Sendable {
  /// What was said.
  public var judgement: JudgementWord
  /// When.
  public var at: Moment
  /// By whom: a user id of the daemon's host.
  public var user: Int
  /// In that person's words; may be empty.
  public var note: String

  /// Feedback with these facts.
  public init(judgement: JudgementWord, at: Moment, user: Int, note: String) {
    self.judgement = judgement
    self.at = at
    self.user = user
    self.note = note
  }
}

/// All about one event.
public struct EventDetail: Codable, Equatable, Sendable {
  /// What a list says about it.
  public var event: RecordedEventMessage
  /// Samples around its opening, oldest first.
  public var samples: [HistorySample]
  /// How rare each kind of evidence was at the opening; empty where it was not evidence.
  public var evidence: [EvidenceReading]
  /// The incident that it belongs to.
  public var incident: IncidentMessage?

  /// An event with these facts.
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

/// The incident that an event belongs to, as it stood with the event's newest step.
public struct IncidentMessage: Codable, Equatable, Sendable {
  /// One event of it.
  public struct Member: Codable, Equatable, Sendable {
    /// Its id.
    public var id: String
    /// The metric that it happened on.
    public var metric: String
    /// When its evidence began.
    public var began: Moment

    /// An event with these facts.
    public init(id: String, metric: String, began: Moment) {
      self.id = id
      self.metric = metric
      self.began = began
    }
  }

  /// Its id: that of its first event.
  public var id: String
  /// The event's place in the order of beginnings, from 1.
  public var position: Int
  /// How many events it has had.
  public var size: Int
  /// How many of them are open.
  public var open: Int
  /// The first of them.
  public var events: [Member]

  /// An incident with these facts.
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
  /// The newest step that is in this part or before it: ``EventListRequest/after`` of a request that
  /// goes on from here.
  public var step: Int

  /// A reply with these events.
  public init(events: [RecordedEventMessage], step: Int) {
    self.events = events
    self.step = step
  }
}

/// Which events a list shall hold.
public struct EventListRequest: Codable, Equatable, Sendable {
  /// A shell pattern with `*`, `?` and `[...]` over whole names of metrics; nil for all.
  public var pattern: String?
  /// Only events that opened at or after this time; nil for all.
  public var since: Moment?
  /// Only events that are open, where true.
  public var open: Bool?
  /// Only events at least as severe: `info`, `warning`, `error` or `critical`; nil for all.
  public var severity: String?
  /// The most events; nil for all.
  public var limit: Int?
  /// Follow from behind this step on, see ``EventsReply/step``; nil: from now on.
  public var after: Int?

  /// A request for these.
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

/// What is said about which event.
public struct FeedbackRequest: Codable, Equatable, Sendable {
  /// The longest note in bytes.
  public static let maximumNoteBytes = 1_000

  /// The event: its id, or the beginning or the end of it.
  public var id: String
  /// What is said.
  public var judgement: JudgementWord
  /// In that person's words; nil for none.
  public var note: String?

  /// A request that says this.
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
  /// What each kind of evidence must exceed in addition on the event's metric from now on; kinds
  /// without a raise are left out.
  public var raised: [EvidenceReading]
  /// Whether an event with the same evidence would still open; nil where feedback changes nothing,
  /// because it was not evidence that opened the event, or its metric is gone.
  public var wouldStillOpen: Bool?

  /// A reply with these facts.
  public init(event: RecordedEventMessage, raised: [EvidenceReading], wouldStillOpen: Bool?) {
    self.event = event
    self.raised = raised
    self.wouldStillOpen = wouldStillOpen
  }
}

/// What somebody said about an event of a metric, and what is left of its effect.
public struct MetricFeedback: Codable, Equatable, Sendable {
  /// The event's id.
  public var event: String
  /// What was said.
  public var judgement: JudgementWord
  /// From when on the effect fades, in event time.
  public var at: Moment
  /// What it adds to the base of each kind of evidence now, in decades; negative where it takes
  /// something back; kinds without an effect are left out.
  public var effect: [EvidenceReading]

  /// Feedback with these facts.
  public init(event: String, judgement: JudgementWord, at: Moment, effect: [EvidenceReading]) {
    self.event = event
    self.judgement = judgement
    self.at = at
    self.effect = effect
  }
}
