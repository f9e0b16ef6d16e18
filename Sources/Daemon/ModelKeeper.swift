import CommandLine
import Config
import Control
import Detection
import Events
import Monitor
import Outputs
import Series
import Store
import System

/// Keeps snapshots of what metrics have learnt, and rolls metrics back to them.
package final class ModelKeeper {
  /// The snapshots; nil before ``open(in:)``.
  private(set) var library: ModelLibrary?
  /// What [Agent] says.
  private(set) var agent: AgentSection

  private let monitor: HostMonitor
  private let checkpoints: CheckpointKeeper
  private let options: Daemon.Options
  /// The latest incident, as far as known.
  private var newestIncident: EventID?
  private var pass: (RollbackPass, user: UInt32)?
  private var slices: DeferredSource?

  private var log: Log { options.log }

  /// Without snapshots yet.
  init(
    _ agent: AgentSection, of monitor: HostMonitor, checkpoints: CheckpointKeeper,
    options: Daemon.Options, on loop: EventLoop
  ) throws(EventLoopError) {
    self.agent = agent
    self.monitor = monitor
    self.checkpoints = checkpoints
    self.options = options
    slices = try loop.deferred(isIdle: false) { [unowned self] in advance() }
    checkpoints.onSnapshot = { [unowned self] name in
      library?.add(name)
      trim()
    }
  }

  /// Finds the snapshots of earlier runs; call it after the state is restored.
  func open(in store: StateDirectory?) {
    library = store.map { ModelLibrary(in: $0) }
    newestIncident = monitor.incidents.last?.id
  }

  /// Switches to another configuration.
  func configure(_ agent: AgentSection) {
    self.agent = agent
    trim()
  }

  /// Once a second: keeps the state from before a new incident, and scheduled snapshots.
  package func keepHouse() {
    guard let library else { return }
    let now = options.clock()
    if let newest = monitor.incidents.last, newest.id != newestIncident {
      newestIncident = newest.id
      // Time stamps of a recording are unrelated to the times of checkpoints.
      let isRecorded = now.elapsed(since: newest.began) > .seconds(86_400)
      if agent.snapshotBytes > 0,
        let snapshot = library.keepBeforeIncident(began: isRecorded ? now : newest.began)
      {
        log.info(
          "an incident has opened: the models of \(snapshot.made.iso8601) are kept as snapshot "
            + snapshot.name)
        trim()
      }
    }
    guard let interval = agent.snapshotInterval, agent.snapshotBytes > 0 else { return }
    if library.keepOnSchedule(every: interval, now: now) != nil { trim() }
  }

  private func trim() {
    let deleted = library?.trim(to: agent.snapshotBytes) ?? []
    guard let last = deleted.last else { return }
    log.info(
      "deleted \(HumanNumber.counted(deleted.count, "snapshot")) up to \(last.name): snapshots "
        + "may use at most \(HumanNumber.bytes(agent.snapshotBytes)) (SnapshotBytes=)")
  }

  // MARK: Calls

  /// Makes a snapshot.
  /// - Parameters:
  ///   - name: nil: an automatic snapshot, which is deleted when space runs out.
  ///   - metrics: nil: all.
  func snapshot(
    _ name: String?, of metrics: [MetricName]?, _ permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    guard let library else { throw .modelsRefused("there is no state directory") }
    if let name, !ModelLibrary.isName(name) { throw .invalidParameter("name") }
    let name = name ?? ModelLibrary.scheduledName(at: options.clock())
    guard library[name] == nil, !checkpoints.orders.contains(where: { $0.name == name }) else {
      throw .modelsRefused(
        "snapshot '\(name)' already exists; delete it first, or choose another name")
    }
    guard library.snapshots.count < ModelLibrary.mostSnapshots else {
      throw .modelsRefused(
        "there are already \(ModelLibrary.mostSnapshots) snapshots, the maximum; delete some")
    }
    let order = SnapshotOrder(name: name, metrics: metrics.map(Set.init))
    checkpoints.order(order)
    log.notice("user \(permit.user) is taking snapshot \(name) of the models", .modelsChanged)
    return OutcomeStream { () throws(ControlError) in
      switch order.outcome {
      case nil: return nil
      case .failure(let error): throw .modelsRefused("the snapshot could not be taken: \(error)")
      case .success:
        guard let made = library[name] else {
          throw .modelsRefused(
            "the snapshot exceeds SnapshotBytes=, the limit of unnamed snapshots")
        }
        return SnapshotReply(snapshot: made)
      }
    }
  }

  /// Deletes a snapshot.
  func delete(_ name: String, _ permit: ChangePermit) throws(ControlError) -> SnapshotReply {
    guard let library, let snapshot = library[name] else { throw .noSuchSnapshot(name) }
    library.delete(name)
    log.notice("user \(permit.user) deleted snapshot \(name)", .modelsChanged)
    return SnapshotReply(snapshot: snapshot)
  }

  /// Rolls metrics back to a snapshot.
  /// - Parameters:
  ///   - unlearnt: samples that are not to be relearnt; nil: none is relearnt.
  func rollBack(
    _ metrics: [String], to snapshot: ModelSnapshot, unlearning unlearnt: Range<Timestamp>? = nil,
    _ permit: ChangePermit
  ) throws(ControlError) -> any ReplyStream {
    guard pass == nil else { throw .modelsRefused("another rollback is in progress") }
    guard let library else { throw .noSuchSnapshot(snapshot.name) }
    let reader: SnapshotReader
    do throws(StoreError) {
      reader = try library.open(snapshot.name)
    } catch {
      throw .modelsRefused("the snapshot cannot be read: \(error)")
    }
    let pass = RollbackPass(
      snapshot, reader, of: metrics, unlearning: unlearnt, in: monitor)
    self.pass = (pass, permit.user)
    checkpoints.isPaused = true
    monitor.interruptHold()
    checkpoints.noteInterruption()
    try? slices?.request()
    return OutcomeStream { () throws(ControlError) in
      guard pass.isOver else { return nil }
      if let failure = pass.failure {
        throw .modelsRefused("the snapshot cannot be read: \(failure)")
      }
      return pass.reply
    }
  }

  /// Whether no roll-back is in progress.
  package var isIdle: Bool { pass == nil }

  /// Continues a roll-back for a slice.
  package func advance() {
    guard let (pass, _) = pass else { return }
    let deadline = MonotonicTime.now.advanced(by: options.checkpointSlice)
    options.setTime(of: monitor)
    pass.advance { MonotonicTime.now >= deadline }
    if pass.isOver { end() } else { try? slices?.request() }
  }

  /// Completes the operation in progress before the state is saved for the last time.
  func finish() {
    pass?.0.advance { false }
    if pass != nil { end() }
  }

  private func end() {
    guard let (pass, user) = pass else { return }
    self.pass = nil
    checkpoints.isPaused = false
    let reply = pass.reply
    let failures =
      (pass.failure?.description ?? reply.firstFailure).map {
        "; \(HumanNumber.counted(reply.failed, "metric")) could not be rolled back, the first: "
          + "\($0)"
      } ?? ""
    log.notice(
      "user \(user) took \(HumanNumber.counted(reply.metrics, "metric")) back to snapshot "
        + "\(pass.snapshot.name) of \(pass.snapshot.made.iso8601)"
        + (reply.relearnt > 0
          ? ", and they learnt \(HumanNumber.counted(reply.relearnt, "sample")) again" : "")
        + failures,
      .modelsChanged)
    checkpoints.saveSoon()
  }
}

/// A reply that is sent once an operation has ended.
final class OutcomeStream: ReplyStream {
  private let outcome: () throws(ControlError) -> (any Encodable)?
  private var result: Result<any Encodable, ControlError>?

  /// - Parameter outcome: the reply; nil while there is none.
  init(_ outcome: @escaping () throws(ControlError) -> (any Encodable)?) {
    self.outcome = outcome
  }

  var isReady: Bool {
    look()
    return result != nil
  }

  func next() throws(ControlError) -> ReplyStreamStep {
    look()
    guard let result else { return .later }
    return .part(try result.get(), continues: false)
  }

  func end() {}

  private func look() {
    guard result == nil else { return }
    do throws(ControlError) {
      result = try outcome().map { .success($0) }
    } catch {
      result = .failure(error)
    }
  }
}
