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
  /// Polls inputs for the first time, in the order of the configuration: of two that have the same
  /// metric, the one that stands first there has it.
  func beginInputs() {
    for runner in inputs where !runner.hasBegun { runner.begin() }
  }

  /// Reads every input once, whatever its tick.
  package func pollInputs() {
    for runner in inputs { poll(runner) }
  }

  /// Reads an input and says what the pipeline could not take.
  func poll(_ runner: InputRunner) {
    guard !pipeline.isFull else { return runner.postpone() }
    let now = options.clock()
    if runner.poll(now: now, into: pipeline),
      let ended = runner.silence.hear(at: now, awake: options.awakeClock())
    {
      pass(ended)
    }
    if let conflict = runner.sink.conflict, toldConflicts.insert(runner.settings.name).inserted {
      log.warning(
        "input \(runner.settings.name): \(conflict.metric) comes from input \(conflict.owner) "
          + "already; what both have is taken from that one alone",
        .inputTrouble
      )
    }
    if pipeline.refusals > 0, !toldRefusals {
      toldRefusals = true
      log.warning(
        "input \(runner.settings.name): the table is full with \(pipeline.limits.metrics) metrics "
          + "(MaximumMetrics=); new metrics are not watched, the count is in the status",
        .registryFull
      )
    }
  }

  /// Once a second: what waits is tried again, silent clients are closed, the status is told.
  package func keepHouse() {
    try? housekeepingTimer?.fire(at: MonotonicTime.now.nextTick(every: .seconds(1)))
    retryEvents()
    control?.sweep(now: .nanoseconds(MonotonicTime.now.nanoseconds))
    tellEventsWhoseSilenceEnded()
    tellKeptLearning()
    keepTextfile()
    tellGaps()
    lookForSilentInputs()
    forgetMetrics()
    tellStatus()
  }

  /// Once a minute.
  private func forgetMetrics() {
    let awake = options.awakeClock()
    guard let limit = settings.agent.forgetAfter, awake >= forgetNext, !pipeline.isHolding else {
      return
    }
    forgetNext = awake + .seconds(60)
    let before = pipeline.ageing.forgotten
    pipeline.forget(silentFor: limit, at: options.clock())
    let count = pipeline.ageing.forgotten - before
    guard count > 0 else { return }
    log.info(
      "\(count) metrics are forgotten, as no sample has come for \(HumanNumber.duration(limit)) "
        + "(ForgetAfter=)")
  }

  private func lookForSilentInputs() {
    let (now, awake) = (options.clock(), options.awakeClock())
    for runner in inputs {
      if let begun = runner.silence.look(at: now, awake: awake) { pass(begun) }
    }
  }

  func tellStatus() {
    let status = statusLine
    guard status != toldStatus else { return }
    if options.serviceManager.status(status) { toldStatus = status }
  }

  func tellNotices() {
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

  /// At most once a minute, so that a recording full of holes does not flood the log.
  private func tellGaps() {
    let now = MonotonicTime.now
    if let told = toldSilenceAt, now.elapsed(since: told) < .seconds(60) { return }
    let silences = pipeline.takeSilences()
    guard let metric = silences.metric else { return }
    toldSilenceAt = now
    let others = silences.count > 1 ? " and \(silences.count - 1) more" : ""
    log.notice(
      "\(metric)\(others): no samples for up to \(HumanNumber.duration(silences.longest)), much "
        + "longer than usual; nothing was learnt about that time",
      .metricGap
    )
  }

  /// Saves the state and ends ``run()``.
  package func stop() {
    guard !isStopping else { return }
    isStopping = true
    options.serviceManager.stopping()
    retryEvents()
    endCheckpoint()
    saveState()
    tellNotices()
    control?.close()
    removeTextfile(settings.agent.textfileMetrics)
    loop.exit(0)
  }
}
