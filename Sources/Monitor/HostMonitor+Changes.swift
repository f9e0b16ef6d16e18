import Calendar
package import Detection
public import Events
import Models
public import Series

/// Changes other than samples: configuration, silences, inputs, feedback.
extension HostMonitor {
  // MARK: Facts

  /// The metrics, in order of registration, until one is removed: then the last one takes its
  /// place.
  public var metrics: [MonitoredMetric] { table.metrics }
  /// The metrics by state.
  /// - Parameter now: a clock that stops while the machine is suspended.
  public func census(at now: Duration) -> MetricCensus { MetricCensus(table.metrics, at: now) }
  /// The metric of that name.
  public subscript(name: MetricName) -> MonitoredMetric? { table[name] }
  /// Requests for a new metric since the start that were refused because the table was full.
  public var refusals: Int { table.registry.refusals }
  /// Changes when a metric is removed.
  public var epoch: Int { table.registry.removals }
  /// Removals of metrics from the table, since the start.
  public var ageing: AgeingFacts { table.ageing }
  /// The limits in force.
  public var limits: Limits { table.limits }
  /// Distinguishes hosts in event ids.
  public var hostSeed: UInt64 { table.hostSeed }
  /// The input that delivers a metric; nil if none has since the start.
  package func owner(of metric: MetricName) -> String? { claims.owner(of: metric) }
  /// How many metrics inputs have claimed.
  package var claimCount: Int { claims.count }
  /// Bytes that one metric takes, history included.
  public var bytesPerMetric: Int {
    MonitoredMetric.byteCount(historyCapacity: table.limits.history)
  }
  /// The incidents that have an open event or can still be joined, in order of opening.
  public var incidents: [Incident] { queue.policy.incidents.all }
  /// All open events: those of metrics, and stalls of inputs.
  public var openEvents: [Event] {
    // By index: most metrics have none, and copying one costs more than checking it.
    table.metrics.indices.compactMap {
      table.metrics[$0].tracker.isOpen ? table.metrics[$0].openEvent : nil
    } + stalls.openEvents
  }
  /// The silence that mutes an open event; nil if outputs were notified.
  public func silence(muting event: Event) -> String? { queue.policy.muted.silence(of: event) }
  /// How many open events a silence mutes.
  public func eventCount(mutedBy silence: String) -> Int {
    queue.policy.muted.count(mutedBy: silence) { table[$0]?.openEvent?.id == $1 }
  }

  /// The gaps since the last call.
  public func takeGaps() -> GapSummary {
    defer { gaps = GapSummary() }
    return gaps
  }

  // MARK: Configuration

  /// Continues with other limits and another policy; learnt state and budget debt are preserved.
  /// - Returns: the metrics whose detector cannot adopt its new configuration and keeps the old
  ///   one, with the reason.
  public func reconfigure(
    limits: Limits,
    alarmsPerDay: Double = HostBudget.standardAlarmsPerDay,
    policy: @escaping (MetricName) -> MetricPolicy
  ) -> [(metric: MetricName, reason: String)] {
    interruptHold()
    let overdraft = budget.overdraft
    budget = HostBudget(alarmsPerDay: alarmsPerDay)
    budget.resume(overdraft: overdraft)
    queue.policy.incidents.timing = limits.incidents
    let refused = table.reconfigure(limits: limits, policy: policy)
    for metric in table.metrics {
      if let share = metric.share { budget.admit(share) }
    }
    for index in table.metrics.indices where table.metrics[index].tracker.isOpen {
      closeUnsupported(index)
    }
    return refused
  }

  /// Closes the open event of a metric if the configuration no longer has a reason for it.
  func closeUnsupported(_ index: Int) {
    let metric = table.metrics[index]
    guard let event = metric.openEvent else { return }
    if case .ignore = table.policy(metric.name) {
      close(index, because: .ignored)
    } else if !metric.tracker.rules.support(event, newest: metric.newest?.value) {
      close(index, because: .ruleGone)
    }
  }

  // MARK: Inputs

  /// An input starts, or restarts with another configuration: its metrics are claimed again, and
  /// its stall is measured from now on.
  /// - Parameter limit: how long it may deliver nothing; nil: forever.
  public func beginInput(_ input: String, stallAfter limit: Duration?) {
    claims.releaseAll(of: input)
    let isIgnored = table.policy(InputStall.metric(of: input)) == .ignore
    let ended = stalls.begin(
      input, limit: isIgnored ? nil : limit, at: now, awake: awake, hostSeed: hostSeed)
    if let ended { emit(ended) }
  }

