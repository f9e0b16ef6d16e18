import Calendar
import CommandLine
import Config
import Control
import Detection
import Events
import Glibc
import Monitor
import Outputs
import Series
import Store
import System

/// Silences: where they are stored, and who adds them.
extension Daemon {
  private static let silencesFile = "silences"
  /// 256 silences of maximum size take less.
  private static let maximumSilencesBytes = 4 << 20

  /// Loads the silences added in earlier runs.
  func openSilences() {
    do throws(StoreError) {
      let bytes = try store?.load(
        Daemon.silencesFile, maximumBytes: Daemon.maximumSilencesBytes)
      guard let bytes else { return }
      do throws(ByteReaderError) {
        try silences.restore(from: bytes)
      } catch {
        logSilencesLost("\(stateDirectory)/\(Daemon.silencesFile): \(error)")
      }
    } catch {
      logSilencesLost(error.description)
    }
  }

  private func logSilencesLost(_ reason: String) {
    log.error(
      "the added silences are unusable, none of them is active: \(reason)",
      .stateDamaged
    )
  }

  /// Applies the configured ones.
  func configureSilences(_ settings: Settings) {
    settings.configure(silences, local: Daemon.localTime)
    monitor.silencesChanged()
  }

  /// Local time as of now: the file may change while the daemon runs.
  static var localTime: TimeZoneRules {
    ZoneFiles.local(environment: { getenv($0).map { String(cString: $0) } })
  }

  // MARK: Calls

  func addSilence(
    _ request: SilenceRequest,
    _ permit: ChangePermit
  ) throws(ControlError) -> Silence {
    let now = options.clock()
    let silence = try request.silence(of: permit.user, at: now)
    let before = (silences.called, silences.nextNumber)
    guard let added = silences.add(silence, now: now) else {
      throw .silenceRefused(
        "there are \(SilenceBook.maximumCalled) silences that have not ended, the maximum "
          + "allowed; remove one")
    }
    try keepSilences(orGoBackTo: before)
    log.notice(
      "user \(permit.user) silenced \(added.subject) from \(added.extent): \(added.effect)"
        + (added.reason.isEmpty ? "" : "; \(added.reason)") + " (silence \(added.id))",
      .silenceChanged
    )
    return added
  }

  func removeSilence(_ id: String, _ permit: ChangePermit) throws(ControlError) -> Silence {
    let now = options.clock()
    let before = (silences.called, silences.nextNumber)
    guard let removed = silences.remove(id, now: now) else {
      guard silences.configured.contains(where: { $0.id == id }) else { throw .noSuchSilence(id) }
      let place = settings.origin(section: "Silence \(id)", key: "Schedule")
      throw .silenceRefused(
        "silence '\(id)' is configured" + (place.map { " in \($0)" } ?? "")
          + ": remove it there, then systemctl reload anomalyd")
    }
    try keepSilences(orGoBackTo: before)
    log.notice(
      "user \(permit.user) ended silence \(removed.id) of \(removed.subject)", .silenceChanged)
    return removed
  }

  /// Writes them to disk before the caller gets a reply.
  private func keepSilences(
    orGoBackTo before: (called: [Silence], nextNumber: Int)
  ) throws(ControlError) {
    do throws(FileError) {
      try store?.save(silences.encode(), as: Daemon.silencesFile)
    } catch {
      silences.restore(before.called, nextNumber: before.nextNumber)
      throw .silenceRefused("the silences cannot be saved, nothing has changed: \(error)")
    }
    monitor.silencesChanged()
  }

  /// Logs, once each time, that learning continues in a silence because there is no memory left.
  func logLearningSnapshots() {
    if let fault = monitor.learningSnapshots.fault {
      monitor.learningSnapshots.fault = nil
      log.warning("what was learnt in a silence could not be undone: \(fault)", .stateDamaged)
    }
    let regardless = monitor.learningRegardless
    if regardless > 0, !toldLearningRegardless {
      log.warning(
        "\(regardless) metrics keep learning in a silence that suppresses learning: snapshots of "
          + "the others take all \(HumanNumber.bytes(monitor.limits.silenceBytes)) of "
          + "SilenceMemory="
      )
    }
    toldLearningRegardless = regardless > 0
  }
}
