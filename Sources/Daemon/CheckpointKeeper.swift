import Config
import Control
import Detection
import Events
import Inputs
import Monitor
import Outputs
import Series
import Store
import System

/// Saves the state: in slices while running, so that the loop never blocks; in one go on shutdown.
package final class CheckpointKeeper {
  let options: Daemon.Options
  let monitor: HostMonitor
  let inputs: InputSet
  let events: EventPublisher
  /// Where the state is kept.
  let path: String
  /// Nil before ``openState()``.
  var store: StateDirectory?
  /// The number of the newest step in the history when the restored checkpoint was made; nil:
  /// unknown.
  var restoredStep: UInt64?
  var facts: CheckpointFacts

  private let loop: EventLoop
  /// Called when ``facts`` have changed.
  var onChange: () -> Void = {}
  private var timer: TimerSource?
  /// Checkpoints made since the start.
  package private(set) var made = 0
  /// Snapshots to make, in order; the first one may be in progress.
  private(set) var orders: [SnapshotOrder] = []
  /// Called with the name of each new snapshot.
  var onSnapshot: (String) -> Void = { _ in }
  /// Whether no checkpoint may begin, because metrics are being replaced one after the other.
  var isPaused = false
  /// The checkpoint in progress.
  private var pass: CheckpointPass?
  /// Work on it, alternating with everything else.
  private var slices: DeferredSource?

  /// How much more time to request from the service manager on shutdown while the state is being
  /// written: a host with 100,000 metrics has gigabytes of it.
  private static let patience = Duration.seconds(60)

  var log: Log { options.log }

  /// Without a scheduled checkpoint.
  init(
    at path: String, _ agent: AgentSection, of monitor: HostMonitor, inputs: InputSet,
    events: EventPublisher, options: Daemon.Options, on loop: EventLoop
  ) throws(EventLoopError) {
    self.path = path
    self.monitor = monitor
    self.inputs = inputs
    self.events = events
    self.options = options
    self.loop = loop
    facts = CheckpointFacts(schedule: CheckpointSchedule(agent))
    timer = try loop.timer(accuracy: .seconds(1)) { [unowned self] in begin() }
    slices = try loop.deferred(isIdle: false) { [unowned self] in advance() }
  }

  /// Switches to another configuration.
  func configure(_ agent: AgentSection) {
    facts.schedule = CheckpointSchedule(agent)
    plan()
  }

  /// Makes a snapshot as soon as possible.
  func order(_ order: SnapshotOrder) {
    orders.append(order)
    begin()
  }

  /// Begins a checkpoint, unless one is in progress.
  package func begin() {
    guard let store, pass == nil else { return }
    guard !isPaused else { return plan(after: .seconds(1)) }
    // Samples are still waiting for the previous one.
    guard !monitor.isHolding else { return plan(after: .seconds(1)) }
    // The history must never be behind the detectors: their steps would be lost.
    noteInterruption()
    events.commit()
    let moment = options.clock()
    let order = orders.first
    do throws(FileError) {
      let isWhole = order?.metrics == nil
      let checkpoint = try store.beginBackgroundCheckpoint(
        at: moment, snapshot: order?.name, isWhole: isWhole)
      pass = try CheckpointPass(
        checkpoint, in: store.path, at: moment, metrics: monitor.metrics.count,
        only: order?.metrics,
        isSnapshot: order != nil, rest: isWhole ? recordsBesideMetrics : [], on: loop
      ) { [unowned self] in
        advance()
      }
      monitor.hold()
      try? slices?.request()
    } catch {
      note(.failure(error), at: moment, began: .now)
      finishOrder(.failure(error))
      plan()
      onChange()
    }
  }

  /// Completes the snapshot that was being made, if any, with its outcome.
  private func finishOrder(_ outcome: Result<Int, FileError>) {
    guard !orders.isEmpty else { return }
    let order = orders.removeFirst()
    order.outcome = outcome
    if case .success = outcome { onSnapshot(order.name) }
  }

  /// Begins a checkpoint soon, after a change that a user expects to last.
  func saveSoon() {
    noteInterruption()
    guard facts.schedule.interval != nil else { return }
    plan(after: .milliseconds(100))
  }

  /// Whether one is in progress.
  package var isInProgress: Bool { pass != nil }

  /// Copies a slice of the metrics, or processes a slice of the samples queued meanwhile.
  package func advance() {
    noteInterruption()
    let deadline = MonotonicTime.now.advanced(by: options.checkpointSlice)
    if let pass, !pass.isEncoded, pass.outcome == nil {
      pass.encode(monitor.metrics, until: deadline)
    } else if monitor.isHolding {
      inputs.measure {
        if monitor.catchUp(until: { MonotonicTime.now >= deadline }) { inputs.resume() }
      }
    }
    if let pass, let outcome = pass.outcome {
      // It has ended: this does not block.
      pass.cancel()
      self.pass = nil
      if pass.isWhole { note(outcome, at: pass.moment, began: pass.began) }
      if pass.isSnapshot { finishOrder(outcome) }
      plan()
      onChange()
    }
    let waitsForDisk = pass.map { !$0.isEncoded && !$0.hasRoom } ?? false
    if monitor.isHolding, !waitsForDisk { try? slices?.request() }
  }

  /// Aborts a checkpoint if a change has interrupted it.
  func noteInterruption() {
    if monitor.takeInterruption() { abandon() }
  }

  /// Aborts a checkpoint that would mix metrics from two instants, because something other than a
  /// sample has changed them while they were being encoded. Another one is made soon.
  private func abandon() {
    if let pass, !pass.isEncoded {
      pass.cancel()
      self.pass = nil
      plan(after: .seconds(1))
    }
    inputs.resume()
  }

  /// Ends the one in progress, if any, before the last one is made.
  func end() {
    options.setTime(of: monitor)
    monitor.interruptHold()
    noteInterruption()
    pass?.cancel()
    pass = nil
  }

  /// Saves the state immediately, and schedules the next checkpoint.
  package func saveNow() {
    end()
    save()
    plan()
    onChange()
  }

  /// Saves the state immediately; a failure leaves the last good checkpoint unchanged.
  /// - Parameter isLast: whether the daemon ends now, so that a failure is final, and logged.
  func save(isLast: Bool = false) {
    guard let store else { return }
    noteInterruption()
    events.commit()
    let began = MonotonicTime.now
    let moment = options.clock()
    do throws(FileError) {
      let writer = try store.beginCheckpoint(at: moment)
      var extended = began
      for metric in monitor.metrics {
        try writer.append(.metric, name: metric.name.text) { metric.encode(to: &$0) }
        if isLast, MonotonicTime.now.elapsed(since: extended) > .seconds(2) {
          options.serviceManager.extendStop(by: CheckpointKeeper.patience)
          extended = .now
        }
      }
      // Allows as long for syncing as writing took.
      if extended > began { options.serviceManager.extendStop(by: CheckpointKeeper.patience) }
      for record in recordsBesideMetrics {
        try writer.append(record.kind, name: record.name, payload: record.payload)
      }
      note(.success(try writer.commit()), at: moment, began: began)
    } catch {
      note(.failure(error), at: moment, began: began, isLast: isLast)
    }
  }

  /// The contents of a checkpoint after the metrics.
  private var recordsBesideMetrics: [CheckpointRecord] {
    [
      CheckpointRecord(
        kind: .agent, name: CheckpointKeeper.budgetName, payload: monitor.encodeBudget()),
      CheckpointRecord(
        kind: .agent, name: CheckpointKeeper.agesName, payload: monitor.encodeAges()),
      CheckpointRecord(
        kind: .agent, name: CheckpointKeeper.incidentsName, payload: monitor.encodeIncidents()),
      CheckpointRecord(
        kind: .agent, name: CheckpointKeeper.ownersName, payload: monitor.encodeOwners()),
      CheckpointRecord(
        kind: .agent, name: CheckpointKeeper.historyName, payload: encodeHistoryStep()),
    ]
      + inputs.runners.map { runner in
        CheckpointRecord(
          kind: .input, name: runner.settings.name, payload: runner.input.encodePosition())
      }.filter { !$0.payload.isEmpty }
  }

  private func note(
    _ outcome: Result<Int, FileError>, at moment: Timestamp, began: MonotonicTime,
    isLast: Bool = false
  ) {
    switch outcome {
    case .success(let bytes):
      made += 1
      facts.bytes = bytes
      facts.lastAt = ObservedMoment(moment, began)
      facts.took = MonotonicTime.now.elapsed(since: began)
      facts.lastError = nil
    case .failure(let error):
      facts.lastError = error.description
      // Except on shutdown, it is a problem of the daemon, which is logged as such.
      guard isLast else { return }
      let last =
        facts.lastAt.map { "the checkpoint of \($0.timestamp.iso8601)" } ?? "an older checkpoint"
      log.error(
        "the state could not be saved: \(error); what was learnt since \(last) is lost",
        .checkpointFailed)
    }
  }

  /// Schedules the next checkpoint: after `pause`, or depending on the size of the last one.
  func plan(after pause: Duration? = nil) {
    do throws(EventLoopError) {
      let usual = facts.schedule.pause(afterBytes: facts.bytes)
      let pause = orders.isEmpty ? pause : pause ?? .zero
      guard let pause = pause ?? usual, usual != nil || !orders.isEmpty else {
        facts.next = nil
        try timer?.cancel()
        return
      }
      let next = MonotonicTime.now.advanced(by: pause)
      facts.next = next
      try timer?.fire(at: next)
    } catch {
      log.error("no checkpoint can be scheduled: \(error)", .checkpointFailed)
    }
  }
}

/// A requested snapshot.
final class SnapshotOrder {
  /// Its name.
  let name: String
  /// The metrics in it; nil: all.
  let metrics: Set<MetricName>?
  /// The result; nil while it is being made.
  var outcome: Result<Int, FileError>?

  /// A snapshot of this name.
  init(name: String, metrics: Set<MetricName>?) {
    self.name = name
    self.metrics = metrics
  }
}

/// State of the checkpoints.
struct CheckpointFacts {
  /// When checkpoints are due.
  var schedule: CheckpointSchedule
  /// When the last one was made; nil before the first.
  var lastAt: ObservedMoment?
  /// Its size in bytes.
  var bytes = 0
  /// How long it took, from its first byte until it was on disk.
  var took = Duration.zero
  /// When the next one is due; nil: none planned.
  var next: MonotonicTime?
  /// Why the last attempt failed; nil if it did not.
  var lastError: String?
  /// What was restored at the start; nil if there was no state.
  var restored: RestoreStatus?
}
