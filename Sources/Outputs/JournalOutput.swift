public import Detection
public import Series

/// Writes events to the systemd journal, as structured fields.
///
/// While journald cannot be reached, entries wait in memory: at most 1,000, then the oldest go.
public final class JournalOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// How it is doing.
  public private(set) var health = OutputHealth()

  private let send: (JournalRecord) throws(JournalError) -> Void
  private let clock: () -> Timestamp
  private let maximumWaiting: Int
  private var waiting: [JournalRecord] = []
  private var notices: [Notice] = []

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
    self.clock = clock
    self.send = send
  }

  /// Sends the transition, after what still waits.
  public func emit(_ transition: EventTransition) {
    waiting.append(JournalRecord(transition))
    if waiting.count > maximumWaiting {
      waiting.removeFirst()
      health.dropped += 1
      if health.dropped == 1 {
        notices.append(
          Notice(
            .warning,
            "output \(name): more than \(maximumWaiting) events wait for journald; "
              + "dropping the oldest, the count is in the status"
          )
        )
      }
    }
    flush()
  }

  /// The entries that wait.
  public var unsaved: Int { waiting.count }

  /// Sends what waits, until an entry fails.
  public func flush() {
    guard !waiting.isEmpty else { return }
    let hadFailed = health.waiting > 0
    var sent = 0
    do {
      for record in waiting {
        try send(record)
        sent += 1
      }
      if hadFailed {
        notices.append(
          Notice(.info, "output \(name): journald answers again, \(sent) events delivered")
        )
      }
    } catch {
      health.failures += 1
      health.lastError = error.description
      health.lastErrorAt = clock()
      if !hadFailed {
        notices.append(
          Notice(.warning, "output \(name): \(error); events wait and are sent later")
        )
      }
    }
    waiting.removeFirst(sent)
    health.delivered += sent
    health.waiting = waiting.count
  }

  /// What a person should hear of.
  public func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }
}
