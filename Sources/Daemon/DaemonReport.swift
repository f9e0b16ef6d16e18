import CommandLine
import Config
import Control
import Detection
import Events
import Glibc
import Inputs
import Monitor
import Outbox
import Outputs
import Series
import Store
import System

/// The daemon's status on the control socket.
struct DaemonReport: ControlHandler {
  unowned let agent: Daemon

  /// Maximum number of metrics examined for one page, listed or not: a few milliseconds of the
  /// loop.
  private static let metricsPerPage = 5_000

  func status() -> StatusReply {
    let census = agent.monitor.census(at: agent.options.awakeClock())
    agent.problems.take(problems(census))
    let now = agent.options.clock()
    let open = agent.monitor.openEvents.sorted { $0.opened > $1.opened }
    return StatusReply(
      version: Product.version,
      pid: Int(getpid()),
      started: agent.started,
      now: now,
      configuration: configuration,
      inputs: agent.inputs.runners.map { input($0, now: now) },
      outputs: agent.events.outputs.map { output($0, $0.delivery()) },
      metrics: MetricCounts(agent.monitor, census),
      budget: budget,
      resources: resources,
      checkpoint: checkpoint,
      record: record,
      control: control,
      openEventCount: open.count,
      openEvents: open.prefix(StatusReply.maximumOpenEvents).map(message(of:)),
      openIncidentCount: agent.monitor.incidents.count { $0.state == .open },
      incidents: agent.monitor.incidents.reversed()
        .filter { $0.state != .over && ($0.state == .open || !$0.open.isEmpty) }
        .prefix(StatusReply.maximumIncidents).map { IncidentMessage($0) },
      silences: activeSilences(),
      learningSnapshots: KeptLearningStatus(agent.monitor),
      events: Severity.allCases.map { EventCounts($0, in: agent.events.tally) },
      incidentSteps: Severity.allCases.map { IncidentCounts($0, in: agent.events.tally) },
      textfile: agent.textfile.status,
      models: agent.monitor.attachments.map { status(of: $0) },
      problems: agent.problems.current
    )
  }

  /// The present problems, without assembling the events and silences of a full status.
  func problems(_ census: MetricCensus) -> [Problem] {
    let now = agent.options.clock()
    let survey = ProblemSurvey(
      inputs: agent.inputs.runners.map { input($0, now: now) },
      outputs: agent.events.outputs.map { output($0, $0.delivery(atMostOld: .seconds(5))) },
      models: agent.monitor.attachments.map { status(of: $0) }, configuration: configuration,
      metrics: MetricCounts(agent.monitor, census), budget: budget, control: control,
      learningSnapshots: KeptLearningStatus(agent.monitor), textfile: agent.textfile.status,
      record: record, checkpoint: checkpoint)
    return survey.problems + [agent.silences.problem].compactMap(\.self)
  }

  func listMetrics(
    _ request: MetricListRequest,
    from cursor: Int,
    limit: Int
  ) throws(ControlError) -> MetricPage {
    let (found, next) = try page(request.pattern, from: cursor, limit: limit) {
      metrics, index in
      request.state.map { $0 == metrics[index].state } ?? true ? summary(of: metrics[index]) : nil
    }
    return MetricPage(metrics: found, next: next)
  }

  /// One page of a list of metrics.
  /// - Parameters:
  ///   - entry: the entry of the metric at an index, nil if it is not listed. By index: only a
  ///     metric that is listed is worth a copy.
  func page<Entry>(
    _ pattern: String?, from cursor: Int, limit: Int, _ entry: ([MonitoredMetric], Int) -> Entry?
  ) throws(ControlError) -> ([Entry], next: Int?) {
    let glob = try glob(pattern)
    let metrics = agent.monitor.metrics
    var found: [Entry] = []
    var index = max(0, cursor)
    let end = min(metrics.count, index + DaemonReport.metricsPerPage)
    while index < end, found.count < limit {
      if glob?.matches(metrics[index].name.text) ?? true, let entry = entry(metrics, index) {
        found.append(entry)
      }
      index += 1
    }
    return (found, index < metrics.count ? index : nil)
  }

  func testOutput(_ name: String, _ permit: ChangePermit) throws(ControlError) -> OutputTest {
    try agent.events.test(name)
  }

  func showMetric(_ name: String) throws(ControlError) -> MetricDetail {
    guard let known = try? MetricName(validating: name), let metric = agent.monitor[known] else {
      throw .noSuchMetric(name)
    }
    var detail = MetricDetail(
      metric, openEvent: metric.openEvent.map(message(of:)), silences: activeSilences(for: known))
    detail.metric = summary(of: metric)
    return detail
  }

  /// A metric in a list; if the time stamp of its newest sample is in the future, the arrival time
  /// is shown.
  private func summary(of metric: MonitoredMetric) -> MetricSummary {
    var summary = MetricSummary(metric)
    guard let seen = summary.lastSeen else { return summary }
    let now = agent.options.clock()
    if DaemonReport.isAhead(seen, of: now) {
      summary.lastSeen = now.advanced(by: metric.heard - agent.options.awakeClock())
    }
    return summary
  }

  /// The age of the newest sample of an input.
  private func age(of sample: Timestamp, heard: MonotonicTime?, now: Timestamp) -> Duration {
    if let heard, DaemonReport.isAhead(sample, of: now) {
      return MonotonicTime.now.elapsed(since: heard)
    }
    return now.elapsed(since: sample)
  }

