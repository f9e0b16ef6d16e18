public import Detection
public import Events
public import Series
public import System

/// The stored history of events and incidents, which survives crashes: their steps, users'
/// feedback, and how far each output has been notified.
///
/// A step is on disk before any output is notified. After a crash, samples that are reread produce
/// the same steps with the same ids: ``take(_:at:silence:evidence:)`` recognises them, and no
/// output is notified twice.
public final class EventHistory {
  let log: EventLog
  private(set) var index: EventIndex
  private var unwritten: [UInt64: EventID] = [:]

  /// Opens the history in a state directory.
  /// - Parameter maximumBytes: above this size the oldest events are removed; at least 64 KiB.
  /// - Throws: ``FileError`` if the directory cannot be read. Damage is reported as a notice.
  public init(
    in directory: StateDirectory, maximumBytes: Int, limits: EventLog.QueueLimits = .init()
  ) throws(FileError) {
    var index = EventIndex()
    log = try EventLog(in: directory, maximumBytes: maximumBytes, limits: limits) {
      index.restore($0)
    }
    index.endRestore()
    self.index = index
  }

  // MARK: Steps

  /// Adds a step, to be written by the next ``commit()``.
  /// - Parameters:
  ///   - now: the daemon's clock.
  ///   - silence: the silence that mutes it; nil: none.
  ///   - evidence: how rare each kind of evidence was, if the step is an opening by evidence.
  /// - Returns: the recorded step; nil for a duplicate. Outputs are to be notified of a step whose
  ///   ``RecordedStep/silence`` is nil: always of the close if they were notified of the opening,
  ///   never otherwise.
  public func take(
    _ transition: EventTransition, at now: Timestamp, silence: String? = nil,
    evidence: EvidenceVector? = nil
  ) -> RecordedStep? {
    let id = transition.event.id
    let line = index.lines[id]
    if let line, line.knows(transition, isTold: silence == nil) { return nil }
    var step = RecordedStep(
      sequence: log.nextSequence, transition: transition, recorded: now, silence: silence,
      evidence: evidence ?? line?.evidence)
    switch (transition, line?.isTold) {
    case (.closed, true): step.silence = nil
    case (.closed, false), (.updated, false):
      step.silence = silence ?? "its opening was muted"
    default: break
    }
    step.isTold = step.silence == nil || line?.isTold ?? false
    _ = log.append(kind: EventEntryKind.step.rawValue, step.encode())
    unwritten[step.sequence] = id
    index.note(.event(step), at: nil)
    return step
  }

  /// Adds a step of an incident, to be written by the next ``commit()``.
  /// - Parameter now: the daemon's clock.
  /// - Returns: the recorded step; nil for a duplicate.
  public func take(_ transition: IncidentTransition, at now: Timestamp) -> RecordedIncident? {
    let id = transition.incident.id
    if let line = index.lines[id], line.knows(transition) { return nil }
    let step = RecordedIncident(
      sequence: log.nextSequence, transition: transition, recorded: now)
    _ = log.append(kind: EventEntryKind.incident.rawValue, step.encode())
    unwritten[step.sequence] = id
    index.note(.incident(step), at: nil)
    return step
  }

  /// Writes all waiting entries to disk.
  /// - Returns: whether they were written; if not, they wait for the next call.
  @discardableResult
  public func commit() -> Bool {
    let isDone = log.commit(durably: true)
    takeProgress()
    if isDone { trim() }
    return isDone
  }

  // MARK: Outputs

  /// The number of the last step that an output has delivered; nil if unknown.
  public func cursor(of output: String) -> UInt64? { index.cursors[output] }

  /// Stores how far outputs have delivered; unnamed outputs are forgotten.
  ///
  /// Written immediately, but not synced: after a power failure an output may be notified again of
  /// steps that it has delivered.
  public func setCursors(_ new: [String: UInt64]) {
    guard new != index.cursors else { return }
    index.cursors = new
    appendCursors()
    log.commit(durably: false)
    takeProgress()
  }

  private func appendCursors() {
    var writer = ByteWriter()
    writer.write(UInt16(clamping: index.cursors.count))
    for (name, sequence) in index.cursors.sorted(by: { $0.key < $1.key }).prefix(Int(UInt16.max)) {
      writer.write(name)
      writer.write(sequence)
    }
    index.cursorsEntry = EntryReference(sequence: log.nextSequence)
    _ = log.append(kind: EventEntryKind.cursors.rawValue, writer.bytes)
  }

