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
  /// Polls inputs for the first time, in the order of the configuration: of two with the same
  /// metric, the first one claims it.
  func beginInputs() {
    for runner in inputs where !runner.hasBegun { runner.begin() }
  }

  /// Polls every input once, regardless of its tick.
  package func pollInputs() {
    for runner in inputs { poll(runner) }
  }

  /// Polls an input and logs what the monitor could not take.
  func poll(_ runner: InputRunner) {
    guard !monitor.isFull else { return runner.postpone() }
    setTime()
    let start = monitor.awake
    if runner.read(at: monitor.now) {
      setTime()
      monitor.noteDelivery(of: runner.settings.name)
    }
    busy += options.awakeClock() - start
    if let conflict = runner.sink.conflict, toldConflicts.insert(runner.settings.name).inserted {
      log.warning(
        "input \(runner.settings.name): \(conflict.metric) comes from input \(conflict.owner) "
          + "already; the duplicates of this input are ignored",
        .inputTrouble
      )
    }
    if monitor.refusals > 0, !toldRefusals {
      toldRefusals = true
      log.warning(
        "input \(runner.settings.name): the table of \(monitor.limits.metrics) metrics is full "
          + "(MaximumMetrics=); new metrics are not watched, the count is in the status",
        .registryFull
      )
    }
  }

  /// Once a second: retries what is waiting, disconnects idle clients, updates the status.
  package func keepHouse() {
    try? housekeepingTimer?.fire(at: MonotonicTime.now.nextTick(every: .seconds(1)))
    retryEvents()
    control?.sweep(now: .nanoseconds(MonotonicTime.now.nanoseconds))
    let forgotten = monitor.ageing.forgotten
    setTime()
    monitor.keepHouse()
    logForgotten(monitor.ageing.forgotten - forgotten)
    logLearningSnapshots()
    keepTextfile()
    logGaps()
    updateStatus()
  }

  private func logForgotten(_ count: Int) {
    guard count > 0, let limit = settings.agent.forgetAfter else { return }
    log.info(
      "\(count) metrics are removed because they had no sample for \(HumanNumber.duration(limit)) "
        + "(ForgetAfter=)")
  }

  /// What the first line of the log says about learning; empty where the state of an earlier run
  /// makes it needless.
  public var outlook: String {
    let known = monitor.metrics.count { $0.learningLeft == nil }
    guard known == 0, !inputs.isEmpty else { return "" }
    let samples = ValueDetector.warmUpSamples
    let interval = inputs.compactMap { runner -> Duration? in
      switch runner.section.rhythm {
      case .every(let interval), .summedUp(let interval): interval
      case .asSent: nil
      }
    }.max()
    let time = interval.map { "the first \(HumanNumber.minutes($0 * samples)) " } ?? ""
    return
      "; learning for \(time)(\(samples) samples of each metric): until then only limits raise "
      + "events, those built in and Range="
  }

  /// Once detectors that had to learn can all alarm.
  private func logEndOfLearning() {
    let warming = monitor.metrics.count { $0.learningLeft != nil }
    if warming > 0 { isLearning = true }
    guard isLearning, warming == 0, !monitor.metrics.isEmpty else { return }
    isLearning = false
    log.notice(
      "learning is over: \(monitor.metrics.count) metrics are now judged by what is usual for them")
  }

  func updateStatus() {
    logEndOfLearning()
    let status = statusLine
    guard status != toldStatus else { return }
    if options.serviceManager.status(status) { toldStatus = status }
  }

  func logNotices() {
    for runner in inputs {
      for notice in runner.input.drainNotices() {
        switch notice.severity {
        case .info: log.info(notice.text)
        case .warning: log.warning(notice.text, .inputTrouble)
        }
      }
    }
    for slot in outputs {
      for notice in slot.output.drainNotices() {
        switch notice.severity {
        case .info: log.info(notice.text)
        case .warning: log.warning(notice.text, .outputTrouble)
        }
      }
    }
    for notice in record?.drainNotices() ?? [] {
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
    options.serviceManager.stopping()
    retryEvents()
    endCheckpoint()
    saveState(isLast: true)
    let lost = record?.waiting ?? 0
    if lost > 0 {
      log.error(
        "\(lost) event steps could not be recorded and are lost: "
          + "\(record?.lastError.map { "\($0)" } ?? "unknown reason")",
        .checkpointFailed)
    }
    logNotices()
    control?.close()
    removeTextfile(settings.agent.textfileMetrics)
    loop.exit(checkpoints.lastError == nil && lost == 0 ? 0 : 1)
  }
}
