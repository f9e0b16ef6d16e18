import Config
import Detection
import Events
import Monitor
import Outputs
import Series
import Store
import System

/// Event steps on their way from the monitor to the history and the outputs.
extension Daemon {
  /// Sets the monitor's clocks to now.
  func setTime() { monitor.setTime(options.clock(), awake: options.awakeClock()) }

  /// Records the monitor's steps durably, and notifies outputs. If they cannot be written (disk
  /// full), outputs are notified all the same: this is exactly when a pager must work.
  ///
  /// Called at the end of every iteration of the loop, so that outputs never see a step that a
  /// crash could revoke.
  package func commitEvents() {
    if monitor.takeInterruption() { abandonCheckpoint() }
    let steps = monitor.takeSteps()
    guard !steps.isEmpty, let record else { return }
    let moment = options.clock()
    // Nil for a duplicate: its sample was reread after a crash.
    let recorded = steps.compactMap { step -> RecordedStep? in
      let recorded = record.take(
        step.transition, at: moment, silence: step.mutedBy, evidence: step.evidence)
      if let recorded { tally.note(recorded.transition, muted: recorded.silence != nil) }
      return recorded
    }
    guard !recorded.isEmpty else { return }
    record.commit()
    for step in recorded where step.silence == nil {
      for slot in outputs { slot.emit(step) }
    }
    saveCursors()
  }

  /// Once a second: retries what is waiting.
  func retryEvents() {
    record?.commit()
    for slot in outputs { slot.flush() }
    saveCursors()
  }

  private func saveCursors() {
    var cursors: [String: UInt64] = [:]
    for slot in outputs where slot.settings != nil { cursors[slot.output.name] = slot.delivered }
    record?.setCursors(cursors)
  }

  // MARK: After startup

  /// Opens the history and notifies outputs of what they missed; called before any input runs.
  func openRecord(in store: StateDirectory) throws(FileError) {
    let record = try EventHistory(in: store, maximumBytes: settings.agent.eventRecordBytes)
    self.record = record
    for recorded in record.openEvents where !recorded.step.isTold {
      monitor.restoreMuted(recorded.step.transition.event, by: recorded.step.silence ?? "")
    }
    for slot in outputs { catchUp(slot, from: record.cursor(of: slot.output.name)) }
    saveCursors()
    logNotices()
  }

  /// Passes the steps that it missed to an output.
  /// - Parameter sequence: the last step that it has delivered; nil for a new output, which is not
  ///   notified of the past.
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
        "output \(slot.output.name): \(count) missed event steps are delivered")
    }
  }

  /// Restores the events that are open in the history, and reconciles it with the restored state.
  func restoreOpenEvents() {
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
      isRecorded: { record?.isOpen($0) != nil })
    let closed = superseded.subtracting(known).subtracting(orphans.map(\.id)).count
    if closed > 0 {
      log.warning(
        "\(closed) events were open in the event history but not in the saved state; they are closed",
        .stateDamaged)
    }
    let unrecorded = known.count { record?.isOpen($0) == nil }
    if unrecorded > 0 {
      log.warning(
        "\(unrecorded) open events of the saved state were missing in the event history; they are "
          + "recorded and reported again",
        .stateDamaged)
    }
    if let first = orphans.first {
      log.info(
        "\(orphans.count) open events are not in the saved state, such as that of \(first.metric); "
          + "each is resumed at the next sample of its metric")
    }
  }
}
