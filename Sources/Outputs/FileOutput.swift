import Detection
public import Events
public import Series

/// Appends incidents and their events to a file, one JSON object per line.
///
/// While the file cannot be written (disk full, directory missing), lines wait in a bounded queue
/// and are written later in order; a partially written line is completed first, so that no reader
/// sees a torn line in the middle of the file. A line torn by a killed daemon is cut off when the
/// file is opened: the event history contains it, and it is rewritten.
public final class FileOutput: Output {
  /// The name of its configuration section.
  public let name: String
  /// The path of the file.
  public let path: String
  /// Maximum size, rotation and syncing.
  public let keeping: FileKeeping
  /// Its health.
  public var health: OutputHealth { record.health }

  private let elapsed: () -> Duration
  /// Since when data has been waiting to be synced; nil: none is.
  private var unsyncedSince: Duration?
  private var queue: OutputQueue
  /// Bytes of the oldest waiting line that are already in the file.
  private var written = 0
  /// Whether the oldest waiting line is a heartbeat, which does not count as delivered.
  private var beginsWithHeartbeat = false
  private var file: AppendFile?
  /// The last steps written by earlier runs.
  private var earlier = EarlierSteps()
  private var record: OutputHealthLog

  /// An output to the file at `path`; opened, and created if necessary, at the first event.
  /// - Parameters:
  ///   - maximumWaiting: lines that wait while the file cannot be written, >= 1.
  ///   - maximumWaitingBytes: their maximum total size in bytes.
  ///   - elapsed: time since an arbitrary start, for ``FileKeeping/Sync/interval``.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  public init(
    name: String,
    path: String,
    keeping: FileKeeping = FileKeeping(),
    maximumWaiting: Int = 10_000,
    maximumWaitingBytes: Int = 4 << 20,
    elapsed: @escaping () -> Duration = { FileOutput.sinceAnyMoment() },
    clock: @escaping () -> Timestamp
  ) {
    precondition(maximumWaiting >= 1, "a file output needs room for one line")
    self.name = name
    self.path = path
    self.keeping = keeping
    self.elapsed = elapsed
    record = OutputHealthLog(name: name, clock: clock)
    queue = OutputQueue(maximumEntries: maximumWaiting, maximumBytes: maximumWaitingBytes)
  }

  /// Writes the transition, after waiting ones.
  public func emit(_ transition: IncidentTransition) { emit(EventJSON(transition)) }

  /// Writes the transition, after waiting ones.
  public func emit(_ transition: EventTransition) { emit(EventJSON(transition)) }

  /// Writes a heartbeat.
  public func beat(_ heartbeat: Heartbeat) {
    guard queue.isEmpty else { return }
    beginsWithHeartbeat = true
    enqueue(Array((heartbeat.json + "\n").utf8))
    flush()
  }

  /// Skips steps that are already at the end of the file, for the rest of this run: reading may
  /// resume far behind what an earlier run had read.
  public func recognizeEarlierSteps() { earlier = EarlierSteps(at: path) }

  private func emit(_ json: EventJSON) {
    do throws(EventJSONError) {
      let line = try json.line()
      // A step that is already there takes its turn as an empty line, behind those that wait.
      enqueue(earlier.remove(line) ? [] : Array((line + "\n").utf8))
    } catch {
      record.health.dropped += 1
      record.fail(error.description)
    }
    flush()
  }

  /// Writes waiting lines until the file accepts no more.
  public func flush() {
    guard !queue.isEmpty || health.isFailing else { return syncIfDue() }
    letGoIfRotated()
    do throws(AppendFileError) {
      if queue.isEmpty { try openIfNeeded() }
      while let line = queue.first {
        try openIfNeeded()
        if written == 0 { try putAwayIfFull(before: line.count) }
        if written < line.count { written += try file?.append(line[written...]) ?? 0 }
        guard written == line.count else { continue }
        // A line that cannot be synced stays the first one: it is not written again, but does not
        // count as delivered yet.
        if keeping.sync == .always { try file?.sync() }
        if keeping.sync == .interval, unsyncedSince == nil { unsyncedSince = elapsed() }
        endLine()
      }
      syncIfDue()
      record.recover()
    } catch {
      fail(error)
    }
    record.health.waiting = unsaved
  }

  /// Reopens the file if its name now refers to another one, so that a rotated one can be moved
  /// away.
  public func reopen() {
    flush()
    sync()
    letGoIfRotated()
    do throws(AppendFileError) {
      try openIfNeeded()
    } catch {
      fail(error)
    }
  }

  /// The number of waiting lines.
  public var unsaved: Int { queue.count - (beginsWithHeartbeat ? 1 : 0) }

  /// Notices for the user.
  public func drainNotices() -> [Notice] { record.drainNotices() }

  private func openIfNeeded() throws(AppendFileError) {
    guard file == nil else { return }
    var opened = try AppendFile(path: path)
    // An incomplete line left by a crash or another program must not swallow our first line.
    let rest = opened.unfinishedLine(limit: FileOutput.longestLine)
    if let rest, !rest.isEmpty, TornLine.isTorn(rest), opened.cut(rest.count) {
      record.notify(.info, "cut \(rest.count) bytes of a torn line off \(path)")
    } else if rest.map({ !$0.isEmpty }) ?? true {
      _ = try opened.append([10])
    }
    file = consume opened
  }

  /// A line that is partially in a rotated file is removed there and written to the new one.
  private func letGoIfRotated() {
    guard let isNamed = file?.isNamed(path), !isNamed else { return }
    sync()
    if written > 0, let line = queue.first {
      let rest = file?.unfinishedLine(limit: FileOutput.longestLine)
      if written == line.count {
        endLine()
      } else if let rest, rest.elementsEqual(line[..<written]) {
        _ = file?.cut(written)
      }
    }
    file = nil
    written = 0
  }

  private func endLine() {
    queue.removeFirst()
    written = 0
    if !beginsWithHeartbeat { record.health.delivered += 1 }
    beginsWithHeartbeat = false
  }

  /// Rotates the file if a line would make it too large; a single line may exceed the limit.
  private func putAwayIfFull(before count: Int) throws(AppendFileError) {
    guard let limit = keeping.maximumBytes, let size = file?.size, size > 0, size + count > limit
    else { return }
    sync()
    try keeping.putAway(path)
    file = nil
    try openIfNeeded()
  }

  private func syncIfDue() {
    guard let since = unsyncedSince, elapsed() - since >= FileKeeping.syncInterval else { return }
    sync()
  }

  private func sync() {
    guard unsyncedSince != nil else { return }
    unsyncedSince = nil
    do throws(AppendFileError) {
      try file?.sync()
    } catch {
      fail(error)
    }
  }

  /// Longer than any line that is written: a longer incomplete line is not ours.
  private static let longestLine = 1 << 20
  private static let anyMoment = ContinuousClock.now
  /// Time since an arbitrary start, the same in each call.
  public static func sinceAnyMoment() -> Duration { ContinuousClock.now - anyMoment }

  private func enqueue(_ line: [UInt8]) {
    var dropped = queue.append(line, keepingFirst: written > 0)
    if dropped > 0, beginsWithHeartbeat, written == 0 {
      // It is the oldest, and its loss does not matter.
      beginsWithHeartbeat = false
      dropped -= 1
    }
    record.drop(
      dropped,
      because: "the queue of \(queue.maximumEntries) lines or \(queue.maximumBytes) bytes for "
        + "\(path) is full")
  }

  private func fail(_ error: AppendFileError) {
    record.fail("\(path) cannot be \(error.operation.rawValue): \(error.errno)")
  }
}