  /// An input is removed, and with it the source of its metrics.
  public func endInput(_ input: String) {
    interruptHold()
    for index in table.metrics.indices
    where table.metrics[index].tracker.isOpen
      && claims.owner(of: table.metrics[index].name) == input
    {
      close(index, because: .inputGone)
    }
    claims.releaseAll(of: input)
    if let ended = stalls.end(input, at: now) { emit(ended) }
  }

  /// An input has delivered samples.
  public func noteDelivery(of input: String) {
    if let ended = stalls.noteDelivery(of: input, at: now, awake: awake) { emit(ended) }
  }

  /// The stall state of an input.
  public func stall(of input: String) -> InputStall? { stalls[input] }

  // MARK: Silences

  /// The set of active silences has changed: each metric looks them up at its next sample.
  public func silencesChanged() {
    for index in table.metrics.indices { table.metrics[index].silence = .unknown }
  }

  /// Processes a metric's first sample after the set of active silences has changed.
  ///
  /// If learning is suppressed from now on, the detector's state is saved; if it no longer is, the
  /// detector continues from that state, and the time between is a gap to it.
  func enter(_ index: Int, at moment: Timestamp) {
    let coverage = queue.policy.silences.coverage(of: table.metrics[index].name, at: moment)
    table.metrics[index].silence = SilenceSpan(
      from: coverage.from.nanoseconds,
      until: coverage.until.nanoseconds,
      suppressesLearning: coverage.learning != nil
    )
    if coverage.learning == nil {
      restoreLearning(index)
    } else if table.metrics[index].kept == nil {
      let bytes = table.metrics[index].detector.encode()
      guard table.snapshots.bytes + bytes.count <= table.limits.silenceBytes else { return }
      table.metrics[index].kept = LearningSnapshot(bytes, since: moment, on: table.snapshots)
    }
  }

  private func restoreLearning(_ index: Int) {
    guard let kept = table.metrics[index].kept else { return }
    table.metrics[index].kept = nil
    // Whether an event that opened meanwhile continues is up to the restored detector, which knows
    // nothing about it: it is closed with the silence, and a new one may open.
    if let event = table.metrics[index].openEvent, event.opened >= kept.since,
      let newest = table.metrics[index].newest,
      let transition = table.metrics[index].tracker.close(at: newest.timestamp)
    {
      emit(transition)
    }
    // A copy, since the Swift 6.3.1 optimiser crashes on in-place uses.
    let present = table.metrics[index].detector
    do throws(StateDecodingError) {
      table.metrics[index].detector = try present.restored(
        from: kept.bytes, configuration: present.configuration)
    } catch {
      table.snapshots.fault = "\(table.metrics[index].name): \(error)"
    }
  }

  /// Detector states saved because of silences that suppress learning.
  package var learningSnapshots: LearningSnapshotAccount { table.snapshots }

  /// Metrics that keep learning in a silence that suppresses learning, for lack of memory.
  public var learningRegardless: Int {
    table.metrics.indices.count {
      table.metrics[$0].silence.suppressesLearning && table.metrics[$0].kept == nil
    }
  }

  /// Closes an open event on behalf of a user. Another one opens on its metric only after that has
  /// been normal; on an input, only once it has stalled for as long again.
  /// - Parameter event: as it is in the history; closed even if no detector knows it.
  package func close(_ event: Event, by closing: ManualClosing) {
    interruptHold()
    if let index = table.index(of: event.metric),
      let closed = table.metrics[index].tracker.close(event.id, at: now, by: closing)
    {
      return emit(closed)
    }
    if table.expected[event.metric]?.id == event.id { table.expected[event.metric] = nil }
    if let index = table.index(of: event.metric) { table.metrics[index].tracker.dismiss(event) }
    stalls.dismiss(event, awake: awake)
    var closed = event
    closed.closed = max(now, event.opened)
    closed.ending = .byHand
    closed.closing = closing
    emit(.closed(closed))
  }

  // MARK: Feedback

  /// Applies feedback on an event to the detector of its metric.
  /// - Parameters:
  ///   - evidence: the evidence that opened the event, as recorded; nil: unknown.
  ///   - moment: when it was given; nil: at the newest sample.
  /// - Returns: the evidence that counts; nil if the feedback changes nothing.
  @discardableResult
  package func judge(
    _ event: Event, _ judgement: Judgement, evidence: EvidenceVector?,
    at moment: Timestamp? = nil
  ) -> EvidenceVector? {
    interruptHold()
    // Feedback only affects events caused by evidence.
    var counted: EvidenceVector?
    if case .evidence = event.cause { counted = evidence }
    guard let index = table.index(of: event.metric) else { return nil }
    if judgement != .withdrawn {
      table.metrics[index].note(judgement, of: event.id, evidence: counted, at: moment)
    } else {
      table.metrics[index].withdraw(event.id)
    }
    return counted
  }

