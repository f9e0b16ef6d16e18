public import Events
import Monitor
public import Series

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
  public var closed: Timestamp?
  /// The description reported with that step, in one line.
  public var sentence: String
  /// When that step was recorded, by the daemon's clock.
  public var recorded: Timestamp
  /// What muted that step, such as a silence; nil if nothing did.
  public var silence: String?
  /// The latest feedback on it.
  public var feedback: Feedback?

  /// An event at a step.
  /// - Parameters:
  ///   - recorded: when that was recorded.
  ///   - silence: what muted it.
  public init(
    _ transition: EventTransition, recorded: Timestamp, silence: String?, feedback: Feedback?
  ) {
    state = transition.stateName
    event = EventMessage(transition.event)
    closed = transition.event.closed
    sentence = transition.sentence
    self.recorded = recorded
    self.silence = silence
    self.feedback = feedback
  }
}

/// One event in full.
public struct EventDetail: Codable, Equatable, Sendable {
  /// The event as in a list.
  public var event: RecordedEventMessage
  /// Samples around its opening, oldest first.
  public var samples: [Sample]
  /// How rare each kind of evidence was at the opening; empty if it did not open by evidence.
  public var evidence: [EvidenceReading]
  /// Its incident.
  public var incident: IncidentMembership?
  /// How it compares with earlier events of the metric; nil if there is nothing to compare.
  public var recurrence: RecurrenceMessage?
  /// Why it has its severity, in one sentence; nil from a daemon that does not state it.
  public var severityReason: String?

  /// Creates a reply.
  public init(
    event: RecordedEventMessage, samples: [Sample], evidence: [EvidenceReading],
    incident: IncidentMembership?, recurrence: RecurrenceMessage? = nil,
    severityReason: String? = nil
  ) {
    self.event = event
    self.samples = samples
    self.evidence = evidence
    self.incident = incident
    self.recurrence = recurrence
    self.severityReason = severityReason
  }
}

/// How an event compares with earlier ones of the same metric.
public struct RecurrenceMessage: Codable, Equatable, Sendable {
  /// How it compares with them: `scheduled`, `unscheduled`, `higher`, `longer`, `unordered`, `missed`
  /// or `excessive`.
  public var standing: String
  /// How many of them resemble it.
  public var earlier: Int
  /// When those usually begin; nil: no schedule.
  public var usually: String?
  /// The comparison in words, such as `the 14th time, usually 03:05-03:40 UTC`.
  public var remark: String

  /// A recurrence.
  public init(_ recurrence: Recurrence) {
    standing = recurrence.standing.name
    earlier = recurrence.earlier
    usually = recurrence.schedule?.text
    remark = recurrence.remark
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
  public var since: Timestamp?
  /// Whether to include only open events.
  public var open: Bool?
  /// Only events of at least this severity; nil for all.
  public var severity: Severity?
  /// The maximum number of events; nil for all.
  public var limit: Int?
  /// Follow after this step, see ``EventsReply/step``; nil: from now on.
  public var after: Int?

  /// Creates a request.
  public init(
    pattern: String? = nil, since: Timestamp? = nil, open: Bool? = nil, severity: Severity? = nil,
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

/// Feedback on an event, or on all events of an incident.
public struct FeedbackRequest: Codable, Equatable, Sendable {
  /// The event or the incident: its id, or its prefix or suffix.
  public var id: String
  /// The judgement.
  public var judgement: Judgement
  /// The note; nil for none.
  public var note: String?

  /// Creates a request.
  public init(id: String, judgement: Judgement, note: String? = nil) {
    self.id = id
    self.judgement = judgement
    self.note = note
  }
}

/// The reply of `SetFeedback`.
public struct FeedbackReply: Codable, Equatable, Sendable {
  /// The event; for an incident, its lead.
  public var event: RecordedEventMessage
  /// The increase of each kind's offset on the event's metric from now on; kinds without one are
  /// omitted.
  public var raised: [EvidenceReading]
  /// Whether an event with the same evidence would still open; nil if feedback has no effect,
  /// because the event did not open by evidence, or its metric is gone.
  public var wouldStillOpen: Bool?
  /// The same for the other events of an incident.
  public var others: [FeedbackEffectMessage]

  /// Creates a reply.
  public init(
    event: RecordedEventMessage, raised: [EvidenceReading], wouldStillOpen: Bool?,
    others: [FeedbackEffectMessage] = []
  ) {
    self.event = event
    self.raised = raised
    self.wouldStillOpen = wouldStillOpen
    self.others = others
  }
}

/// Closes an event by hand.
public struct CloseEventRequest: Codable, Equatable, Sendable {
  /// The event: its id, or its prefix or suffix.
  public var id: String
  /// Why; nil for no reason.
  public var reason: String?

  /// Creates a request.
  public init(id: String, reason: String? = nil) {
    self.id = id
    self.reason = reason
  }
}

/// The reply of `CloseEvent`.
public struct CloseEventReply: Codable, Equatable, Sendable {
  /// The event as it is now.
  public var event: RecordedEventMessage
  /// Whether it was closed by this call; false: it was closed before.
  public var closed: Bool

  /// Creates a reply.
  public init(event: RecordedEventMessage, closed: Bool) {
    self.event = event
    self.closed = closed
  }
}

/// Feedback on an event of a metric, and its remaining effect.
public struct MetricFeedback: Codable, Equatable, Sendable {
  /// The event's id.
  public var event: EventID
  /// The judgement.
  public var judgement: Judgement
  /// When the effect begins to fade, in event time.
  public var at: Timestamp
  /// What it currently adds to the base of each kind of evidence, in decades; negative if it
  /// reverts earlier feedback; kinds without an effect are omitted.
  public var effect: [EvidenceReading]

  /// An entry of a metric's ledger.
  init(_ entry: FeedbackLedger.Entry, of metric: MonitoredMetric) {
    let now = metric.newest?.timestamp ?? entry.at
    event = entry.event
    judgement = entry.judgement
    at = entry.at
    effect = EvidenceReading.readings(metric.feedback.effect(of: entry, at: now))
  }
}
