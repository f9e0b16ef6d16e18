package import Control
package import Series

/// 2026-11-20T14:00:00Z.
package let noon = Timestamp(nanoseconds: 1_795_183_200_000_000_000)

/// A daemon with made-up metrics `m0`, `m1`, ...; every third one is anomalous.
package struct SampleHandler: ControlHandler {
  /// How many metrics it has.
  package var count = 5

  /// What its taps deliver.
  package let source = SampleSource()

  package init(count: Int = 5) {
    self.count = count
  }

  package func tap(_ pattern: String?) throws(ControlError) -> any ReplyStream {
    if pattern == "[" { throw .invalidParameter("pattern") }
    return SampleStream(source)
  }

  /// A silence as calls for one get it.
  package static let silence = SilenceMessage(
    id: "7", state: .active, metrics: ["disk.*"], suppressesAlarms: true, suppressesLearning: false,
    reason: "backup", schedule: [], from: Moment(noon),
    until: Moment(noon.advanced(by: .seconds(7200))), user: 0, added: Moment(noon), heldEvents: 1)

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
    silence.from = request.from ?? Moment(noon)
    silence.until = silence.from.map {
      Moment($0.timestamp.advanced(by: .seconds(request.seconds)))
    }
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
    MetricSummary(
      name: "m\(index)",
      state: index % 3 == 2 ? .anomalous : index % 3 == 1 ? .normal : .warming,
      warmUp: index % 3 == 0
        ? WarmUp(seen: 40, needed: 600, expectedEnd: Moment(noon.advanced(by: .seconds(2800))))
        : nil,
      samples: 40,
      gaps: 1,
      lastSeen: Moment(noon),
      value: index == 4 ? .nan : 12.5,
      expected: 12,
      lower: index % 3 == 0 ? .nan : 10,
      upper: index % 3 == 0 ? .infinity : 14,
      score: 1.5,
      level: 0
    )
  }

  var event: EventMessage {
    EventMessage(
      id: "019aa2c4-5f10-7abc-8def-0123456789ab",
      metric: "m2",
      began: Moment(noon.advanced(by: .seconds(-60))),
      opened: Moment(noon),
      updated: Moment(noon),
      value: 99,
      expected: 12,
      lower: 10,
      upper: 14,
      score: 4.1,
      peakScore: 5,
      peakValue: 101,
      peakAt: Moment(noon),
      severity: "warning",
      direction: "high",
      reason: "jump",
      explanation: "m2 jumped to 99",
      silencedBy: "7"
    )
  }

  package func status() -> StatusReply {
    StatusReply(
      version: "0.1.0",
      pid: 42,
      started: Moment(noon),
      now: Moment(noon),
      configuration: ConfigurationStatus(
        files: ["/etc/anomalyd/anomalyd.conf"],
        loaded: Moment(noon),
        lastReload: ReloadResult(at: Moment(noon), succeeded: false, errors: ["x.conf:3: bad"])
      ),
      inputs: [
        InputStatus(
          name: "host",
          type: "procfs",
          source: "this host",
          state: .ok,
          samples: 10,
          malformed: 0,
          gaps: 0,
          refused: 0,
          lastError: nil,
          lastErrorAt: nil,
          lastSampleAt: Moment(noon),
          lastSampleAge: 1.5,
          deliveredAt: Moment(noon),
          stallAfter: 300,
          lagBytes: nil
        ),
        InputStatus(
          name: "furnace",
          type: "csv",
          source: "/var/log/furnace.csv",
          state: .failing,
          samples: 10,
          malformed: 3,
          gaps: 2,
          refused: 0,
          lastError: "no such file",
          lastErrorAt: Moment(noon),
          lastSampleAt: nil,
          lastSampleAge: nil,
          deliveredAt: nil,
          stallAfter: nil,
          lagBytes: 4096
        ),
      ],
      outputs: [
        OutputStatus(
          name: "journal",
          type: "journal",
          healthy: true,
          emitted: 2,
          failed: 0,
          queued: 0,
          dropped: 0,
          lastError: nil,
          lastErrorAt: nil
        ),
        OutputStatus(
          name: "events",
          type: "file",
          healthy: false,
          emitted: 2,
          failed: 0,
          queued: 0,
          dropped: 0,
          lastError: "disk full",
          lastErrorAt: Moment(noon),
          delivery: DeliveryStatus(
            waiting: 2, delivered: 9, attempts: 12, failures: 3, refused: 1, kept: 1, expired: 1,
            lastSuccessAt: Moment(noon), lastAnswer: "503 after 12 ms", lastAnswerAt: Moment(noon),
            retryAt: Moment(noon), stopped: "gone",
            tests: [
              TestAnswer(
                message: "a", delivered: true, status: 202, body: "ok", error: nil, seconds: 0.25),
              TestAnswer(
                message: "b", delivered: false, status: nil, body: "", error: "timed out",
                seconds: 20),
            ])
        ),
      ],
      metrics: MetricCounts(
        registered: count,
        limit: 1000,
        refused: 0,
        warming: 2,
        normal: 2,
        anomalous: 1,
        silent: 1
      ),
      budget: BudgetStatus(alarmsPerDay: 2, samplesPerAlarm: 10_800, overdraft: 1.5),
      resources: ResourceStatus(
        residentBytes: 18_000_000,
        bytesPerMetric: 45_000,
        nanosecondsPerSample: 4200,
        samples: 99,
        cpuSeconds: 1.5
      ),
      checkpoint: CheckpointStatus(
        lastAt: Moment(noon),
        bytes: 5_000_000,
        milliseconds: 12.5,
        nextIn: 600,
        lastError: "disk full"
      ),
      record: RecordStatus(
        events: 3, bytes: 9_000, waiting: 2, dropped: 0, lastError: "disk full"),
      control: ControlStatus(
        clients: 1, accepted: 3, turnedAway: 0, calls: 7, errors: 1, closed: 1),
      openEventCount: 1,
      openEvents: [event],
      incidents: [
        OpenIncidentMessage(
          id: event.id, began: Moment(noon), severity: "error", size: 2, open: 1, metrics: ["m2"])
      ],
      silences: silences(),
      learningSnapshots: KeptLearningStatus(
        metrics: 3, bytes: 138_000, maximumBytes: 64 << 20, refused: 1),
      events: [EventCounts(severity: "warning", opened: 3, updated: 1, closed: 2, silenced: 4)],
      textfile: TextfileStatus(
        path: "/t/anomalyd.prom", writtenAt: Moment(noon), lastError: "disk full")
    )
  }

  package func listMetrics(
    _ request: MetricListRequest,
    from cursor: Int,
    limit: Int
  ) throws(ControlError) -> MetricPage {
    if request.pattern == "[" { throw .invalidParameter("pattern") }
    var page: [MetricSummary] = []
    for index in cursor..<count {
      let metric = summary(index)
      if let state = request.state, metric.state != state { continue }
      if let pattern = request.pattern, pattern != metric.name { continue }
      if page.count == limit { return MetricPage(metrics: page, next: index) }
      page.append(metric)
    }
    return MetricPage(metrics: page, next: nil)
  }

  /// Takes `events` and sends two messages; `x` is not there, all else is taken at once.
  package func testOutput(_ name: String, _ permit: ChangePermit) throws(ControlError) -> OutputTest
  {
    switch name {
    case "x": throw .noSuchOutput(name)
    case "events": OutputTest(messages: ["a", "b"], taken: true, error: nil)
    case "full": OutputTest(messages: [], taken: false, error: "disk full")
    default: OutputTest(messages: [], taken: true, error: nil)
    }
  }

  /// Three events that the record has: `m0` closed and called a false alarm, `m1` open and
  /// silenced, `m2` open.
  package var recorded: [RecordedEventMessage] {
    (0..<3).map { index in
      var event = event
      event.id = "019aa2c4-5f10-7abc-8def-00000000000\(index)"
      event.metric = "m\(index)"
      event.opened = Moment(noon.advanced(by: .seconds(60 * index)))
      event.severity = index == 2 ? "critical" : "warning"
      return RecordedEventMessage(
        state: index == 0 ? "closed" : "opened",
        event: event,
        closed: index == 0 ? Moment(noon.advanced(by: .seconds(90))) : nil,
        sentence: "m\(index) jumped",
        recorded: Moment(noon),
        silence: index == 1 ? "backup" : nil,
        feedback: index == 0
          ? FeedbackMessage(judgement: .falseAlarm, at: Moment(noon), user: 1000, note: "a test")
          : nil
      )
    }
  }

  private func wanted(_ request: EventListRequest) throws(ControlError) -> [RecordedEventMessage] {
    if request.pattern == "[" { throw .invalidParameter("pattern") }
    let found = recorded.reversed().filter { event in
      (request.pattern.map { $0 == event.event.metric } ?? true)
        && (request.open != true || event.closed == nil)
        && (request.severity.map { $0 == event.event.severity } ?? true)
        && (request.since.map { event.event.opened.timestamp >= $0.timestamp } ?? true)
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
    let found = recorded.filter { $0.event.id.hasPrefix(id) || $0.event.id.hasSuffix(id) }
    guard let event = found.first else { throw .noSuchEvent(id) }
    guard found.count == 1 else { throw .ambiguousEvent(id) }
    return EventDetail(
      event: event,
      samples: [
        HistorySample(at: Moment(noon), value: 12), HistorySample(at: Moment(noon), value: .nan),
        HistorySample(at: Moment(noon), value: 99),
      ],
      evidence: [EvidenceReading(kind: "jump", decades: 4.5)],
      incident: IncidentMessage(
        id: event.event.id, position: 1, size: 2, open: 1,
        events: [.init(id: event.event.id, metric: event.event.metric, began: event.event.began)])
    )
  }

  package func setFeedback(
    _ request: FeedbackRequest, by permit: ChangePermit
  ) throws(ControlError) -> FeedbackReply {
    var event = try showEvent(request.id).event
    event.feedback = FeedbackMessage(
      judgement: request.judgement, at: Moment(noon), user: Int(permit.user),
      note: request.note ?? "")
    return FeedbackReply(
      event: event,
      raised: [EvidenceReading(kind: "jump", decades: 0.8)],
      wouldStillOpen: false
    )
  }

  package func showMetric(_ name: String) throws(ControlError) -> MetricDetail {
    guard let index = (0..<count).first(where: { "m\($0)" == name }) else {
      throw .noSuchMetric(name)
    }
    return MetricDetail(
      metric: summary(index),
      openEvent: index == 2 ? event : nil,
      reason: "jump",
      evidence: [EvidenceReading(kind: "jump", decades: 4.5)],
      history: [
        HistorySample(at: Moment(noon), value: 12), HistorySample(at: Moment(noon), value: .nan),
      ],
      feedback: [
        MetricFeedback(
          event: event.id, judgement: .falseAlarm, at: Moment(noon),
          effect: [EvidenceReading(kind: "jump", decades: 0.8)])
      ],
      raised: [EvidenceReading(kind: "jump", decades: 0.8)],
      facts: [Fact(name: "scale", value: 1.5), Fact(name: "loss", value: .nan)],
      bytes: 45_000,
      silences: silences()
    )
  }
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
