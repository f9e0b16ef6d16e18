import Config
import Detection
import Events
import Inputs
import Monitor
import Outputs
import Series
import Store
import System

/// Saving the state: while the daemon runs in slices, so that the loop waits for nothing; at its end
/// in one go.
extension Daemon {
  /// Begins a checkpoint, unless one is under way.
  package func beginCheckpoint() {
    guard let store, pass == nil else { return }
    // Samples still wait for the one before.
    guard !pipeline.isHolding else { return planCheckpoint(after: .seconds(1)) }
    // The record is never behind the detectors: what they have passed would be lost.
    commitEvents()
    let moment = options.clock()
    do throws(FileError) {
      pass = try CheckpointPass(
        in: store, at: moment, metrics: pipeline.tracks.count, rest: recordsBesideMetrics, on: loop
      ) { [unowned self] in
        goOnWithCheckpoint()
      }
      pipeline.hold()
      try? slices?.request()
    } catch {
      noteCheckpoint(.failure(error), at: moment, began: .now)
      planCheckpoint()
      tellStatus()
    }
  }

  /// Whether one is under way.
  package var isCheckpointing: Bool { pass != nil }

  /// Copies a slice of the metrics, or takes up a slice of what has waited for that.
  package func goOnWithCheckpoint() {
    let deadline = MonotonicTime.now.advanced(by: options.checkpointSlice)
    if let pass, !pass.isEncoded, pass.outcome == nil {
      pass.encode(pipeline.tracks, until: deadline)
    } else if pipeline.isHolding, pipeline.catchUp(until: { MonotonicTime.now >= deadline }) {
      for runner in inputs { runner.resume() }
    }
    if let pass, let outcome = pass.outcome {
      // It has ended: this waits for nothing.
      pass.cancel()
      self.pass = nil
      noteCheckpoint(outcome, at: pass.moment, began: pass.began)
      planCheckpoint()
      tellStatus()
    }
    let waitsForDisk = pass.map { !$0.isEncoded && !$0.hasRoom } ?? false
    if pipeline.isHolding, !waitsForDisk { try? slices?.request() }
  }

  /// For whatever changes metrics and is no sample: gives a checkpoint up that would have them as they
  /// were in part and as they will be in part, and takes up what has waited. Another one is made soon.
  func settle() {
    guard pipeline.isHolding else { return }
    if let pass, !pass.isEncoded {
      pass.cancel()
      self.pass = nil
      planCheckpoint(after: .seconds(1))
    }
    _ = pipeline.catchUp(until: { false })
    for runner in inputs { runner.resume() }
  }

  /// Before the last one is made: one under way is given up, or is in its place.
  func endCheckpoint() {
    settle()
    pass?.cancel()
    pass = nil
  }

  /// Saves the state at once, and plans the next time.
  package func checkpoint() {
    endCheckpoint()
    saveState()
    planCheckpoint()
    tellStatus()
  }

  /// Saves the state at once; a failure is said, and leaves the last good checkpoint as it is.
  func saveState() {
    guard let store else { return }
    commitEvents()
    let began = MonotonicTime.now
    let moment = options.clock()
    do throws(FileError) {
      let writer = try store.beginCheckpoint(at: moment)
      for track in pipeline.tracks {
        try writer.append(.metric, name: track.name.text) { track.encode(to: &$0) }
      }
      for record in recordsBesideMetrics {
        try writer.append(record.kind, name: record.name, payload: record.payload)
      }
      noteCheckpoint(.success(try writer.commit()), at: moment, began: began)
    } catch {
      noteCheckpoint(.failure(error), at: moment, began: began)
    }
  }

  /// What a checkpoint holds behind the metrics.
  private var recordsBesideMetrics: [CheckpointRecord] {
    [
      CheckpointRecord(kind: .agent, name: Daemon.budgetName, payload: pipeline.encodeBudget()),
      CheckpointRecord(kind: .agent, name: Daemon.agesName, payload: pipeline.encodeAges()),
      CheckpointRecord(kind: .agent, name: Daemon.incidentsName, payload: incidents.encode()),
    ]
      + inputs.map { runner in
        CheckpointRecord(
          kind: .input, name: runner.settings.name, payload: runner.input.encodePosition())
      }.filter { !$0.payload.isEmpty }
  }

  private func noteCheckpoint(
    _ outcome: Result<Int, FileError>, at moment: Timestamp, began: MonotonicTime
  ) {
    let hadFailed = checkpoints.lastError != nil
    switch outcome {
    case .success(let bytes):
      checkpoints.bytes = bytes
      checkpoints.lastAt = moment
      checkpoints.took = MonotonicTime.now.elapsed(since: began)
      checkpoints.lastError = nil
      if hadFailed { log.info("the state is saved again") }
    case .failure(let error):
      checkpoints.lastError = error.description
      guard !hadFailed else { return }
      log.error(
        "the state could not be saved: \(error); the next attempt is made at the next checkpoint, "
          + "the last good one is kept",
        .checkpointFailed
      )
    }
  }

  /// Sets the time of the next checkpoint, by the size of the last one unless it is said.
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
      log.error("no checkpoint can be planned: \(error)", .checkpointFailed)
    }
  }
}
