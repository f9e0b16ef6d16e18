public import Events
public import Series

/// The stages of an incident's life.
public enum IncidentState: String, Codable, Sendable {
  /// Outputs have not been notified of it yet.
  case settling
  /// All of its events are muted: outputs are not notified of it.
  case muted
  /// Outputs have been notified of its opening.
  case open
  /// Outputs have been notified of its close.
  case closed
}

/// An incident in lists and in `Status`.
public struct IncidentMessage: Codable, Equatable, Sendable {
  /// Its id, a UUID of version 7.
  public var id: EventID
  /// Its stage.
  public var state: IncidentState
  /// When the evidence of its earliest event began.
  public var began: Timestamp
  /// Time stamp of the sample that opened it.
  public var opened: Timestamp
  /// When its last event ended; nil while it is open.
  public var closed: Timestamp?
  /// The highest severity of its events.
  public var severity: Severity
  /// A few words on what it is about.
  public var headline: String
  /// The description reported with its latest step, in one line.
  public var sentence: String
  /// The metric of its lead; nil while all of its events are muted.
  public var lead: String?
  /// How many metrics have had an event.
  public var metrics: Int
  /// How many events it has had.
  public var size: Int
  /// How many of them are open.
  public var open: Int
  /// The subsystems of the metrics in the order in which they joined.
  public var subsystems: [String]
  /// The units that account for it; empty if unknown.
  public var attributions: [Attribution]

  /// An incident after a step.
  public init(_ transition: IncidentTransition) {
    self.init(transition.incident, sentence: transition.sentence)
  }

  /// An incident as it is now.
  public init(_ incident: Incident) {
    self.init(
      incident,
      sentence: incident.lead == nil ? "" : IncidentTransition.opened(incident).sentence)
  }

  private init(_ incident: Incident, sentence: String) {
    id = incident.id
    state =
      switch incident.state {
      case .settling: incident.counted > 0 ? .settling : .muted
      case .open: .open
      case .over: .closed
      }
    began = incident.began
    opened = incident.opened
    closed = incident.state == .over ? incident.closed : nil
    severity = incident.severity
    headline = incident.headline
    self.sentence = sentence
    lead = incident.lead?.metric.text
    metrics = incident.metrics
    size = incident.size
    open = incident.open.count
    subsystems = incident.subsystems.map(\.description)
    attributions = incident.attributions
  }
}

/// One incident in full.
public struct IncidentDetail: Codable, Equatable, Sendable {
  /// The incident as in a list.
  public var incident: IncidentMessage
  /// Its events in the order in which they began, as far as they are listed and still stored.
  public var events: [RecordedEventMessage]

  /// Creates a reply.
  public init(incident: IncidentMessage, events: [RecordedEventMessage]) {
    self.incident = incident
    self.events = events
  }
}

/// A filter on incidents.
public struct IncidentListRequest: Codable, Equatable, Sendable {
  /// Only incidents that opened at or after this time; nil for all.
  public var since: Timestamp?
  /// Whether to include only open incidents.
  public var open: Bool?
  /// Only incidents of at least this severity; nil for all.
  public var severity: Severity?
  /// The maximum number of incidents; nil for all.
  public var limit: Int?

  /// Creates a request.
  public init(
    since: Timestamp? = nil, open: Bool? = nil, severity: Severity? = nil, limit: Int? = nil
  ) {
    self.since = since
    self.open = open
    self.severity = severity
    self.limit = limit
  }
}

/// One reply of `ListIncidents`.
public struct IncidentsReply: Codable, Equatable, Sendable {
  /// The incidents.
  public var incidents: [IncidentMessage]

  /// Creates a reply.
  public init(incidents: [IncidentMessage]) {
    self.incidents = incidents
  }
}

/// The effect of feedback on one event of an incident.
public struct FeedbackEffectMessage: Codable, Equatable, Sendable {
  /// The metric of the event.
  public var metric: String
  /// The increase of each kind's offset on that metric from now on.
  public var raised: [EvidenceReading]
  /// Whether an event with the same evidence would still open; nil if feedback has no effect.
  public var wouldStillOpen: Bool?

  /// Creates an effect.
  public init(metric: String, raised: [EvidenceReading], wouldStillOpen: Bool?) {
    self.metric = metric
    self.raised = raised
    self.wouldStillOpen = wouldStillOpen
  }
}
