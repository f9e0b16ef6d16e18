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
  /// Its errors, one per line; empty if it was applied.
  var lastErrors: [String] = []
  /// When the current configuration was read; nil: at startup.
  var loadedAt: ObservedMoment?
}

extension Daemon {
  /// Rereads the configuration and applies it; keeps the old one if it is invalid. File outputs are
  /// reopened either way, since log rotation uses the same signal.
  package func reload() {
    options.serviceManager.reloading()
    reloads.attempts += 1
    reloads.lastAt = ObservedMoment(options.clock())
    do throws(SettingsErrors) {
      let settings = try load()
      let refusals = settings.refusals
      guard refusals.isEmpty else { return refuse(refusals.map(\.description)) }
      do throws(SettingsRefusal) {
        apply(settings, models: try settings.attachments(), priors: try settings.priorBook())
      } catch {
        refuse([error.description])
      }
    } catch {
      refuse(error.lines)
    }
    for slot in events.outputs { slot.output.reopen() }
    logNotices()
    options.serviceManager.ready(status: statusLine)
  }

  private func refuse(_ errors: [String]) {
    reloads.refused += 1
    reloads.lastErrors = errors
    log.configurationRefused("invalid configuration, keeping the previous one:", errors: errors)
  }

  private func apply(
    _ new: Settings, models attachments: [ModelAttachment], priors: PriorBook
  ) {
    options.setTime(of: monitor)
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
    LearntModels(monitor).begin(with: new.priors(in: priors))
    for name in monitor.attach(attachments) {
      log.notice(
        "[Model \(name)] has a different file or columns: it starts from scratch",
        .configurationReloaded)
    }
    do throws(DaemonError) {
      try inputs.configure(new, policyChanged: old.metrics != new.metrics)
    } catch {
      return refuse([error.description])
    }
    if old.inputs != new.inputs {
      monitor.attributing = nil
      surveyor = UnitSurveyor(new, of: monitor, on: loop, options: options)
    }
    settings = new
    commitEvents()
    events.configure(new)
    silences.configure(new)
    textfile.configure(new.agent)
    checkpoints.configure(new.agent)
    models.configure(new.agent)
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
}
