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
  ///   - maximumWaiting: entries that wait while journald is away, >= 1.
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

  /// Sends waiting entries, until one fails.
  public func flush() {
    guard !waiting.isEmpty else { return }
    var sent = 0
    do {
      for entry in waiting {
        try send(entry)
        sent += 1
      }
      record.recover("journald answers again, \(sent) events delivered")
    } catch {
      record.fail(error.description, then: "events wait and are sent later")
    }
    waiting.removeFirst(sent)
    record.health.delivered += sent
    record.health.waiting = waiting.count
  }

  /// Notices for the user.
  public func drainNotices() -> [Notice] { record.drainNotices() }
}
