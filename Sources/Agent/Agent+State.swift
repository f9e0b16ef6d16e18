import Detection
import Inputs
import Outputs
import Series
import Settings
import Store
import Terminal

/// How saving the state goes.
struct CheckpointFacts {
  /// When checkpoints are due.
  var schedule: CheckpointSchedule
  /// When the last one was written, by the agent's clock; nil before the first.
  var lastAt: Timestamp?
  /// Its bytes.
  var bytes = 0
  /// How long it took.
  var took = Duration.zero
  /// When the next one is due; nil: none planned.
  var next: MonotonicTime?
  /// Why the newest attempt failed; nil if it did not.
  var lastError: String?
}

/// State: a checkpoint holds, in this order, each metric (``RecordKind/metric``, in order of
/// registration), what the host's alarm budget owes (``RecordKind/agent``, named `budget`), for
/// how long metrics have been without a sample (`ages`), the incidents (`incidents`), and the
/// position of each input (``RecordKind/input``).
///
/// All of the same instant, so that what is read again after a crash meets the detectors just as
/// they were, and the same events come of it with the same ids.
extension Agent {
  private static let budgetName = "budget"
  private static let agesName = "ages"
  private static let incidentsName = "incidents"

  /// Takes possession of the state directory and goes on where the last run stopped. What cannot
  /// be used is said, and starts afresh.
  func openState() throws(AgentError) {
    if let problem = Places.makeDirectory(stateDirectory) {
      throw .state("the state directory cannot be used: \(problem)")
    }
    do throws(StoreError) {
      let store = try StateDirectory(path: stateDirectory)
      self.store = store
      try openRecord(in: store)
    } catch {
      throw .state(error.description)
    }
    restoreState()
    expectOrphans()
    restoreFeedback()
    incidents.retain(Set(openEvents.map(\.id) + orphans.map(\.id)))
  }

  private func restoreState() {
    do throws(StoreError) {
      var restored = 0
      var lost: [String] = []
      let report = try store?.restore { record in
        if let reason = restore(record) {
          lost.append("\(record.name): \(reason)")
        } else if record.kind == .metric {
          restored += 1
        }
      }
      guard let report else { return log.info("no saved state: every metric starts afresh") }
      tell(report, restored: restored, lost: lost)
    } catch {
      log.error(
        "\(stateDirectory): \(error); every metric starts afresh and learns anew",
        .stateDamaged
      )
    }
  }

  /// - Returns: why the record cannot be used; nil if it is in use, or of something that is no
  ///   longer configured.
  private func restore(_ record: CheckpointRecord) -> String? {
    switch record.kind {
    case .metric:
      do throws(MetricNameError) {
        let name = try MetricName(validating: record.name)
        return pipeline.restore(name, from: record.payload)
      } catch {
        return error.description
      }
    case .input:
      inputs.first { $0.settings.name == record.name }?.input.restorePosition(record.payload)
      return nil
    case .agent:
      switch record.name {
      case Agent.budgetName: return pipeline.restoreBudget(record.payload)
      case Agent.agesName: return pipeline.restoreAges(record.payload)
      case Agent.incidentsName: return restoreIncidents(record.payload)
      default: return "not known to this version"
      }
    }
  }

  private func restoreIncidents(_ bytes: [UInt8]) -> String? {
    do throws(ByteReaderError) {
      incidents = try IncidentTracker(decoding: bytes)
      return nil
    } catch {
      return error.description
    }
  }

  private func tell(_ report: RestoreReport, restored: Int, lost: [String]) {
    log.info("state of \(report.made.iso8601) restored: \(restored) metrics go on where they were")
    if let fault = report.newestUnusable {
      log.warning(
        "the newest checkpoint cannot be used: \(fault); going on from the one before, "
          + "of \(report.made.iso8601)",
        .stateDamaged
      )
    }
    let all = report.lostNames.map { "\($0): damaged" } + lost
    guard let first = all.first else { return }
    log.warning(
      "\(report.lost + lost.count) parts of the saved state cannot be used and start afresh; "
        + "the first: \(first)",
      .stateDamaged
    )
  }

  /// Saves the state and plans the next time.
  package func checkpoint() {
    saveState()
    planCheckpoint()
    tellStatus()
  }

  /// Saves the state; a failure is said, and leaves the last good checkpoint as it is.
  func saveState() {
    guard let store else { return }
    // The record is never behind the detectors: what they have passed would be lost.
    commitEvents()
    let start = MonotonicTime.now
    let hadFailed = checkpoints.lastError != nil
    do throws(StoreError) {
      let writer = try store.beginCheckpoint(at: options.clock())
      for track in pipeline.tracks {
        try writer.append(.metric, name: track.name.text, payload: track.encode())
      }
      try writer.append(.agent, name: Agent.budgetName, payload: pipeline.encodeBudget())
      try writer.append(.agent, name: Agent.agesName, payload: pipeline.encodeAges())
      try writer.append(.agent, name: Agent.incidentsName, payload: incidents.encode())
      for runner in inputs {
        let position = runner.input.encodePosition()
        guard !position.isEmpty else { continue }
        try writer.append(.input, name: runner.settings.name, payload: position)
      }
      checkpoints.bytes = try writer.commit()
      checkpoints.lastAt = options.clock()
      checkpoints.took = MonotonicTime.now.elapsed(since: start)
      checkpoints.lastError = nil
      if hadFailed { log.info("the state is saved again") }
    } catch {
      checkpoints.lastError = error.description
      guard !hadFailed else { return }
      log.error(
        "the state could not be saved: \(error); the next attempt is made at the next checkpoint, "
          + "the last good one is kept",
        .checkpointFailed
      )
    }
  }

  /// Sets the time of the next checkpoint by the size of the last one.
  func planCheckpoint() {
    do throws(EventLoopError) {
      guard let pause = checkpoints.schedule.pause(afterBytes: checkpoints.bytes) else {
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
