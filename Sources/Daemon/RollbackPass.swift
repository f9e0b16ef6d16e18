import Control
import Monitor
import Series
import Store

/// Rolls metrics back to their state at the time of a snapshot, in slices between which the loop
/// iterates. No checkpoint may be made before ``isOver``: it would mix both states.
final class RollbackPass {
  /// The snapshot.
  let snapshot: ModelSnapshot
  /// The result so far.
  private(set) var reply: RollbackReply
  /// Whether it has ended.
  private(set) var isOver = false
  /// Why it has ended without any change.
  private(set) var failure: StoreError?

  private let models: LearntModels
  private let reader: SnapshotReader
  /// Samples that are not to be relearnt; nil: none is relearnt.
  private let unlearnt: Range<Timestamp>?
  /// Metrics not found in the snapshot yet.
  private var wanted: Set<String>
  private var isVerified = false
  private var current: (name: MetricName, replacement: LearntModels.Replacement)?

  /// Begins one.
  /// - Parameters:
  ///   - metrics: the names of the metrics.
  ///   - unlearnt: if kept samples newer than the snapshot are to be relearnt, those to leave out.
  init(
    _ snapshot: ModelSnapshot, _ reader: SnapshotReader, of metrics: [String],
    unlearning unlearnt: Range<Timestamp>?, in monitor: HostMonitor
  ) {
    self.snapshot = snapshot
    self.reader = reader
    self.unlearnt = unlearnt
    models = LearntModels(monitor)
    wanted = Set(metrics)
    reply = RollbackReply(snapshot: snapshot)
  }

  /// Makes progress until time is up, by at least one step.
  func advance(until isTimeUp: () -> Bool) {
    do throws(StoreError) {
      repeat { try step(until: isTimeUp) } while !isOver && !isTimeUp()
    } catch {
      // The structure was verified before the first change, so only a disk can fail now.
      failure = error
      isOver = true
    }
  }

  private func step(until isTimeUp: () -> Bool) throws(StoreError) {
    guard isVerified else {
      isVerified = try reader.verify(until: isTimeUp)
      return
    }
    if current != nil { return relearn(until: isTimeUp) }
    switch try reader.next(where: wanted.contains) {
    case .other: break
    case .end:
      reply.newer = wanted.count
      isOver = true
    case .metric(let text, let bytes):
      wanted.remove(text)
      let name = MetricName(sanitizing: text)
      guard let bytes else { return fail(name, "damaged") }
      do throws(MetricDecodingError) {
        // The metric may have been removed meanwhile.
        guard let replacement = try models.replacement(of: name, from: bytes) else { return }
        current = (name, replacement)
      } catch {
        fail(name, error.description)
      }
      relearn(until: isTimeUp)
    }
  }

  /// Relearns kept samples, and installs the detector once there are none left.
  private func relearn(until isTimeUp: () -> Bool) {
    guard let (name, unfinished) = current else { return }
    var replacement = unfinished
    current = nil
    if let unlearnt,
      !models.relearn(&replacement, of: name, without: unlearnt, until: isTimeUp)
    {
      current = (name, replacement)
      return
    }
    reply.relearnt += replacement.relearnt
    if models.install(replacement, of: name) { reply.metrics += 1 }
  }

  private func fail(_ name: MetricName, _ reason: String) {
    reply.failed += 1
    if reply.firstFailure == nil { reply.firstFailure = "\(name): \(reason)" }
  }
}
