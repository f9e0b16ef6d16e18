import Config
import Detection
import Events
import Inputs
import Monitor
import Outputs
import Series
import Store
import System

/// Saving the state: in slices while running, so that the loop never blocks; at once on shutdown.
extension Daemon {
  /// Begins a checkpoint, unless one is in progress.
  package func beginCheckpoint() {
    guard let store, pass == nil else { return }
    // Samples are still waiting for the previous one.
    guard !monitor.isHolding else { return planCheckpoint(after: .seconds(1)) }
    // The history must never be behind the detectors: their steps would be lost.
    commitEvents()
    let moment = options.clock()
    do throws(FileError) {
      pass = try CheckpointPass(
        in: store, at: moment, metrics: monitor.metrics.count, rest: recordsBesideMetrics, on: loop
      ) { [unowned self] in
        continueCheckpoint()
      }
      monitor.hold()
      try? slices?.request()
    } catch {
      noteCheckpoint(.failure(error), at: moment, began: .now)
      planCheckpoint()
      updateStatus()
    }
  }

  /// Whether one is in progress.
  package var isCheckpointing: Bool { pass != nil }

  /// Copies a slice of the metrics, or processes a slice of the samples that waited meanwhile.
  package func continueCheckpoint() {
    if monitor.takeInterruption() { abandonCheckpoint() }
    let deadline = MonotonicTime.now.advanced(by: options.checkpointSlice)
    if let pass, !pass.isEncoded, pass.outcome == nil {
      pass.encode(monitor.metrics, until: deadline)
    } else if monitor.isHolding {
      setTime()
      let start = monitor.awake
      if monitor.catchUp(until: { MonotonicTime.now >= deadline }) {
        for runner in inputs { runner.resume() }
      }
      busy += options.awakeClock() - start
    }
    if let pass, let outcome = pass.outcome {
      // It has ended: this does not block.
      pass.cancel()
      self.pass = nil
      noteCheckpoint(outcome, at: pass.moment, began: pass.began)
      planCheckpoint()
      updateStatus()
    }
    let waitsForDisk = pass.map { !$0.isEncoded && !$0.hasRoom } ?? false
    if monitor.isHolding, !waitsForDisk { try? slices?.request() }
  }

  /// Aborts a checkpoint that would mix metrics from two instants, because something other than a
  /// sample has changed them while they were being encoded. Another one is made soon.
  func abandonCheckpoint() {
    if let pass, !pass.isEncoded {
      pass.cancel()
      self.pass = nil
      planCheckpoint(after: .seconds(1))
    }
    for runner in inputs { runner.resume() }
  }

  /// Ends the one in progress, if any, before the last one is made.
  func endCheckpoint() {
    setTime()
    monitor.interruptHold()
    if monitor.takeInterruption() { abandonCheckpoint() }
    pass?.cancel()
    pass = nil
  }

  /// Saves the state at once, and schedules the next checkpoint.
  package func checkpoint() {
    endCheckpoint()
    saveState()
    planCheckpoint()
    updateStatus()
  }

  /// Saves the state at once; a failure is logged and leaves the last good checkpoint unchanged.
  /// - Parameter isLast: whether the daemon ends now, so that a failure cannot be made good.
  func saveState(isLast: Bool = false) {
    guard let store else { return }
    commitEvents()
    let began = MonotonicTime.now
    let moment = options.clock()
    do throws(FileError) {
      let writer = try store.beginCheckpoint(at: moment)
      for metric in monitor.metrics {
        try writer.append(.metric, name: metric.name.text) { metric.encode(to: &$0) }
      }
      for record in recordsBesideMetrics {
        try writer.append(record.kind, name: record.name, payload: record.payload)
      }
      noteCheckpoint(.success(try writer.commit()), at: moment, began: began)
    } catch {
      noteCheckpoint(.failure(error), at: moment, began: began, isLast: isLast)
    }
  }

  /// The contents of a checkpoint after the metrics.
  private var recordsBesideMetrics: [CheckpointRecord] {
    [
      CheckpointRecord(kind: .agent, name: Daemon.budgetName, payload: monitor.encodeBudget()),
      CheckpointRecord(kind: .agent, name: Daemon.agesName, payload: monitor.encodeAges()),
      CheckpointRecord(
        kind: .agent, name: Daemon.incidentsName, payload: monitor.encodeIncidents()),
      CheckpointRecord(kind: .agent, name: Daemon.ownersName, payload: monitor.encodeOwners()),
      CheckpointRecord(kind: .agent, name: Daemon.historyName, payload: encodeHistoryStep()),
    ]
      + inputs.map { runner in
        CheckpointRecord(
          kind: .input, name: runner.settings.name, payload: runner.input.encodePosition())
      }.filter { !$0.payload.isEmpty }
  }

  private func noteCheckpoint(
    _ outcome: Result<Int, FileError>, at moment: Timestamp, began: MonotonicTime,
    isLast: Bool = false
  ) {
    let hadFailed = checkpoints.lastError != nil
    switch outcome {
    case .success(let bytes):
      checkpoints.bytes = bytes
      checkpoints.lastAt = ObservedMoment(moment, began)
      checkpoints.took = MonotonicTime.now.elapsed(since: began)
      checkpoints.lastError = nil
      if hadFailed { log.info("the state can be saved again") }
    case .failure(let error):
      checkpoints.lastError = error.description
      guard isLast || !hadFailed else { return }
      let last =
        checkpoints.lastAt.map { "the checkpoint of \($0.timestamp.iso8601)" }
        ?? "an older checkpoint"
      log.error(
        "the state could not be saved: \(error); "
          + (isLast
            ? "what was learnt since \(last) is lost"
            : "the next attempt is made at the next checkpoint, the last good one is kept"),
        .checkpointFailed
      )
    }
  }

  /// Schedules the next checkpoint: after `pause`, or by the size of the last one.
  func planCheckpoint(after pause: Duration? = nil) {
    do throws(EventLoopError) {
      let usual = checkpoints.schedule.pause(afterBytes: checkpoints.bytes)
      guard let pause = pause ?? usual, usual != nil else {
        checkpoints.next = nil
        try checkpointTimer?.cancel()
        return
      }
      let next = MonotonicTime.now.advanced(by: pause)
      checkpoints.next = next
      try checkpointTimer?.fire(at: next)
    } catch {
      log.error("no checkpoint can be scheduled: \(error)", .checkpointFailed)
    }
  }
}
