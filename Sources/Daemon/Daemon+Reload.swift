import Config
import Inputs
import Monitor
import Outputs
import Series
import Store
import System

/// The results of reloads.
struct ReloadFacts: Equatable {
  /// Requested reloads.
  var attempts = 0
  /// Refused configurations.
  var refused = 0
  /// Time of the last one; nil before the first.
  var lastAt: ObservedMoment?
  /// Its errors, one per line; empty if it is in force.
  var lastErrors: [String] = []
  /// When the current configuration was read; nil: at startup.
  var loadedAt: ObservedMoment?
}

extension Daemon {
  /// Reads the configuration again and applies it; keeps the old one if it is invalid. File outputs
  /// are reopened either way, since log rotation uses the same signal.
  package func reload() {
    options.serviceManager.reloading()
    reloads.attempts += 1
    reloads.lastAt = ObservedMoment(options.clock())
    do throws(SettingsErrors) {
      let settings = try load()
      let refusals = settings.refusals
      if refusals.isEmpty { apply(settings) } else { refuse(refusals.map(\.description)) }
    } catch {
      refuse(error.lines)
    }
    for slot in outputs { slot.output.reopen() }
    logNotices()
    options.serviceManager.ready(status: statusLine)
  }

  private func refuse(_ errors: [String]) {
    reloads.refused += 1
    reloads.lastErrors = errors
    log.configurationRefused("invalid configuration, keeping the previous one:", errors: errors)
  }

  private func apply(_ new: Settings) {
    setTime()
    let old = settings
    logRestartRequirements(old, new)
    let refused = monitor.reconfigure(
      limits: new.limits,
      alarmsPerDay: new.alarmsPerDay,
      policy: new.policy
    )
    if let first = refused.first {
      log.warning(
        "\(first.metric)\(refused.count > 1 ? " and \(refused.count - 1) more" : "") cannot use "
          + "the new [Detector] settings and keep the old ones: \(first.reason)",
        .configurationReloaded
      )
    }
    do throws(DaemonError) {
      try replaceInputs(with: new, policyChanged: old.metrics != new.metrics)
    } catch {
      return refuse([error.description])
    }
    settings = new
    replaceOutputs(with: new.outputs)
    record?.resize(to: new.agent.eventRecordBytes)
    configureSilences(new)
    if old.agent.textfileMetrics != new.agent.textfileMetrics {
      removeTextfile(old.agent.textfileMetrics)
      textfile.next = .now
    }
    checkpoints.schedule = CheckpointSchedule(
      interval: new.agent.checkpointInterval,
      bytesPerHour: new.agent.checkpointBytesPerHour
    )
    planCheckpoint()
    reloads.loadedAt = reloads.lastAt
    reloads.lastErrors = []
    log.notice("configuration reloaded: " + summary, .configurationReloaded)
  }

  private func logRestartRequirements(_ old: Settings, _ new: Settings) {
    func report(_ key: String, _ changed: Bool) {
      if changed { log.warning("\(key)= has changed; this takes effect at the next start") }
    }
    report(
      "StateDirectory",
      options.stateDirectory == nil && old.agent.stateDirectory != new.agent.stateDirectory)
    report(
      "ControlSocket",
      options.controlSocket == nil && old.agent.controlSocket != new.agent.controlSocket)
  }

  /// An input whose section is unchanged is kept; a changed one resumes at the position of the old
  /// one with the same name.
  private func replaceInputs(with new: Settings, policyChanged: Bool) throws(DaemonError) {
    var next: [InputRunner] = []
    for section in new.inputs {
      let same = inputs.first { $0.settings.name == section.name }
      if let same, same.settings == section, !policyChanged, same.sink.conflict == nil {
        next.append(same)
        continue
      }
      let runner = try makeRunner(section)
      if let same, same.settings.typeName == section.typeName {
        let position = same.input.encodePosition()
        if !position.isEmpty { runner.input.restorePosition(position) }
      }
      next.append(runner)
    }
    for runner in inputs {
      let name = runner.settings.name
      if !next.contains(where: { $0.settings.name == name }) { monitor.endInput(name) }
    }
    for runner in next where !inputs.contains(where: { $0 === runner }) {
      monitor.beginInput(runner.settings.name, stallAfter: runner.section.stallLimit)
      // Only after the last fallible step: the old input cannot continue without it.
      if let same = inputs.first(where: { $0.settings.name == runner.settings.name }) {
        runner.input.takeOver(from: same.input)
      }
    }
    inputs = next
    // Fails only for a source that does not exist.
    try? beginning?.request()
  }

  private func replaceOutputs(with sections: [Settings.Component]) {
    commitEvents()
    var next: [OutputSlot] = []
    for section in sections {
      let same = outputs.first { $0.settings?.name == section.name }
      if let same, same.settings == section {
        next.append(same)
        continue
      }
      let slot = makeSlot(section)
      catchUp(slot, from: same.flatMap { $0.typeName == slot.typeName ? $0.delivered : nil })
      next.append(slot)
    }
    for slot in outputs where slot.output.health.waiting > 0 {
      guard let name = slot.settings?.name, !sections.contains(where: { $0.name == name }) else {
        continue
      }
      log.warning(
        "output \(name) was removed from the configuration with \(slot.output.health.waiting) events "
          + "undelivered; they are lost",
        .outputTrouble
      )
    }
    for slot in outputs {
      guard let name = slot.settings?.name, let waiting = slot.output.delivery?.waiting,
        waiting > 0, !sections.contains(where: { $0.name == name })
      else { continue }
      log.warning(
        "output \(name) was removed from the configuration with \(waiting) messages in "
          + "\(stateDirectory)/outbox/\(name); they are not delivered unless it returns",
        .outputTrouble
      )
    }
    outputs = next + outputs.filter { $0.settings == nil }
  }
}
