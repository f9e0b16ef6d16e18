import CommandLine
import Config
import Control
import Detection
import Events
import Inputs
import Monitor
import Outputs
import Series
import Store

/// State: a checkpoint contains, in this order, each metric (``RecordKind/metric``, in order of
/// registration), the debt of the host's alarm budget (``RecordKind/agent``, named `budget`), the
/// time since each metric's last sample (`ages`), the incidents (`incidents`), the input of each
/// metric with an open event (`owners`), how far the history had come (`history`), and the position of
/// each input (``RecordKind/input``).
///
/// All from the same instant, so that samples reread after a crash meet the detectors exactly as
/// they were, and produce the same events with the same ids.
extension CheckpointKeeper {
  static let budgetName = "budget"
  static let agesName = "ages"
  static let incidentsName = "incidents"
  static let ownersName = "owners"
  static let historyName = "history"

  /// The number of the newest step in the history, so that a lost tail of it is noticed.
  func encodeHistoryStep() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(events.record?.newestStep ?? 0)
    return writer.bytes
  }

  private func restoreHistoryStep(_ bytes: [UInt8]) -> String? {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      restoredStep = try reader.readUInt64()
      try reader.requireEnd()
      return nil
    } catch {
      return error.description
    }
  }

  /// Takes ownership of the state directory and resumes where the last run stopped. Unusable parts
  /// are reported and start afresh.
  func openState() throws(DaemonError) {
    if let problem = RuntimePaths.makeDirectory(path) {
      throw .state("the state directory cannot be used: \(problem)")
    }
    do {
      let store = try StateDirectory(path: path)
      self.store = store
      try events.openRecord(in: store)
    } catch {
      throw .state("\(error)")
    }
    restoreState()
    events.restoreFeedback()
    events.restoreOpenEvents(since: restoredStep)
  }

  private func restoreState() {
    do throws(StoreError) {
      var restored = 0
      var lost: [(name: String, reason: String)] = []
      let report = try store?.restoreEach({ record in
        // A repeated record comes from the previous checkpoint.
        lost.removeAll { $0.name == record.name }
        if let reason = restore(record) {
          lost.append((record.name, reason))
          return false
        }
        if record.kind == .metric { restored += 1 }
        return true
      })
      guard let report else { return log.info("no saved state: every metric starts from scratch") }
      logRestore(report, restored: restored, lost: lost.map { "\($0.name): \($0.reason)" })
    } catch {
      let text = "\(path): \(error); every metric starts from scratch"
      facts.restored = RestoreStatus(
        saved: nil, metrics: 0, lost: 0, firstLost: nil, fallback: text)
      log.error(text, .stateDamaged)
    }
  }

  /// - Returns: why the record is unusable; nil if it is used, or belongs to something that is no
  ///   longer configured.
  private func restore(_ record: CheckpointRecord) -> String? {
    guard record.version == 0 else {
      return "stored in format version \(record.version), which this version does not know"
    }
    switch record.kind {
    case .metric:
      do throws(MetricNameError) {
        let name = try MetricName(validating: record.name)
        return monitor.restore(name, from: record.payload)
      } catch {
        return error.description
      }
    case .input:
      inputs.runners.first { $0.settings.name == record.name }?.input.restorePosition(
        record.payload)
      return nil
    case .agent:
      switch record.name {
      case CheckpointKeeper.budgetName: return monitor.restoreBudget(record.payload)
      case CheckpointKeeper.agesName: return monitor.restoreAges(record.payload)
      case CheckpointKeeper.incidentsName: return monitor.restoreIncidents(record.payload)
      case CheckpointKeeper.ownersName: return monitor.restoreOwners(record.payload)
      case CheckpointKeeper.historyName: return restoreHistoryStep(record.payload)
      default: return "not known to this version"
      }
    }
  }

  private func logRestore(_ report: RestoreReport, restored: Int, lost: [String]) {
    log.info(
      "state of \(report.made.iso8601) restored: "
        + "\(HumanNumber.counted(restored, "metric")) resumed")
    var fallback: String?
    if let fault = report.newestUnusable {
      fallback =
        "the newest checkpoint is unusable: \(fault); resuming from the previous one, "
        + "of \(report.made.iso8601)"
    }
    if let first = report.firstRecovered {
      fallback =
        "\(HumanNumber.counted(report.recovered, "unusable part")) of the newest checkpoint restored from "
        + "the previous one; the first: \(first). The newest is kept as checkpoint.damaged"
    }
    if let fallback { log.warning(fallback, .stateDamaged) }
    let all = report.lostNames.map { "\($0): damaged" } + lost
    facts.restored = RestoreStatus(
      saved: report.made, metrics: restored, lost: report.lost + lost.count, firstLost: all.first,
      fallback: fallback)
    guard let first = all.first else { return }
    log.warning(
      "\(HumanNumber.counted(report.lost + lost.count, "unusable part")) of the saved state could "
        + "not be restored and start from scratch; the first: \(first)",
      .stateDamaged
    )
  }
}
