import CommandLine
import Config
import Control
import Inputs
import Monitor
import Outputs
import Series
import Store
import System

extension Daemon {
  /// Records the monitor's steps and notifies outputs; called at the end of every iteration of the
  /// loop.
  package func commitEvents() {
    checkpoints.noteInterruption()
    events.commit()
  }

  /// Once a second: retries what is waiting, disconnects idle clients, updates the status.
  package func keepHouse() {
    try? housekeepingTimer?.fire(at: MonotonicTime.now.nextTick(every: .seconds(1)))
    events.retry()
    control?.sweep(now: .nanoseconds(MonotonicTime.now.nanoseconds))
    let forgotten = monitor.ageing.forgotten
    options.setTime(of: monitor)
    monitor.keepHouse()
    logForgotten(monitor.ageing.forgotten - forgotten)
    silences.logLearningSnapshots()
    textfile.write(report.status)
    logGaps()
    updateStatus()
  }

  private func logForgotten(_ count: Int) {
    guard count > 0, let limit = settings.agent.forgetAfter else { return }
    log.info(
      "\(count) metrics are removed because they had no sample for \(HumanNumber.duration(limit)) "
        + "(ForgetAfter=)")
  }

  /// Metrics by state.
  var counts: MetricCounts { MetricCounts(monitor, at: options.awakeClock()) }

  /// The text shown by `systemctl status`.
  var statusLine: String {
    let counts = counts
    var text =
      "\(counts.registered) metrics: \(counts.normal + counts.anomalous) warm, "
      + "\(counts.warming) warming up, \(counts.anomalous) anomalous"
    let silent = inputs.runners.count(where: inputs.isStalled)
    if silent > 0 { text += "; \(silent) of \(inputs.runners.count) inputs silent" }
    if counts.refused > 0 { text += "; table of metrics full" }
    if let error = reloads.lastErrors.first {
      text += "; new configuration refused, keeping the previous one: \(error)"
    }
    if let error = events.record?.lastError { text += "; events not recorded: \(error)" }
    if let error = checkpoints.facts.lastError { text += "; state not saved: \(error)" }
    return text
  }

  func updateStatus() {
    let status = statusLine
    guard status != toldStatus else { return }
    if options.serviceManager.status(status) { toldStatus = status }
  }

  func logNotices() {
    for runner in inputs.runners {
      for notice in runner.input.drainNotices() {
        switch notice.severity {
        case .info: log.info(notice.text)
        case .warning: log.warning(notice.text, .inputTrouble)
        }
      }
    }
    for slot in events.outputs {
      for notice in slot.output.drainNotices() {
        switch notice.severity {
        case .info: log.info(notice.text)
        case .warning: log.warning(notice.text, .outputTrouble)
        }
      }
    }
    for notice in events.record?.drainNotices() ?? [] {
      switch notice.severity {
      case .info: log.info(notice.text)
      case .warning: log.warning(notice.text, .stateDamaged)
      }
    }
    for text in control?.drainNotices() ?? [] { log.notice("control: " + text) }
  }

  /// At most once a minute, so that a recording full of gaps does not flood the log.
  private func logGaps() {
    let now = MonotonicTime.now
    if let logged = gapsLoggedAt, now.elapsed(since: logged) < .seconds(60) { return }
    let gaps = monitor.takeGaps()
    guard let metric = gaps.metric else { return }
    gapsLoggedAt = now
    let others = gaps.count > 1 ? " and \(gaps.count - 1) more" : ""
    log.notice(
      "\(metric)\(others): no samples for up to \(HumanNumber.duration(gaps.longest)), much "
        + "longer than usual; nothing was learnt meanwhile",
      .metricGap
    )
  }

  /// Saves the state and ends ``run()``.
  package func stop() {
    guard !isStopping else { return }
    isStopping = true
    options.serviceManager.stopping()
    events.retry()
    checkpoints.end()
    checkpoints.save()
    logNotices()
    control?.close()
    textfile.remove()
    loop.exit(0)
  }
}
