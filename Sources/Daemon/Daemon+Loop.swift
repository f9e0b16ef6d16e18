import CommandLine
import Config
import Control
import Detection
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
    problems.noteHousekeeping()
    events.retry()
    // A daemon that receives nothing must not look healthy.
    if inputs.runners.isEmpty || !inputs.runners.allSatisfy(inputs.isStalled) { events.beat() }
    control?.sweep(now: .nanoseconds(MonotonicTime.now.nanoseconds))
    let forgotten = monitor.ageing.forgotten
    options.setTime(of: monitor)
    monitor.keepHouse()
    models.keepHouse()
    surveyor?.attend()
    logForgotten(monitor.ageing.forgotten - forgotten)
    silences.logLearningSnapshots()
    logGaps()
    updateStatus()
    textfile.write(report.status)
  }

  private func logForgotten(_ count: Int) {
    guard count > 0, let limit = settings.agent.forgetAfter else { return }
    log.info(
      "removed \(HumanNumber.counted(count, "metric")) without a sample for \(HumanNumber.duration(limit)) "
        + "(ForgetAfter=)")
  }

  /// The text shown by `systemctl status`, after a survey of problems.
  var statusLine: String { statusLine(monitor.census(at: options.awakeClock())) }

  private func statusLine(_ census: MetricCensus) -> String {
    problems.take(DaemonReport(agent: self).problems(census))
    let outlook = census.warming > 0 ? census.outlook : ""
    var text =
      "\(monitor.metrics.count) metrics: \(census.normal + census.anomalous) warm, "
      + "\(census.warming) warming up\(outlook), \(census.anomalous) anomalous"
    if census.shown > 0 { text += ", \(census.shown) only shown" }
    return text + problems.text
  }

  /// The part of the first log line about learning; empty if restored state makes it unnecessary.
  public var outlook: String {
    let census = monitor.census(at: options.awakeClock())
    let learning = census.learning
    guard learning + census.shown == monitor.metrics.count, !inputs.runners.isEmpty else {
      return ""
    }
    let samples = ValueDetector.warmUpSamples
    let interval = inputs.runners.compactMap { runner -> Duration? in
      switch runner.section.rhythm {
      case .every(let interval), .summedUp(let interval): interval
      case .asSent: nil
      }
    }.max()
    let time = interval.map { "\(HumanNumber.minutes($0 * samples)) or more " } ?? ""
    return
      "; learning for \(time)(at least \(samples) samples of each metric): until then, only "
      + "built-in limits and Range= raise events"
  }

  /// Logs once per run that all detectors that had to learn can alarm.
  private func logEndOfLearning(_ census: MetricCensus) {
    switch (learning, census.learningLeft) {
    case (.unknown, _?): learning = .begun
    case (.begun, nil) where census.normal > 0:
      learning = .over
      log.notice(
        "learning is complete: \(monitor.metrics.count - census.shown) metrics are now judged by "
          + "their own normal behaviour"
      )
    default: break
    }
  }

  func updateStatus() {
    let census = monitor.census(at: options.awakeClock())
    logEndOfLearning(census)
    let status = statusLine(census)
    guard status != toldStatus else { return }
    if options.serviceManager.status(status) { toldStatus = status }
  }

  func logNotices() {
    for runner in inputs.runners {
      for notice in runner.input.drainNotices() {
        switch notice.severity {
        case .info: log.info(notice.text)
        case .warning:
          problems.note(notice.text, ofInput: runner.settings.name)
          log.warning(notice.text, .inputTrouble)
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

  /// Saves the state and ends ``run()``: with failure if something could not be saved, so that the
  /// service manager does not report a clean end.
  package func stop() {
    guard !isStopping else { return }
    isStopping = true
    updateStatus()
    options.serviceManager.stopping()
    events.retry()
    models.finish()
    checkpoints.end()
    checkpoints.save(isLast: true)
    let lost = events.record?.waiting ?? 0
    if lost > 0 {
      log.error(
        "lost \(HumanNumber.counted(lost, "event step")) that could not be recorded: "
          + "\(events.record?.lastError.map { "\($0)" } ?? "unknown reason")",
        .checkpointFailed)
    }
    logNotices()
    control?.close()
    textfile.remove()
    loop.exit(checkpoints.facts.lastError == nil && lost == 0 ? 0 : 1)
  }
}

extension MetricCensus {
  /// When the warm-up will be over, such as `, first ready in 14 min, all in 25 min`; empty if
  /// unknown.
  var outlook: String {
    guard let first = firstReady, let all = learningLeft else { return "" }
    let (soon, late) = (HumanNumber.minutes(first), HumanNumber.minutes(all))
    return soon == late ? ", ready in \(soon)" : ", first ready in \(soon), all in \(late)"
  }
}
