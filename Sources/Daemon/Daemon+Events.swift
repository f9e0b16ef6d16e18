import Config
import Detection
import Events
import Monitor
import Outputs
import Series
import Store
import System

extension Daemon {
  /// The most steps that wait for the end of a turn of the loop.
  private static let stepsPerCommit = 1_000

  /// The one way of every step in the life of every event, from whatever finds it to whoever hears
  /// of it. At the end of the turn of the loop it is on the disk, and outputs hear of it.
  func pass(_ transition: EventTransition) {
    var transition = transition
    transition.event.incident = incidents.note(transition, lastSeen: lastSeen)
    let event = transition.event
    guard let silence = silence(over: transition) else {
      guard let earlier = held.silence(of: event) else { return take(transition) }
      // The silence that kept it from outputs has ended: they are told of it as it is now.
      switch transition {
      case .opened: take(transition)
      case .updated:
        take(transition, silence: earlier)
        take(.opened(event))
      case .closed:
        var opening = event
        opening.closed = nil
        take(.opened(opening))
        take(transition)
      }
      return
    }
    take(transition, silence: silence)
  }

  /// Takes a step up to be recorded, and told unless a silence keeps it from outputs.
  func take(_ transition: EventTransition, silence: String? = nil) {
    var transition = transition
    if transition.event.incident == nil {
      transition.event.incident = incidents.membership(of: transition.event.id)
    }
    if case .opened(let event) = transition {
      if let silence {
        held.hold(event, for: silence)
      } else {
        held.forget(event.metric)
        pipeline.charge(event.metric, beginsIncident: transition.event.incident?.size ?? 1 == 1)
      }
    }
    let step = record?.take(
      transition, at: options.clock(), silence: silence, evidence: evidence(transition))
    guard let step else { return }
    let severity = Int(step.transition.event.severity.rawValue)
    eventCounts[severity].note(step.transition, silenced: step.silence != nil)
    passing.append(step)
    if passing.count >= Daemon.stepsPerCommit { commitEvents() }
  }

  /// Until when the metric of an open event can be taken for anomalous, see ``IncidentTracker``: a
  /// few intervals beyond its newest sample; what is no metric is an input that is silent now.
  private func lastSeen(_ metric: MetricName) -> Timestamp? {
    guard let track = pipeline.track(named: metric) else { return options.clock() }
    return track.newest?.timestamp.advanced(by: (track.usualInterval ?? .zero) * 3)
  }

  /// Makes what has passed in this turn of the loop durable, and tells it. Where it cannot be
  /// written (disk full), it is told all the same: a pager must hear of just that.
  package func commitEvents() {
    guard !passing.isEmpty else { return }
    record?.commit()
    let steps = passing
    passing = []
    for step in steps where step.silence == nil {
      for slot in outputs { slot.emit(step) }
    }
    saveCursors()
  }

  /// Once a second: what waits is tried again.
  func retryEvents() {
    record?.commit()
    for slot in outputs { slot.flush() }
    saveCursors()
    giveUpOrphans()
  }

  private func saveCursors() {
    var cursors: [String: UInt64] = [:]
    for slot in outputs where slot.settings != nil { cursors[slot.output.name] = slot.delivered }
    record?.setCursors(cursors)
  }

  /// How rare each kind of evidence was with the sample that opens an event.
  private func evidence(_ transition: EventTransition) -> SIMD8<Float>? {
    guard case .opened(let event) = transition, case .evidence = event.cause else { return nil }
    return pipeline.track(named: event.metric)?.verdict?.evidence
  }

  // MARK: After a start

  /// Opens the record and tells outputs what they have not heard; before any input runs.
  func openRecord(in store: StateDirectory) throws(FileError) {
    let record = try EventHistory(in: store, maximumBytes: settings.agent.eventRecordBytes)
    self.record = record
    for recorded in record.openEvents where !recorded.step.isTold {
      held.hold(recorded.step.transition.event, for: recorded.step.silence ?? "")
    }
    for slot in outputs { catchUp(slot, from: record.cursor(of: slot.output.name)) }
    saveCursors()
    tellNotices()
  }

  /// Hands an output what it has not heard.
  /// - Parameter sequence: the last step that it has delivered; nil for an output that is new, to
  ///   which the past is nothing.
  func catchUp(_ slot: OutputSlot, from sequence: UInt64?) {
    guard let record else { return }
    guard let sequence, slot.settings != nil else { return slot.begin(after: record.newestStep) }
    slot.begin(after: sequence)
    var count = 0
    var cursor = record.steps(after: sequence)
    while let step = record.next(&cursor) {
      guard step.silence == nil else { continue }
      slot.emit(step)
      count += 1
    }
    if count > 0 {
      log.info(
        "output \(slot.output.name): \(count) steps of events that it had not heard are told")
    }
  }

  /// Events that the record has open and the restored detectors do not know: they were opened after
  /// the last checkpoint, and the daemon was killed. Where their samples come again, so do they;
  /// else each is taken up with the first sample behind its opening and closed in the usual way.
  func expectOrphans() {
    var newest: [MetricName: Event] = [:]
    for recorded in record?.openEvents ?? [] {
      let event = recorded.step.transition.event
      if case .silentInput = event.cause {
        goOn(withSilence: event)
        continue
      }
      guard !pipeline.hasOpen(event) else { continue }
      // A metric has one open event: of several, the newest is the one that may still be on.
      if let older = newest.updateValue(event, forKey: event.metric) { close(lost: older) }
    }
    orphans = newest.values.sorted { $0.opened < $1.opened }
    for event in orphans { pipeline.expect(event) }
    if let first = orphans.first {
      log.info(
        "\(orphans.count) open events are not in the saved state, such as that of \(first.metric); "
          + "each goes on with the next sample of its metric")
    }
  }

  /// An input that was silent still is, until it delivers; one that is no longer configured is
  /// waited for by nobody.
  private func goOn(withSilence event: Event) {
    if let runner = inputs.first(where: { $0.silence.metric == event.metric }) {
      return runner.silence.resume(event)
    }
    var closed = event
    closed.closed = max(options.clock(), event.opened)
    pass(.closed(closed))
  }

  /// Closes events whose metric has not come back since the start.
  private func giveUpOrphans() {
    guard !orphans.isEmpty, options.clock().elapsed(since: started) > Daemon.orphanPatience else {
      return
    }
    settle()
    for event in orphans where record?.isOpen(event.id) ?? false && !pipeline.hasOpen(event) {
      pipeline.dismiss(event)
      close(lost: event)
    }
    orphans = []
  }

  /// Closes an event of which nothing more can be known.
  private func close(lost event: Event) {
    var closed = event
    closed.closed = max(event.updated ?? event.opened, event.opened)
    closed.ending = .lost
    pass(.closed(closed))
  }

  /// How long an event may wait for its metric to come back after a crash.
  static let orphanPatience = Duration.seconds(3600)

  /// All events that are open: those of metrics, and silences of inputs.
  var openEvents: [Event] {
    pipeline.tracks.compactMap(\.openEvent) + inputs.compactMap(\.silence.openEvent)
  }
}
