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
  /// 256 silences of the largest kind take less.
  private static let maximumSilencesBytes = 4 << 20

  /// Takes up the silences that were called for in earlier runs.
  func openSilences() {
    do throws(StoreError) {
      let bytes = try store?.load(
        Daemon.silencesFile, maximumBytes: Daemon.maximumSilencesBytes)
      guard let bytes else { return }
      do throws(ByteReaderError) {
        try silences.restore(from: bytes)
      } catch {
        tellSilencesLost("\(stateDirectory)/\(Daemon.silencesFile): \(error)")
      }
    } catch {
      tellSilencesLost(error.description)
    }
  }

  private func tellSilencesLost(_ reason: String) {
    log.error(
      "the silences that were called for cannot be used, none of them holds: \(reason)",
      .stateDamaged
    )
  }

  /// Puts those of the configuration in force.
  func configureSilences(_ settings: Settings) {
    settings.configure(silences, local: Daemon.localTime)
    monitor.silencesChanged()
  }

  /// Local time, as it is now: the file may change while the daemon runs.
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
        "there are \(SilenceBook.maximumCalled) silences that are yet to end, as many as there can "
          + "be; remove one")
    }
    try keepSilences(orGoBackTo: before)
    log.notice(
      "user \(permit.user) silences \(added.subject) from \(added.extent): \(added.effect)"
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
      "user \(permit.user) ends silence \(removed.id) of \(removed.subject)", .silenceChanged)
    return removed
  }

  /// Writes them to the disk before the caller is told that they are in force.
  private func keepSilences(
    orGoBackTo before: (called: [Silence], nextNumber: Int)
  ) throws(ControlError) {
    do throws(FileError) {
      try store?.save(silences.encode(), as: Daemon.silencesFile)
    } catch {
      silences.restore(before.called, nextNumber: before.nextNumber)
      throw .silenceRefused("the silences cannot be saved, so nothing has changed: \(error)")
    }
    monitor.silencesChanged()
  }

  /// Says that learning goes on in a silence because there is no memory left, once each time.
  func tellKeptLearning() {
    if let fault = monitor.learningSnapshots.fault {
      monitor.learningSnapshots.fault = nil
      log.warning("what was learnt in a silence could not be undone: \(fault)", .stateDamaged)
    }
    let regardless = monitor.learningRegardless
    if regardless > 0, !toldLearningRegardless {
      log.warning(
        "\(regardless) metrics learn in a silence although it suppresses learning: what is kept of "
          + "the others takes all \(HumanNumber.bytes(monitor.limits.silenceBytes)) of "
          + "SilenceMemory="
      )
    }
    toldLearningRegardless = regardless > 0
  }
}
