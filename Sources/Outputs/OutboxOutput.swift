import Detection
public import Events
public import Outbox
public import Series
public import System

/// Writes incidents and their events into an outbox, from which another program delivers them.
///
/// Messages that cannot be written now (disk full, directory read-only) wait in memory, bounded,
/// and are written later in order. The outbox is bounded in bytes and in age: the oldest messages
/// are dropped first, and counted.
public final class OutboxOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// Its health: of writing to the outbox, not of delivery from it.
  public var health: OutputHealth { record.health }

  private let takesEvents: Bool
  private let folder: OutboxFolder
  private let bell: OutboxBell
  private let clock: () -> Timestamp
  private let steadyClock: () -> MonotonicTime
  private var queue: OutputQueue
  private var room: OutboxQuota
  private var filter: OutboxFilter
  private var remembered: [OutboxFilter.Known]
  private var isOpen = false
  private var needsRing = false
  private var record: OutputHealthLog

  /// An output to the outbox `name` below `root`; created, if necessary, at the first flush.
  /// - Parameters:
  ///   - takesEvents: whether anything except heartbeats and tests is sent.
  ///   - minimumSeverity: less severe incidents and events are not sent.
  ///   - maximumBytes: of all messages waiting in the outbox.
  ///   - maximumAge: how long one waits there before it is dropped.
  ///   - maximumWaiting: messages that wait in memory while the outbox cannot be written, >= 1.
  ///   - maximumWaitingBytes: their maximum total size in bytes.
  ///   - clock: the time of day.
  ///   - steadyClock: the clock that never steps.
  public init(
    name: String,
    root: String,
    takesEvents: Bool = true,
    minimumSeverity: Severity = .info,
    maximumBytes: Int = 16 << 20,
    maximumAge: Duration = .seconds(86_400),
    maximumWaiting: Int = 10_000,
    maximumWaitingBytes: Int = 4 << 20,
    clock: @escaping () -> Timestamp,
    steadyClock: @escaping () -> MonotonicTime = { .now }
  ) {
    precondition(maximumWaiting >= 1, "an outbox output needs room for one message")
    self.name = name
    self.takesEvents = takesEvents
    self.clock = clock
    self.steadyClock = steadyClock
    record = OutputHealthLog(name: name, clock: clock)
    folder = OutboxFolder(root: root, name: name)
    bell = OutboxBell(root: root)
    filter = OutboxFilter(minimum: minimumSeverity, memory: folder.memory())
    remembered = filter.known
    room = OutboxQuota(maximumBytes: maximumBytes, maximumAge: maximumAge)
    queue = OutputQueue(maximumEntries: maximumWaiting, maximumBytes: maximumWaitingBytes)
  }

  /// The delivery state of the outbox, and the number of messages waiting in it.
  public var delivery: OutboxDelivery? {
    OutboxDelivery(of: folder)
  }

  /// `MinimumSeverity=`; nil for an output that only sends heartbeats.
  public var minimumSeverity: Severity? { takesEvents ? filter.minimum : nil }

  /// Puts the transition into the outbox, after waiting ones.
  public func emit(_ transition: IncidentTransition) {
    emit(
      filter.message(transition.outboxEntry, severity: transition.incident.severity),
      EventJSON(transition))
  }

  /// Puts the transition into the outbox, after waiting ones.
  public func emit(_ transition: EventTransition) {
    emit(
      filter.message(transition.outboxEntry, severity: transition.event.severity),
      EventJSON(transition))
  }

  /// Puts a heartbeat into the outbox, replacing one that is still there.
  public func beat(_ heartbeat: Heartbeat) {
    guard queue.isEmpty else { return }
    do throws(FileError) {
      try open()
      for old in try folder.entries(.new) where old.isHeartbeat { try folder.remove(old) }
      try folder.write(
        heartbeat.outboxEntry, Array((heartbeat.json + "\n").utf8), at: steadyClock())
      try bell.ring()
      record.recover()
    } catch {
      // The directory may have been removed.
      isOpen = false
      record.fail(error.description)
    }
  }

  private func emit(_ entry: OutboxEntry?, _ json: EventJSON) {
    guard let entry, takesEvents || entry.isTest else { return }
    do throws(EventJSONError) {
      let line = try json.line()
      enqueue(Array((entry.fileName + "\n" + line + "\n").utf8))
    } catch {
      record.health.dropped += 1
      record.fail(error.description)
    }
    flush()
  }

  /// Writes waiting messages until the outbox accepts no more, and rings for delivery.
  public func flush() {
    do throws(FileError) {
      try open()
      while let message = queue.first {
        try write(message)
        queue.removeFirst()
        record.health.delivered += 1
        needsRing = true
      }
      record.recover()
      if filter.known != remembered {
        try folder.remember(filter.memory)
        remembered = filter.known
      }
      notify(try room.giveUpOld(in: folder, now: clock(), steadyClock()))
      if needsRing {
        try bell.ring()
        needsRing = false
      }
    } catch {
      record.fail(error.description)
    }
    record.health.waiting = queue.count
  }

  /// Rings for the delivery program, which rereads the configuration.
  public func reopen() {
    needsRing = true
    flush()
  }

  /// The number of messages waiting in memory.
  public var unsaved: Int { queue.count }

  /// Notices for the user.
  public func drainNotices() -> [Notice] { record.drainNotices() }

  /// Creates the directory; also rings for messages left by an earlier run.
  private func open() throws(FileError) {
    guard !isOpen else { return }
    try folder.make()
    if folder.count(.new) + folder.count(.firing) > 0 { needsRing = true }
    isOpen = true
  }

  private func write(_ message: [UInt8]) throws(FileError) {
    let lines = message.split(separator: 10, maxSplits: 1)
    guard lines.count == 2,
      let entry = OutboxEntry(fileName: String(decoding: lines[0], as: UTF8.self))
    else {
      record.health.dropped += 1
      return
    }
    do throws(FileError) {
      try folder.write(entry, Array(lines[1]), at: steadyClock())
    } catch {
      // The directory may have been removed.
      isOpen = false
      throw error
    }
    notify(try room.makeRoom(for: lines[1].count, in: folder))
  }

  private func enqueue(_ message: [UInt8]) {
    let dropped = queue.append(message, keepingFirst: false)
    record.drop(
      dropped,
      because: "\(queue.maximumEntries) messages or \(queue.maximumBytes) bytes wait because "
        + "\(folder.path) cannot be written")
  }

  /// Counts what the outbox dropped, and reports the first.
  private func notify(_ givenUp: OutboxQuota.GivenUp) {
    record.drop(
      givenUp.count,
      because: "\(givenUp.reason) for messages in \(folder.path) is reached")
  }
}

extension IncidentTransition {
  /// The name of the message about this step.
  var outboxEntry: OutboxEntry {
    let step: OutboxEntry.Step =
      switch self {
      case .opened: .opened
      case .worsened: .worsened
      case .closed: .closed
      }
    let id = incident.id.description
    return OutboxEntry(
      at: moment, subject: OutboxEntry.incidentSubject(id), event: id, step: step)
  }
}

extension EventTransition {
  /// The name of the message about this step.
  public var outboxEntry: OutboxEntry {
    let step: OutboxEntry.Step =
      switch self {
      case .opened: .opened
      case .updated: .updated
      case .closed: .closed
      }
    return OutboxEntry(
      at: moment, subject: event.metric.text, event: event.id.description, step: step)
  }
}
