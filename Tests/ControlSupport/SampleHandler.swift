package import Control
import Events
import Monitor
package import Series

/// 2026-11-20T14:00:00Z.
package let noon = Timestamp(nanoseconds: 1_795_183_200_000_000_000)

/// A daemon with synthetic metrics `m0`, `m1`, ...; every third one is anomalous.
package struct SampleHandler: ControlHandler {
  /// How many metrics it has.
  package var count = 5
  /// How many metrics are examined for one page of a list.
  package var effort = Int.max

  /// The data that its taps deliver.
  package let source = SampleSource()

  package init(count: Int = 5) {
    self.count = count
  }

  package func tap(_ pattern: String?) throws(ControlError) -> any ReplyStream {
    if pattern == "[" { throw .invalidParameter("pattern") }
    return SampleStream(source)
  }

  /// The silence returned by requests for one.
  package static let silence: SilenceMessage = message(
    """
    {"id": "7", "state": "active", "metrics": ["disk.*"], "suppressesAlarms": true,
     "suppressesLearning": false, "reason": "backup", "schedule": [], "from": "NOON",
     "until": "2026-11-20T16:00:00.000Z", "user": 0, "added": "NOON", "heldEvents": 1}
    """)

  package func silences() -> [SilenceMessage] {
    var configured = SampleHandler.silence
    configured.id = "nightly"
    configured.schedule = ["*-*-* 02:00:00"]
    configured.state = .waiting
    (configured.user, configured.added, configured.until) = (nil, nil, nil)
    return [configured, SampleHandler.silence]
  }

  package func addSilence(
    _ request: SilenceRequest,
    _ permit: ChangePermit
  ) throws(ControlError) -> SilenceMessage {
    if request.seconds < 1 { throw .silenceRefused("too short") }
    var silence = SampleHandler.silence
    silence.metrics = request.metrics
    silence.suppressesAlarms = request.suppressesAlarms
    silence.suppressesLearning = request.suppressesLearning
    silence.reason = request.reason
    silence.from = request.from ?? noon
    silence.until = silence.from?.advanced(by: .seconds(request.seconds))
    silence.user = Int(permit.user)
    return silence
  }

  package func removeSilence(
    _ id: String,
    _ permit: ChangePermit
  ) throws(ControlError) -> SilenceMessage {
    guard id == SampleHandler.silence.id else { throw .noSuchSilence(id) }
    return SampleHandler.silence
  }

  func summary(_ index: Int) -> MetricSummary {
    let state = ["warming", "normal", "anomalous"][index % 3]
    let warmUp =
      index % 3 == 0
      ? #""warmUp": {"seen": 40, "needed": 600, "expectedEnd": "2026-11-20T14:46:40.000Z"},"#
      : #""lower": 10, "upper": 14,"#
    return message(
      """
      {"name": "m\(index)", "state": "\(state)", \(warmUp) "samples": 40, "gaps": 1,
       "lastSeen": "NOON", "value": \(index == 4 ? "null" : "12.5"), "expected": 12, "score": 1.5,
       "level": 0, "frozenSince": \(index == 4 ? "\"NOON\"" : "null")}
      """)
  }

  /// The model of `m4` is frozen, that of `m1` judges a trace.
  package func listModels(
    _ pattern: String?, from cursor: Int, limit: Int
  ) throws(ControlError) -> ModelPage {
    if pattern == "[" { throw .invalidParameter("pattern") }
    let end = min(count, cursor + limit)
    let models = (cursor..<end).filter { pattern ?? "m\($0)" == "m\($0)" }.map { index in
      let kind =
        index == 1
        ? #""kind": "symbols", "trained": "window of 2 columns""#
        : #""kind": "values", "error": 1.5, "skill": 0.25, "seconds": 200"#
      let frozen = index == 4 ? #", "frozenSince": "NOON""# : ""
      return message(
        """
        {"name": "m\(index)", \(kind), "state": "normal", "seen": 40, "updates": 3,
         "belief": 0.5, "bytes": 30000\(frozen)}
        """) as ModelSummary
    }
    return ModelPage(models: models, next: end < count ? end : nil)
  }

  package func snapshots() -> SnapshotsReply {
    message(
      """
      {"snapshots": [
        {"name": "auto-20261120T000000Z", "origin": "schedule", "made": "2026-11-20T00:00:00.000Z",
         "bytes": 4000000},
        {"name": "before-upgrade", "origin": "user", "made": "NOON", "bytes": 5000000}],
       "maximumBytes": 268435456}
      """)
  }

  package func deleteSnapshot(
    _ name: String, by permit: ChangePermit
  ) throws(ControlError) -> SnapshotReply {
    guard let snapshot = snapshots().snapshots.first(where: { $0.name == name }) else {
      throw .noSuchSnapshot(name)
    }
    return SnapshotReply(snapshot: snapshot)
  }

  package func snapshotModels(
    _ request: SnapshotRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    if request.name == "a b" { throw .invalidParameter("name") }
    if request.name == "before-upgrade" { throw .modelsRefused("there is one already") }
    var snapshot = snapshots().snapshots[1]
    snapshot.name = request.name ?? "auto-20261120T140000Z"
    return SampleReply(SnapshotReply(snapshot: snapshot))
  }

  package func rollBackModels(
    _ request: RollbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    let all = snapshots().snapshots
    let found = request.snapshot.map { name in all.first { $0.name == name } } ?? all.first
    guard let found else { throw .noSuchSnapshot(request.snapshot ?? "") }
    var reply = RollbackReply(snapshot: found)
    reply.metrics = request.metrics.isEmpty ? count : request.metrics.count
    (reply.newer, reply.failed, reply.firstFailure) = (1, 1, "m9: damaged")
    if request.until != nil { reply.relearnt = 200 }
    return SampleReply(reply)
  }

  package func exportModel(_ request: ExportRequest) throws(ControlError) -> any ReplyStream {
    guard request.name.hasPrefix("m") else { throw .noSuchMetric(request.name) }
    return SampleReply(ExportReply(Array("exported \(request.name)".utf8)))
  }

  package func importModel(
    _ request: ImportRequest, by permit: ChangePermit
  ) throws(ControlError) -> ImportReply {
    if request.data.bytes.isEmpty { throw .modelsRefused("it is empty") }
    return ImportReply(
      metric: request.name ?? "m1", source: "m1", exported: noon, differences: ["a", "b"])
  }

  package func changeModels(
    _ change: ModelChange, _ request: ModelChangeRequest, by permit: ChangePermit
  ) throws(ControlError) -> ModelChangeReply {
    guard let first = request.metrics.first else { throw .invalidParameter("metrics") }
    if first == "[" { throw .invalidParameter("metrics") }
    guard first.hasPrefix("m") else { throw .noSuchMetric(first) }
    return ModelChangeReply(
      metrics: request.metrics, changed: request.metrics.count, unchanged: 1, warming: 1)
  }

  var event: EventMessage {
    message(
      """
      {"id": "019aa2c4-5f10-7abc-8def-0123456789ab", "metric": "m2",
       "began": "2026-11-20T13:59:00.000Z", "opened": "NOON", "updated": "NOON", "value": 99,
       "expected": 12, "lower": 10, "upper": 14, "score": 4.1, "peakScore": 5, "peakValue": 101,
       "peakAt": "NOON", "severity": "warning", "direction": "high", "reason": "jump",
       "explanation": "m2 jumped to 99", "silencedBy": "7"}
      """)
  }

  /// An incident of two metrics.
  package var incident: IncidentMessage {
    message(
      """
      {"id": "019aa2c4-5f10-7abc-8def-0123456789ac", "state": "open",
       "began": "2026-11-20T13:59:00.000Z", "opened": "NOON", "severity": "error",
       "headline": "m2 unusual, m3 with it",
       "sentence": "incident 89ac: m2 unusual, m3 with it (2 metrics): m2 99 where 12 is usual",
       "lead": "m2", "metrics": 2, "size": 2, "open": 1, "subsystems": ["m2", "m3"],
       "attributions": [{"unit": "a.service", "cpu": 0.5, "processors": 2, "readRate": 1, "writeRate": 2,
        "memory": 3}]}
      """)
  }

  package func listIncidents(
    _ request: IncidentListRequest
  ) throws(ControlError) -> any ReplyStream {
    if request.limit == -1 { throw .invalidParameter("limit") }
    return SampleIncidents([incident])
  }

  package func showIncident(_ id: String) throws(ControlError) -> IncidentDetail {
    var incident = incident
    guard incident.id.description.hasSuffix(id) else { throw .noSuchIncident(id) }
    (incident.state, incident.closed) = (.closed, noon.advanced(by: .seconds(90)))
    return IncidentDetail(incident: incident, events: Array(recorded.prefix(2)))
  }

  package func status() -> StatusReply {
    var reply: StatusReply = message(
      """
      {"version": "0.1.0", "pid": 42, "started": "NOON", "now": "NOON",
       "configuration": {"files": ["/etc/anomalyd/anomalyd.conf"], "loaded": "NOON",
        "lastReload": {"at": "NOON", "succeeded": false, "errors": ["x.conf:3: bad"]}},
       "inputs": [
        {"name": "host", "type": "procfs", "source": "this host", "state": "ok", "samples": 10,
         "malformed": 0, "gaps": 0, "refused": 0, "dropped": 0, "skipped": 0,
         "lastSampleAt": "NOON", "lastSampleAge": 1.5, "deliveredAt": "NOON", "stallAfter": 300},
        {"name": "furnace", "type": "csv", "source": "/var/log/furnace.csv", "state": "failing",
         "samples": 10, "malformed": 3, "gaps": 2, "refused": 0, "dropped": 0, "skipped": 0,
         "lastError": "no such file", "lastErrorAt": "NOON", "lagBytes": 4096}],
       "outputs": [
        {"name": "journal", "type": "journal", "healthy": true, "emitted": 2, "failed": 0,
         "queued": 0, "dropped": 0, "minimumSeverity": "info"},
        {"name": "events", "type": "file", "healthy": false, "emitted": 2, "failed": 0,
         "queued": 0, "dropped": 0, "lastError": "disk full", "lastErrorAt": "NOON",
         "minimumSeverity": "error", "delivery":
         {"waiting": 2, "delivered": 9, "attempts": 12, "failures": 3, "refused": 1, "kept": 1,
          "expired": 1, "lastSuccessAt": "NOON", "lastHeartbeatAt": "NOON",
          "lastAnswer": "503 after 12 ms",
          "lastAnswerAt": "NOON", "retryAt": "NOON", "stopped": "gone", "tests": [
           {"message": "a", "delivered": true, "status": 202, "body": "ok", "seconds": 0.25},
           {"message": "b", "delivered": false, "body": "", "error": "timed out",
            "seconds": 20}]}}],
       "metrics": {"registered": \(count), "limit": 1000, "refused": 0, "warming": 2, "learningLeft": 60, "firstReady": 20,
        "normal": 2,
        "anomalous": 1, "shown": 0, "silent": 1, "frozen": 1, "forgotten": 0, "displaced": 0},
       "budget": {"alarmsPerDay": 2, "samplesPerAlarm": 10800, "overdraft": 1.5},
       "resources": {"residentBytes": 18000000, "bytesPerMetric": 45000,
        "nanosecondsPerSample": 4200, "samples": 99, "cpuSeconds": 1.5},
       "checkpoint": {"lastAt": "NOON", "bytes": 5000000, "milliseconds": 12.5, "nextIn": 600,
        "lastError": "disk full",
        "restored": {"saved": "NOON", "metrics": 4, "lost": 1, "firstLost": "m9: damaged",
         "fallback": "the newest is unusable"}},
       "record": {"events": 3, "bytes": 9000, "waiting": 2, "dropped": 0,
        "lastError": "disk full"},
       "control": {"clients": 1, "accepted": 3, "turnedAway": 0, "calls": 7, "errors": 1,
        "closed": 1},
       "openEventCount": 1, "openEvents": [],
       "openIncidentCount": 1, "incidents": [],
       "silences": [],
       "models": [
         {"name": "shop", "metric": "model.shop", "file": "/etc/anomalyd/shop.model",
          "kind": "forecaster", "rows": 1200, "late": 3, "trainedInterval": 10, "interval": 10.5,
          "multiplications": 9000, "rowSeconds": 0.0004, "columns": [
            {"name": "orders", "metric": "shop.orders", "isMissing": false,
             "newest": "NOON"},
            {"name": "payments", "metric": "shop.payments", "isMissing": false, "newest": "NOON"}]}],
       "learningSnapshots": {"metrics": 3, "bytes": 138000, "maximumBytes": 67108864,
        "refused": 1},
       "events": [{"severity": "warning", "opened": 3, "updated": 1, "closed": 2, "silenced": 4}],
       "incidentSteps": [{"severity": "error", "opened": 2, "worsened": 1, "closed": 3}],
       "textfile": {"path": "/t/anomalyd.prom", "writtenAt": "NOON", "lastError": "disk full"},
       "problems": [
         {"kind": "loss", "subject": "output events", "sentence": "has dropped events",
          "remedy": "make room", "count": 3, "since": "NOON"}]}
      """)
    reply.openEvents = [event]
    reply.silences = silences()
    reply.incidents = [incident]
    return reply
  }

  package func listMetrics(
    _ request: MetricListRequest,
    from cursor: Int,
    limit: Int
  ) throws(ControlError) -> MetricPage {
    if request.pattern == "[" { throw .invalidParameter("pattern") }
    var page: [MetricSummary] = []
    for index in cursor..<count {
      if index - cursor == effort { return MetricPage(metrics: page, next: index) }
      let metric = summary(index)
      if let state = request.state, metric.state != state { continue }
      if let pattern = request.pattern, pattern != metric.name { continue }
      if page.count == limit { return MetricPage(metrics: page, next: index) }
      page.append(metric)
    }
    return MetricPage(metrics: page, next: nil)
  }

  /// Accepts `events` and sends two messages; `x` does not exist, everything else is accepted
  /// immediately.
  package func testOutput(_ name: String, _ permit: ChangePermit) throws(ControlError) -> OutputTest
  {
    switch name {
    case "x": throw .noSuchOutput(name)
    case "events": OutputTest(messages: ["a", "b"], taken: true, error: nil)
    case "full": OutputTest(messages: [], taken: false, error: "disk full")
    default: OutputTest(messages: [], taken: true, error: nil)
    }
  }

  /// Three events in the history: `m0` closed and called a false alarm, `m1` open and silenced,
  /// `m2` open.
  package var recorded: [RecordedEventMessage] {
    (0..<3).map { index in
      var event = event
      event.id = message("\"019aa2c4-5f10-7abc-8def-00000000000\(index)\"")
      event.metric = "m\(index)"
      event.opened = noon.advanced(by: .seconds(60 * index))
      event.severity = index == 2 ? .critical : .warning
      let more = [
        #""closed": "2026-11-20T14:01:30.000Z", "#
          + #""feedback": {"event": "\#(event.id)", "judgement": "falseAlarm", "at": "NOON", "#
          + #""user": 1000, "note": "a test"},"#,
        #""silence": "backup","#, "",
      ][index]
      return message(
        """
        {"state": "\(index == 0 ? "closed" : "opened")", "event": \(MessageJSON.line(event)),
         \(more) "sentence": "m\(index) jumped", "recorded": "NOON"}
        """)
    }
  }

  private func wanted(_ request: EventListRequest) throws(ControlError) -> [RecordedEventMessage] {
    if request.pattern == "[" { throw .invalidParameter("pattern") }
    let found = recorded.reversed().filter { event in
      (request.pattern.map { $0 == event.event.metric } ?? true)
        && (request.open != true || event.closed == nil)
        && (request.severity.map { $0 == event.event.severity } ?? true)
        && (request.since.map { event.event.opened >= $0 } ?? true)
    }
    return Array(found.prefix(request.limit ?? .max))
  }

  package func listEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream {
    SampleEvents(try wanted(request))
  }

  package func followEvents(_ request: EventListRequest) throws(ControlError) -> any ReplyStream {
    SampleEvents(try wanted(request))
  }

  package func showEvent(_ id: String) throws(ControlError) -> EventDetail {
    let found = recorded.filter {
      let text = $0.event.id.description
      return text.hasPrefix(id) || text.hasSuffix(id)
    }
    guard let event = found.first else { throw .noSuchEvent(id) }
    guard found.count == 1 else { throw .ambiguousEvent(id) }
    return EventDetail(
      event: event,
      samples: [12, .nan, 99].map { Sample(timestamp: noon, value: $0) },
      evidence: [EvidenceReading(kind: "jump", decades: 4.5)],
      incident: IncidentMembership(
        id: event.event.id, position: 1, size: 2, open: 1,
        events: [
          .init(
            id: event.event.id, metric: MetricName(sanitizing: event.event.metric),
            began: event.event.began)
        ]),
      recurrence: message(
        #"{"standing": "unordered", "earlier": 3, "usually": "03:05-03:40 UTC", "remark": "seen 3 times before"}"#
      ),
      severityReason: "similar events have occurred before, so it is at most a warning"
    )
  }

  package func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply {
    var event = try showEvent(request.id).event
    event.feedback = Feedback(
      event: event.event.id, judgement: request.judgement, at: noon, user: permit.user,
      note: request.note ?? "")
    return FeedbackReply(
      event: event,
      raised: [EvidenceReading(kind: "jump", decades: 0.8)],
      wouldStillOpen: false,
      others: [
        FeedbackEffectMessage(
          metric: "m3", raised: [EvidenceReading(kind: "jump", decades: 0.4)], wouldStillOpen: false
        )
      ]
    )
  }

  package func closeEvent(
    _ request: CloseEventRequest, by permit: ChangePermit
  ) throws(ControlError) -> CloseEventReply {
    CloseEventReply(event: try showEvent(request.id).event, closed: request.reason != nil)
  }

  package func showMetric(_ name: String) throws(ControlError) -> MetricDetail {
    guard let index = (0..<count).first(where: { "m\($0)" == name }) else {
      throw .noSuchMetric(name)
    }
    var detail: MetricDetail = message(
      """
      {"metric": \(MessageJSON.line(summary(index))), "reason": "jump",
       "evidence": [{"kind": "jump", "decades": 4.5}],
       "history": [{"at": "NOON", "value": 12}, {"at": "NOON"}],
       "feedback": [{"event": "\(event.id)", "judgement": "falseAlarm", "at": "NOON",
        "effect": [{"kind": "jump", "decades": 0.8}]}],
       "raised": [{"kind": "jump", "decades": 0.8}],
       "facts": [{"name": "scale", "value": 1.5}, {"name": "loss"}],
       "bytes": 45000, "silences": []}
      """)
    if index == 2 { detail.openEvent = event }
    detail.silences = silences()
    return detail
  }
}

/// The only reply.
private final class SampleReply: ReplyStream {
  private let reply: any Encodable

  init(_ reply: some Encodable) { self.reply = reply }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep { .part(reply, continues: false) }

  func end() {}
}

/// Incidents, all in one reply.
private final class SampleIncidents: ReplyStream {
  private let incidents: [IncidentMessage]

  init(_ incidents: [IncidentMessage]) { self.incidents = incidents }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep { .part(IncidentsReply(incidents: incidents), continues: false) }

  func end() {}
}

/// Events that come one in a reply.
private final class SampleEvents: ReplyStream {
  private var left: [RecordedEventMessage]

  init(_ events: [RecordedEventMessage]) { left = events }

  var isReady: Bool { true }

  func next() -> ReplyStreamStep {
    let part = EventsReply(events: Array(left.prefix(1)), step: 7)
    left = Array(left.dropFirst())
    return .part(part, continues: !left.isEmpty)
  }

  func end() {}
}
