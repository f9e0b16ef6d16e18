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

/// Keeps the silences, and stores those added by users.
final class SilenceKeeper {
  let book: SilenceBook

  private let monitor: HostMonitor
  private let options: Daemon.Options
  /// Where they are stored; nil: nowhere.
  private var store: StateDirectory?
  private var settings: Settings

  /// Which silences of earlier runs were lost.
  private(set) var problem: Problem?

  private static let silencesFile = "silences"
  /// 256 silences of maximum size take less.
  private static let maximumSilencesBytes = 4 << 20

  private var log: Log { options.log }

  /// Without the silences of earlier runs.
  init(_ book: SilenceBook, _ settings: Settings, of monitor: HostMonitor, options: Daemon.Options)
  {
    self.book = book
    self.settings = settings
    self.monitor = monitor
    self.options = options
  }

  /// Loads the silences added in earlier runs, and applies the configured ones.
  func open(in store: StateDirectory?) {
    self.store = store
    restore()
    configure(settings)
  }

  private func restore() {
    do throws(StoreError) {
      let stored = try store?.load(
        SilenceKeeper.silencesFile, maximumBytes: SilenceKeeper.maximumSilencesBytes)
      guard let stored else { return }
      do throws(ByteReaderError) {
        try book.restore(from: stored.bytes)
        if let fault = stored.fault {
          report("the last change of the added silences is lost: \(fault)")
        }
      } catch {
        logLost("\(store?.path ?? "")/\(SilenceKeeper.silencesFile): \(error)")
      }
    } catch {
      logLost(error.description)
    }
  }

  private func logLost(_ reason: String) {
    report("the added silences are unusable, and none is active: \(reason)")
  }

  private func report(_ text: String) {
    problem = Problem(
      .restore, "silences", text,
      remedy: "'anomalyctl silence' lists those that are active, and adds others")
    log.error(text, .stateDamaged)
  }

  /// Activates the configured ones.
  func configure(_ settings: Settings) {
    self.settings = settings
    settings.configure(book, local: SilenceKeeper.localTime)
    monitor.silencesChanged()
  }

  /// Present local time rules: the file may change while the daemon runs.
  static var localTime: TimeZoneRules {
    ZoneFiles.local(environment: { getenv($0).map { String(cString: $0) } })
  }

  // MARK: Calls

  func add(
    _ request: SilenceRequest,
    _ permit: ChangePermit
  ) throws(ControlError) -> Silence {
    let now = options.clock()
    let silence = try request.silence(of: permit.user, at: now)
    let before = (book.called, book.nextNumber)
    guard let added = book.add(silence, now: now) else {
      throw .silenceRefused(
        "there are \(SilenceBook.maximumCalled) silences that have not ended, the maximum "
          + "allowed; remove one")
    }
    try keep(orGoBackTo: before)
    log.notice(
      "user \(permit.user) silenced \(added.subject) from \(added.extent): \(added.effect)"
        + (added.reason.isEmpty ? "" : "; \(added.reason)") + " (silence \(added.id))",
      .silenceChanged
    )
    return added
  }

  func remove(_ id: String, _ permit: ChangePermit) throws(ControlError) -> Silence {
    let now = options.clock()
    let before = (book.called, book.nextNumber)
    guard let removed = book.remove(id, now: now) else {
      guard book.configured.contains(where: { $0.id == id }) else { throw .noSuchSilence(id) }
      let place = settings.origin(section: "Silence \(id)", key: "Schedule")
      throw .silenceRefused(
        "silence '\(id)' is configured" + (place.map { " in \($0)" } ?? "")
          + ": remove it there, then systemctl reload anomalyd")
    }
    try keep(orGoBackTo: before)
    log.notice(
      "user \(permit.user) ended silence \(removed.id) of \(removed.subject)", .silenceChanged)
    return removed
  }

  /// Writes them to disk before the caller gets a reply.
  private func keep(
    orGoBackTo before: (called: [Silence], nextNumber: Int)
  ) throws(ControlError) {
    do throws(FileError) {
      try store?.save(book.encode(), as: SilenceKeeper.silencesFile)
    } catch {
      book.restore(before.called, nextNumber: before.nextNumber)
      throw .silenceRefused("the silences cannot be saved, nothing has changed: \(error)")
    }
    monitor.silencesChanged()
  }

  /// Logs, once each time, that learning continues during a silence because there is no memory
  /// left.
  func logLearningSnapshots() {
    if let fault = monitor.learningSnapshots.fault {
      monitor.learningSnapshots.fault = nil
      log.warning("what was learnt during a silence could not be undone: \(fault)", .stateDamaged)
    }
  }
}
