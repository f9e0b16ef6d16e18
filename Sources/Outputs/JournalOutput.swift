import Detection
public import Events
public import Series

/// Writes incidents and their events to the systemd journal, as structured fields.
///
/// While journald cannot be reached, entries wait in memory: at most 1,000, then the oldest are
/// dropped.
public final class JournalOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// Its health.
  public var health: OutputHealth { record.health }

  private let send: (JournalRecord) throws(JournalError) -> Void
  private let maximumWaiting: Int
  private var waiting: [JournalRecord] = []
  private var record: OutputHealthLog

  /// An output to the journal of this host.
  /// - Parameters:
  ///   - maximumWaiting: entries that wait while journald is unavailable, >= 1.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  ///   - send: delivers one entry.
  public init(
    name: String,
    maximumWaiting: Int = 1000,
    clock: @escaping () -> Timestamp,
    send: @escaping (JournalRecord) throws(JournalError) -> Void = {
      (record) throws(JournalError) in try record.send()
    }
  ) {
    precondition(maximumWaiting >= 1, "the journal output needs room for one entry")
    self.name = name
    self.maximumWaiting = maximumWaiting
    record = OutputHealthLog(name: name, clock: clock)
    self.send = send
  }

  /// Sends the transition, after waiting ones.
  public func emit(_ transition: IncidentTransition) { emit(JournalRecord(transition)) }

  /// Sends the transition, after waiting ones.
  public func emit(_ transition: EventTransition) { emit(JournalRecord(transition)) }

  /// Sends a sign of life.
  public func beat(_ heartbeat: Heartbeat) {
    guard waiting.isEmpty else { return }
    do {
      try send(JournalRecord(heartbeat))
      record.recover()
    } catch {
      record.fail(error.description)
    }
  }

  private func emit(_ entry: JournalRecord) {
    waiting.append(entry)
    if waiting.count > maximumWaiting {
      waiting.removeFirst()
      record.drop(1, because: "more than \(maximumWaiting) events wait for journald")
    }
    flush()
  }

  /// The number of waiting entries.
  public var unsaved: Int { waiting.count }

  /// Sends waiting entries until one fails.
  public func flush() {
    guard !waiting.isEmpty else { return }
    var sent = 0
    do {
      for entry in waiting {
        try send(entry)
        sent += 1
      }
      record.recover()
    } catch {
      record.fail(error.description)
    }
    waiting.removeFirst(sent)
    record.health.delivered += sent
    record.health.waiting = waiting.count
  }

  /// Notices for the user.
  public func drainNotices() -> [Notice] { record.drainNotices() }
}

/// The fixed `MESSAGE_ID` of each kind of message sent to the journal.
///
/// Random 128-bit ids, generated once with `systemd-id128 new` and never changed: scripts filter by
/// them, and `systemd/anomalyd.catalog` explains them in `journalctl -x`.
public enum JournalMessageID: String, CaseIterable, Sendable {
  /// An incident has opened.
  case incidentOpened = "6dd6b884ec694492b1c2917eb9726dce"
  /// An incident has become worse.
  case incidentWorsened = "2e1c5858bafe45d58858f349417c70b9"
  /// An incident is over.
  case incidentClosed = "a2083776a3e641d095b3f1818c580656"
  /// An event of an incident has opened.
  case eventOpened = "5070c381f7e24db49a24704f067d85f6"
  /// An open event of an incident is reported again.
  case eventUpdated = "fd41f97369eb4b4389cf0c8cfdac6dff"
  /// An event of an incident has closed.
  case eventClosed = "0967e2d8343d49b88b06b9843d794b3b"
  /// The daemon is alive (`Heartbeat=`).
  case heartbeat = "f9768d54a61a4cc4b95823d801038e8b"
  /// An input could not parse something.
  case inputTrouble = "7b34532bd4a14855b8992eda5e31f57b"
  /// An output could not deliver.
  case outputTrouble = "53ce5a83932a4211aa29ae498cf5efe8"
  /// The table of metrics is full and a new metric was refused.
  case registryFull = "8ab56767da0a46618b4071d1500e955a"
  /// The configuration is invalid; the daemon did not start, or keeps the previous one.
  case configurationRefused = "c20dd2427e4e473a9252f6202f3ca294"
  /// The configuration was reloaded.
  case configurationReloaded = "a79d8a250b074db6a34f8b424d5bfd35"
  /// The saved state could not be read, in full or in part.
  case stateDamaged = "395550a44c394fffba953081fac344e2"
  /// The state could not be saved.
  case checkpointFailed = "81ec380e949946b7906a980c89201929"
  /// A silence was added or ended.
  case silenceChanged = "74463e9e0cd54461b2f5aa32c7a6ad24"
  /// Models were frozen, reset or replaced, or a snapshot of them was made or removed, by a user.
  case modelsChanged = "688d009acb4f4b80897da7f91d3106ab"
  /// A metric had a gap of several of its intervals.
  case metricGap = "6bc00b1b2feb4360bcd98a6ba07ddbe8"
  /// A problem keeps the daemon from working fully, of a kind without an id of its own.
  case problemBegan = "4d3b7f0e5c1a4f6e9a8d2b60c7e91f35"
  /// A problem of the daemon is over.
  case problemOver = "b1e86a2f94d04c7c8f53d70e6a2c4918"
}