  // MARK: Feedback

  /// Stores feedback about an event of this history.
  public func take(_ feedback: Feedback) {
    guard isOpen(feedback.event) != nil else { return }
    let sequence = log.append(kind: EventEntryKind.feedback.rawValue, feedback.encode())
    unwritten[sequence] = feedback.event
    index.lines[feedback.event]?.feedback = EntryReference(sequence: sequence)
    commit()
  }

  // MARK: Facts

  /// The notices since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] {
    var notices = log.drainNotices()
    if index.unreadable > 0 {
      notices.append(
        Notice(
          .warning,
          "\(index.unreadable) entries of the event history have a form unknown to this version; "
            + "ignoring them"))
      index.unreadable = 0
    }
    return notices
  }

  /// Bytes on disk.
  public var bytes: Int { log.bytes }
  /// Entries waiting to be written.
  public var waiting: Int { log.waiting }
  /// Entries dropped because too many were waiting.
  public var dropped: Int { log.dropped }
  /// Why the latest attempt to write failed; nil if it did not.
  public var lastError: FileError? { log.lastError }
  /// The number of the newest step.
  public var newestStep: UInt64 { index.newestStep }
  /// How many events it contains.
  public var count: Int { index.order.count - index.incidentCount }

  /// Reserves the numbers up to this one, since others have seen them.
  public func continueNumbers(after sequence: UInt64) { log.continueNumbers(after: sequence) }

  /// Changes the size limit.
  public func resize(to maximumBytes: Int) {
    log.maximumBytes = max(maximumBytes, EventLog.leastBytes)
  }

  // MARK: Keeping the index

  private func takeProgress() {
    let (written, givenUp) = log.takeProgress()
    for (sequence, place) in written {
      if index.cursorsEntry.sequence == sequence { index.cursorsEntry.place = place }
      guard let id = unwritten.removeValue(forKey: sequence) else { continue }
      if index.lines[id]?.newest.sequence == sequence { index.lines[id]?.newest.place = place }
      if index.lines[id]?.feedback?.sequence == sequence {
        index.lines[id]?.feedback?.place = place
      }
    }
    var gone: Set<EventID> = []
    for sequence in givenUp {
      guard let id = unwritten.removeValue(forKey: sequence) else { continue }
      if index.lines[id]?.feedback?.sequence == sequence { index.lines[id]?.feedback = nil }
      if index.lines[id]?.newest.sequence == sequence { gone.insert(id) }
    }
    index.forget(gone)
  }

  /// Removes the oldest segment if the log is too large. Entries that are still needed are first
  /// written again.
  private func trim() {
    guard let oldest = log.tooOld else { return }
    var gone: Set<EventID> = []
    for (id, line) in index.lines {
      if line.newest.place?.segment == oldest {
        guard line.isOpen, let payload = payload(line.newest) else {
          gone.insert(id)
          continue
        }
        let kind = line.isIncident ? EventEntryKind.carriedIncident : .carried
        let sequence = log.append(kind: kind.rawValue, payload)
        unwritten[sequence] = id
        index.lines[id]?.newest = EntryReference(sequence: sequence)
      }
      if let feedback = line.feedback, feedback.place?.segment == oldest,
        let payload = payload(feedback)
      {
        let sequence = log.append(kind: EventEntryKind.feedback.rawValue, payload)
        unwritten[sequence] = id
        index.lines[id]?.feedback = EntryReference(sequence: sequence)
      }
    }
    if index.cursorsEntry.place?.segment == oldest { appendCursors() }
    let isDone = log.commit(durably: true)
    takeProgress()
    guard isDone else { return }
    log.remove(segment: oldest)
    index.forget(gone)
  }

  /// The payload of an entry, stored or waiting; nil if it is damaged.
  func payload(_ reference: EntryReference) -> [UInt8]? {
    guard let place = reference.place else { return log.waiting(reference.sequence) }
    guard let entry = log.entry(at: place), entry.sequence == reference.sequence else { return nil }
    return entry.payload
  }
}
