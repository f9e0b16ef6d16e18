import CommandLine
import Control
import Events
import Series

extension Command {
  /// `anomalyctl explain`.
  package static let explain = Command(
    Usage(
      command: "anomalyctl explain",
      summary: "Explain an event or an incident against the metric's own history",
      details: """
        Shows how rare it is and on what evidence, when the metric was last like this, what moved \
        with it, why it has its severity, which outputs were notified, and what can be done about \
        it. Of an incident, the leading event is explained. INCIDENT is the id of an incident or \
        an event, or a unique prefix or suffix of it.
        """,
      arguments: [.init("INCIDENT", help: "The id of an incident or an event")],
      options: [DaemonAccess.jsonOption, DaemonAccess.socketOption, Pager.option],
      examples: [
        .init("anomalyctl explain 7d2f", "Why was I paged?"),
        .init(
          "anomalyctl explain 7d2f --json | jq .opening.seconds",
          "How often the metric is expected to score as high, in seconds."),
      ],
      json: """
        One object: event (type RecordedEvent), opening and peak (null, or score; samples: the \
        number of normal samples per one that scores as high; seconds: the time that number takes), \
        threshold (the \
        score from which the metric alarms now), evidence (kind, about, decades, meaning), earlier \
        (count; alike: how many of the same kind; last, lastAlike and lastAsRare: type Event), \
        recurrence (type Recurrence), incident (type IncidentSummary), companions (metric, id, \
        severity, what; offset: seconds from the beginning of the event), severityReason, outputs \
        (name, type, notified, reason: why it is not notified; empty if the incident is no longer \
        stored), budget (type Budget), remedies (when, what).
        """
    )
  ) { arguments, console in
    let explanation = try EventID.ask(about: arguments.positional[0], arguments) {
      client throws(ControlClientError) in
      try collect(about: arguments.positional[0], client)
    }
    if arguments.has("json") {
      try console.write(MessageJSON.line(ExplanationJSON(explanation)) + "\n")
    } else {
      let report = ExplanationReport(
        explanation, now: DaemonAccess.now(), width: console.width, style: console.style)
      try console.write(lines: report.lines())
    }
  }

  private static func collect(
    about id: String, _ client: ControlClient
  ) throws(ControlClientError) -> Explanation {
    let (detail, incident) = try find(id, client)
    let event = detail.event.event
    var history: [RecordedEventMessage] = []
    try client.listEvents(EventListRequest(pattern: Glob.escaped(event.metric))) {
      history += $0.events
    }
    var explanation = Explanation(detail, history: history)
    explanation.incident = incident
    let status = try client.status()
    explanation.budget = status.budget
    explanation.outputs = status.outputs
    do throws(ControlClientError) {
      explanation.metric = try client.showMetric(event.metric)
    } catch .refused(.noSuchMetric) {
      // It has been removed since.
    }
    return explanation
  }

  /// The event with an id, or the lead of the incident with that id, and the incident. As with
  /// `feedback`, a short id refers to an incident if there is one.
  private static func find(
    _ id: String, _ client: ControlClient
  ) throws(ControlClientError) -> (EventDetail, IncidentDetail?) {
    if id.utf8.count < 8,
      let incident = try known({ () throws(ControlClientError) in try client.showIncident(id) })
    {
      return try (lead(of: incident, client), incident)
    }
    let event: EventDetail
    do throws(ControlClientError) {
      event = try client.showEvent(id)
    } catch {
      guard case .refused(.noSuchEvent) = error,
        let incident = try known({ () throws(ControlClientError) in try client.showIncident(id) })
      else { throw error }
      return try (lead(of: incident, client), incident)
    }
    let incident = try event.incident.flatMap { membership throws(ControlClientError) in
      try known { () throws(ControlClientError) in try client.showIncident("\(membership.id)") }
    }
    return (event, incident)
  }

  private static func lead(
    of incident: IncidentDetail, _ client: ControlClient
  ) throws(ControlClientError) -> EventDetail {
    let events = incident.events.map(\.event)
    let leading = events.filter { $0.metric == incident.incident.lead }
    let worst = (leading.isEmpty ? events : leading).max {
      ($0.severity, $0.peakScore) < ($1.severity, $1.peakScore)
    }
    return try client.showEvent("\(worst?.id ?? incident.incident.id)")
  }

  /// The incident; nil if the history has none with that id.
  private static func known(
    _ ask: () throws(ControlClientError) -> IncidentDetail
  ) throws(ControlClientError) -> IncidentDetail? {
    do throws(ControlClientError) {
      return try ask()
    } catch .refused(.noSuchIncident) {
      return nil
    }
  }
}

/// An ``Explanation`` as JSON.
private struct ExplanationJSON: Encodable {
  struct Earlier: Encodable {
    var count: Int
    var alike: Int
    var last: EventMessage?
    var lastAlike: EventMessage?
    var lastAsRare: EventMessage?
  }

  var event: RecordedEventMessage
  var opening: Explanation.Rarity?
  var peak: Explanation.Rarity?
  var threshold: Double?
  var evidence: [Explanation.Kind]
  var earlier: Earlier
  var recurrence: RecurrenceMessage?
  var incident: IncidentMessage?
  var companions: [Explanation.Companion]
  var severityReason: String?
  var outputs: [Explanation.Recipient]
  var budget: BudgetStatus?
  var remedies: [Explanation.Remedy]

  init(_ explanation: Explanation) {
    event = explanation.recorded
    opening = explanation.opening
    peak = explanation.peak
    threshold = explanation.threshold
    evidence = explanation.kinds
    earlier = Earlier(
      count: explanation.earlier.count, alike: explanation.alike.count,
      last: explanation.earlier.first?.event, lastAlike: explanation.alike.first?.event,
      lastAsRare: explanation.asRare?.event)
    recurrence = explanation.detail.recurrence
    incident = explanation.incident?.incident
    companions = explanation.companions
    severityReason = explanation.detail.severityReason
    outputs = explanation.recipients
    budget = explanation.budget
    remedies = explanation.remedies
  }
}
