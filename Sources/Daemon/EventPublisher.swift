import CommandLine
import Config
import Control
import Detection
import Events
import Monitor
import Outbox
import Outputs
import Series
import Store
import System

/// Passes steps of events and incidents from the monitor to the history and the outputs.
package final class EventPublisher {
  private(set) var outputs: [OutputSlot] = []
  /// The history of all events; nil before ``openRecord(in:)``.
  private(set) var record: EventHistory?
  /// Steps since the start.
  private(set) var tally = EventTally()

  let monitor: HostMonitor
  let options: Daemon.Options
  private let stateDirectory: String
  private var recordBytes: Int

  private var log: Log { options.log }

  /// The configured outputs, without a history.
  init(
    _ settings: Settings, of monitor: HostMonitor, stateDirectory: String, options: Daemon.Options
  ) {
    self.monitor = monitor
    self.options = options
    self.stateDirectory = stateDirectory
    recordBytes = settings.agent.eventRecordBytes
    outputs = settings.outputs.map { makeSlot($0) }
    if options.printsEvents, !settings.outputs.contains(where: { $0.section is TerminalSection }) {
      let terminal = TerminalOutput(
        name: "terminal",
        style: options.style,
        clock: options.clock
      )
      outputs.append(OutputSlot(settings: nil, output: terminal, now: options.clock()))
    }
  }

  /// Records the monitor's steps durably, and notifies outputs. If they cannot be written (disk
  /// full), outputs are notified regardless: this is exactly when a pager must work.
  ///
  /// Called at the end of every iteration of the loop, so that outputs never see a step that a
  /// crash could revoke.
  func commit() {
    let steps = monitor.takeSteps()
    guard !steps.isEmpty, let record else { return }
    let moment = options.clock()
    // Nil for a duplicate: its sample was reread after a crash.
    let recorded = steps.compactMap { step -> RecordedEntry? in
      switch step {
      case .incident(let transition):
        guard let recorded = record.take(transition, at: moment) else { return nil }
        tally.note(recorded.transition)
        return .incident(recorded)
      case .event(let step):
        let recorded = record.take(
          step.transition, at: moment, silence: step.mutedBy, evidence: step.evidence)
        if let recorded { tally.note(recorded.transition, muted: recorded.silence != nil) }
        return recorded.map { .event($0) }
      }
    }
    guard !recorded.isEmpty else { return }
    record.commit()
    for step in recorded {
      for slot in outputs { slot.emit(step) }
    }
    saveCursors()
  }

  /// Once a second: retries what is waiting.
  func retry() {
    record?.commit()
    for slot in outputs { slot.flush() }
    saveCursors()
  }

  /// Sends heartbeats to the outputs where they are due.
  func beat() {
    let now = options.clock()
    for slot in outputs {
      slot.beat(
        at: now, metrics: monitor.metrics.count,
        incidents: monitor.incidents.count { $0.state == .open })
    }
  }

  private func saveCursors() {
    var cursors: [String: UInt64] = [:]
    for slot in outputs where slot.settings != nil { cursors[slot.output.name] = slot.delivered }
    record?.setCursors(cursors)
  }

  // MARK: At startup

  /// Opens the history and sends outputs the steps that they missed; called before any input runs.
  func openRecord(in store: StateDirectory) throws(FileError) {
    let record = try EventHistory(in: store, maximumBytes: recordBytes)
    self.record = record
    for recorded in record.openEvents where !recorded.step.isTold {
      monitor.restoreMuted(recorded.step.transition.event, by: recorded.step.silence ?? "")
    }
    for slot in outputs { catchUp(slot, from: record.cursor(of: slot.output.name)) }
    saveCursors()
  }

  /// Passes to an output the steps that it missed.
  /// - Parameter sequence: the last step that it has delivered; nil for a new output, which is not
  ///   notified of the past.
  private func catchUp(_ slot: OutputSlot, from sequence: UInt64?) {
    guard let record else { return }
    guard let sequence, slot.settings != nil else { return slot.begin(after: record.newestStep) }
    slot.begin(after: sequence)
    slot.output.recognizeEarlierSteps()
    var count = 0
    var cursor = record.steps(after: sequence)
    while let step = record.next(&cursor) {
      if slot.emit(step) { count += 1 }
    }
    if count > 0 {
      log.info(
        "output \(slot.output.name): delivering \(HumanNumber.counted(count, "missed step"))")
    }
  }

  /// Restores the events that are open in the history, and reconciles it with the restored state.
  /// - Parameter restoredStep: the number of the newest step in the history when the restored
  ///   checkpoint was made; nil: unknown.
  func restoreOpenEvents(since restoredStep: UInt64?) {
    let open = record?.openEvents ?? []
    var superseded: Set<EventID> = []
    if let step = restoredStep, let record {
      superseded = Set(open.filter { $0.step.sequence <= step }.map(\.step.transition.event.id))
      if record.newestStep < step {
        log.warning(
          "the event history ends before the saved state: up to \(step - record.newestStep) entries "
            + "at its end are lost",
          .stateDamaged)
        record.continueNumbers(after: step)
      }
    }
    let known = Set(monitor.openEvents.map(\.id))
    let orphans = monitor.restoreOpenEvents(
      open.map(\.step.transition.event), superseded: superseded,
      incidents: record?.openIncidents.map(\.transition.incident) ?? [],
      isRecorded: { record?.isOpen($0) != nil })
    let closed = superseded.subtracting(known).subtracting(orphans.map(\.id)).count
    if closed > 0 {
      log.warning(
        "closed \(HumanNumber.counted(closed, "event")) open in the event history but not in the saved state",
        .stateDamaged)
    }
    let unrecorded = known.count { record?.isOpen($0) == nil }
    if unrecorded > 0 {
      log.warning(
        "\(HumanNumber.counted(unrecorded, "open event")) of the saved state missing in the event "
          + "history: recorded and reported again",
        .stateDamaged)
    }
    if let first = orphans.first {
      log.info(
        "\(HumanNumber.counted(orphans.count, "open event")) not in the saved state, such as that of "
          + "\(first.metric); each is resumed at the next sample of its metric")
    }
  }

  /// After startup: applies feedback that is in the history but not in the checkpoint, because the
  /// daemon was killed in between.
  func restoreFeedback() {
    for recorded in record?.judgedEvents ?? [] {
      let event = recorded.step.transition.event
      monitor.restoreFeedback(
        on: event, recorded.feedback?.judgement ?? .withdrawn,
        evidence: record?.evidence(of: event.id),
        at: recorded.feedback?.at)
    }
  }

  // MARK: Outputs

  private func makeSlot(_ section: Settings.Component) -> OutputSlot {
    OutputSlot(
      settings: section,
      output: section.output.make(
        name: section.name,
        in: OutputSurroundings(
          clock: options.clock, style: options.style, stateDirectory: stateDirectory)),
      now: options.clock()
    )
  }

  /// Switches to another configuration; an output whose section is unchanged is kept.
  func configure(_ settings: Settings) {
    let sections = settings.outputs
    var next: [OutputSlot] = []
    for section in sections {
      let same = outputs.first { $0.settings?.name == section.name }
      if let same, same.settings == section {
        next.append(same)
        continue
      }
      let slot = makeSlot(section)
      catchUp(slot, from: same.flatMap { $0.typeName == slot.typeName ? $0.delivered : nil })
      next.append(slot)
    }
    for slot in outputs where slot.output.health.waiting > 0 {
      guard let name = slot.settings?.name, !sections.contains(where: { $0.name == name }) else {
        continue
      }
      log.warning(
        "output \(name) was removed from the configuration with "
          + "\(HumanNumber.counted(slot.output.health.waiting, "event")) undelivered and now lost",
        .outputTrouble
      )
    }
    for slot in outputs {
      guard let name = slot.settings?.name, let waiting = slot.output.delivery?.waiting,
        waiting > 0, !sections.contains(where: { $0.name == name })
      else { continue }
      log.warning(
        "output \(name) was removed from the configuration with "
          + "\(HumanNumber.counted(waiting, "message")) in \(stateDirectory)/outbox/\(name), not "
          + "delivered unless it returns",
        .outputTrouble
      )
    }
    outputs = next + outputs.filter { $0.settings == nil }
    recordBytes = settings.agent.eventRecordBytes
    record?.resize(to: recordBytes)
  }
}
