import CommandLine
import Config
import Detection
import Events
import Inputs
import Monitor
import Outputs
import Series
import Store

/// State: a checkpoint holds, in this order, each metric (``RecordKind/metric``, in order of
/// registration), what the host's alarm budget owes (``RecordKind/agent``, named `budget`), for
/// how long metrics have been without a sample (`ages`), the incidents (`incidents`), and the
/// position of each input (``RecordKind/input``).
///
/// All of the same instant, so that what is read again after a crash meets the detectors just as
/// they were, and the same events come of it with the same ids.
extension Daemon {
  static let budgetName = "budget"
  static let agesName = "ages"
  static let incidentsName = "incidents"

  /// Takes possession of the state directory and goes on where the last run stopped. What cannot
  /// be used is said, and starts afresh.
  func openState() throws(DaemonError) {
    if let problem = RuntimePaths.makeDirectory(stateDirectory) {
      throw .state("the state directory cannot be used: \(problem)")
    }
    do {
      let store = try StateDirectory(path: stateDirectory)
      self.store = store
      try openRecord(in: store)
    } catch {
      throw .state("\(error)")
    }
    restoreState()
    restoreFeedback()
    restoreOpenEvents()
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
        return monitor.restore(name, from: record.payload)
      } catch {
        return error.description
      }
    case .input:
      inputs.first { $0.settings.name == record.name }?.input.restorePosition(record.payload)
      return nil
    case .agent:
      switch record.name {
      case Daemon.budgetName: return monitor.restoreBudget(record.payload)
      case Daemon.agesName: return monitor.restoreAges(record.payload)
      case Daemon.incidentsName: return monitor.restoreIncidents(record.payload)
      default: return "not known to this version"
      }
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
}