  /// Applies recorded feedback that may be missing from the restored state.
  package func restoreFeedback(
    on event: Event, _ judgement: Judgement, evidence: EvidenceVector?,
    at moment: Timestamp?
  ) {
    let known = table[event.metric]?.feedback.entries.first { $0.event == event.id }?.judgement
    if judgement == .withdrawn || known != judgement {
      judge(event, judgement, evidence: evidence, at: moment)
    }
  }
}

/// Trained models on the metrics of the host: each is a metric of its own, `model.NAME`, whose samples are
/// rows of other metrics.
extension HostMonitor {
  /// The attached models, in the order of the configuration.
  package var attachments: [ModelAttachment] { models.feeds.map(\.attachment) }

  /// Attaches exactly these models; call it before stored metrics are restored, and whenever the
  /// configuration has changed. An unchanged model continues; if its file or columns have changed,
  /// its metric starts afresh; if it is gone, its metric is removed.
  /// - Returns: the names of the models that start afresh.
  @discardableResult
  package func attach(_ attachments: [ModelAttachment]) -> [String] {
    interruptHold()
    var afresh: [String] = []
    for old in models.feeds.map(\.attachment) {
      guard let new = attachments.first(where: { $0.metric == old.metric }) else {
        remove(modelMetric: old.metric)
        continue
      }
      if !new.isAlike(old), table.index(of: new.metric) != nil { afresh.append(new.name) }
    }
    models.replace(by: attachments)
    table.loaded = Dictionary(
      attachments.map { ($0.metric, $0.loaded) }, uniquingKeysWith: { first, _ in first })
    for name in afresh {
      guard let new = attachments.first(where: { $0.name == name }),
        let index = table.index(of: new.metric)
      else { continue }
      table.metrics[index].detector = table.detector(
        of: .rows, named: new.metric, configuration: table.metrics[index].detector.configuration)
      table.metrics[index].discardJudgements()
    }
    // Removes an input's metric that had such a name.
    for attachment in attachments {
      guard let index = table.index(of: attachment.metric), table.metrics[index].family != .rows
      else { continue }
      remove(modelMetric: attachment.metric)
    }
    return afresh
  }

  /// Passes a sample to the models that read its metric, and judges the rows that it completes.
  func feedModels(_ metric: MetricID) {
    let links = models.links(ofMetricAt: metric.index, in: table)
    guard !links.isEmpty, let sample = table.metrics[metric.index].newest else { return }
    let usual = table.metrics[metric.index].usualInterval
    for link in links {
      guard let model = modelMetric(link.feed),
        let detector = table.metrics[model.index].detector as? ModelDetector
      else { continue }
      if detector.rows.mustClose(before: sample.timestamp, of: link.column) {
        judgeRow(of: detector, model)
      }
      // The end of a silence may have replaced the detector.
      guard let detector = table.metrics[model.index].detector as? ModelDetector else { continue }
      let name = table.metrics[metric.index].name.text
      if detector.columnNames[link.column] != name { detector.columnNames[link.column] = name }
      if detector.rows.put(sample, in: link.column, usual: usual) { judgeRow(of: detector, model) }
    }
  }

  private func judgeRow(of detector: ModelDetector, _ model: MetricID) {
    let moment = detector.rows.take()
    judgeRow(detector.rows.row, at: moment, of: model)
  }

  /// Whether a metric is the score of an attached model.
  package func isOfModel(_ metric: MetricName) -> Bool {
    !models.isEmpty && models.attachment(of: metric) != nil
  }

  /// The section of the model whose score is a metric, such as `[Model web]`.
  func modelSection(of metric: MetricName) -> String? {
    models.isEmpty ? nil : models.attachment(of: metric).map { "[Model \($0.name)]" }
  }

  /// The columns of an attached model.
  package func columns(of attachment: ModelAttachment) -> [ModelColumnState] {
    models.columns(of: attachment, in: table)
  }

  /// Samples that an attached model dropped because their metric had a newer one.
  package func lateSamples(of attachment: ModelAttachment) -> Int {
    (table[attachment.metric]?.detector as? ModelDetector)?.rows.late ?? 0
  }

  // MARK: Metrics

  /// The metric of a model, registered with its first row.
  private func modelMetric(_ feed: Int) -> MetricID? {
    if let id = models.feeds[feed].metric, table.registry.isValid(id) { return id }
    let name = models.feeds[feed].attachment.metric
    guard let id = self.id(of: name, .rows), table.registry.isValid(id) else { return nil }
    models.setMetric(id, of: feed)
    return id
  }
}