  /// Whether a time stamp is in the future: the clock has been set back since, or the source's
  /// clock is ahead by more than the tolerance.
  private static func isAhead(_ moment: Timestamp, of now: Timestamp) -> Bool {
    moment.elapsed(since: now) > .seconds(5)
  }

  private func message(of event: Event) -> EventMessage {
    EventMessage(event, silencedBy: agent.monitor.silence(muting: event))
  }

  // MARK: Silences

  func silences() -> [SilenceMessage] { agent.silences.book.all.map(message(of:)) }

  func addSilence(
    _ request: SilenceRequest,
    _ permit: ChangePermit
  ) throws(ControlError) -> SilenceMessage {
    message(of: try agent.silences.add(request, permit))
  }

  func removeSilence(_ id: String, _ permit: ChangePermit) throws(ControlError) -> SilenceMessage {
    var message = message(of: try agent.silences.remove(id, permit))
    message.state = .ended
    message.until = agent.options.clock()
    return message
  }

  /// The active ones, for one metric or any.
  private func activeSilences(for metric: MetricName? = nil) -> [SilenceMessage] {
    agent.silences.book.active(at: agent.options.clock(), for: metric).map(message(of:))
  }

  private func message(of silence: Silence) -> SilenceMessage {
    SilenceMessage(
      silence, in: agent.silences.book, at: agent.options.clock(),
      heldEvents: agent.monitor.eventCount(mutedBy: silence.id))
  }

  func tap(_ pattern: String?) throws(ControlError) -> any ReplyStream {
    SampleTap(try glob(pattern), on: agent.monitor)
  }

  private func glob(_ pattern: String?) throws(ControlError) -> Glob? {
    guard let pattern else { return nil }
    guard let glob = Glob(pattern) else { throw .invalidParameter("pattern") }
    return glob
  }

  private var configuration: ConfigurationStatus {
    let facts = agent.reloads
    return ConfigurationStatus(
      files: agent.settings.files,
      loaded: facts.loadedAt?.timestamp(asOf: agent.options.clock()) ?? agent.started,
      lastReload: facts.lastAt.map {
        ReloadResult(
          at: $0.timestamp(asOf: agent.options.clock()),
          succeeded: facts.lastErrors.isEmpty,
          errors: facts.lastErrors
        )
      }
    )
  }

  private func input(_ runner: InputRunner, now: Timestamp) -> InputStatus {
    let health = runner.input.health
    return InputStatus(
      name: runner.settings.name,
      type: runner.settings.typeName,
      source: runner.section.subject,
      state: runner.state(isStalled: agent.inputs.isStalled(runner)),
      samples: health.samples,
      malformed: health.malformed,
      gaps: health.gaps,
      refused: health.refused,
      dropped: health.dropped,
      skipped: health.skipped,
      lastError: health.lastError,
      lastErrorAt: health.lastErrorAt,
      lastSampleAt: health.lastSampleAt,
      lastSampleAge: health.lastSampleAt.map {
        age(of: $0, heard: runner.delivered?.monotonic, now: now).inSeconds
      },
      deliveredAt: runner.delivered?.timestamp(asOf: now),
      stallAfter: agent.monitor.stall(of: runner.settings.name)?.limit?.inSeconds,
      lagBytes: health.lagBytes
    )
  }

  private func output(_ slot: OutputSlot, _ delivery: OutboxDelivery?) -> OutputStatus {
    let health = slot.output.health
    let trouble = delivery?.trouble(now: agent.options.clock())
    let isStuck = health.waiting > 0 || health.isFailing
    return OutputStatus(
      name: slot.output.name,
      type: slot.typeName,
      healthy: !isStuck && trouble == nil,
      emitted: health.delivered,
      failed: health.failures + (delivery?.state?.failures ?? 0),
      queued: health.waiting + (delivery?.waiting ?? 0),
      dropped: health.dropped + (delivery?.state?.expired ?? 0),
      lastError: isStuck ? health.lastError : trouble?.text ?? health.lastError,
      lastErrorAt: (isStuck ? nil : trouble?.at) ?? health.lastErrorAt,
      minimumSeverity: slot.output.minimumSeverity,
      delivery: delivery.map(DeliveryStatus.init)
    )
  }

  private var record: RecordStatus? {
    agent.events.record.map { record in
      RecordStatus(
        events: record.count, bytes: record.bytes, waiting: record.waiting,
        dropped: record.dropped, lastError: record.lastError?.description)
    }
  }

  private var control: ControlStatus { ControlStatus(agent.control?.health ?? ControlHealth()) }

  private var budget: BudgetStatus? {
    guard agent.settings.detector.alarmBudget.alarmsPerDay != nil else { return nil }
    return BudgetStatus(agent.monitor.budget)
  }

  private var resources: ResourceStatus {
    let monitor = agent.monitor
    return ResourceStatus(
      residentBytes: ProcessCost.residentBytes,
      bytesPerMetric: monitor.bytesPerMetric,
      nanosecondsPerSample: monitor.samples > 0
        ? (agent.inputs.busy / .nanoseconds(1)) / Double(monitor.samples) : nil,
      samples: monitor.samples,
      cpuSeconds: Double(ProcessCost.cpuNanoseconds) * 1e-9
    )
  }

  private var checkpoint: CheckpointStatus {
    let facts = agent.checkpoints.facts
    return CheckpointStatus(
      lastAt: facts.lastAt?.timestamp(asOf: agent.options.clock()),
      bytes: facts.bytes,
      milliseconds: facts.took.inSeconds * 1000,
      nextIn: facts.next.map { $0.elapsed(since: .now).inSeconds },
      lastError: facts.lastError,
      restored: facts.restored
    )
  }
}
