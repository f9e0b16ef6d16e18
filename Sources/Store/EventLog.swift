public import Series
public import System

/// An append-only log of numbered entries in the state directory, in segments of bounded size.
///
/// An entry gets its number immediately and waits in memory until ``commit(durably:)`` writes it.
/// While that fails (disk full, read-only), entries stay in a queue, bounded in number and bytes,
/// and are written later under the same numbers. Space is reserved ahead, so that entries can still
/// be written for some time after the disk has become full.
public final class EventLog {
  /// Bytes on disk above which the oldest segment should be removed, >= 64 KiB.
  public var maximumBytes: Int
  /// The number of the next entry.
  public private(set) var nextSequence: UInt64 = 1
  /// Why the latest attempt to write failed; nil if it did not.
  public private(set) var lastError: FileError?
  /// Entries dropped because too many were waiting.
  public private(set) var dropped = 0
  /// The numbers and positions of entries written since the last ``takeProgress()``.
  public private(set) var written: [(sequence: UInt64, place: Place)] = []
  /// The numbers of entries dropped since then.
  public private(set) var givenUp: [UInt64] = []

  private let directory: StateDirectory
  private var segments: [EventLogSegment] = []
  private var queue: EventLogQueue
  private var needsSync = false
  private var hasDoubtfulSegment = false
  private var notices: [Notice] = []

  /// The number of segments that the maximum size is divided into.
  private static let segmentCount = 8
  /// The smallest limit of a log.
  public static let leastBytes = 64 << 10

  /// Opens the log of a state directory and passes on its entries, oldest first.
  /// - Throws: ``FileError`` if the directory cannot be read. Damage is reported as a notice.
  public init(
    in directory: StateDirectory,
    maximumBytes: Int,
    limits: QueueLimits = QueueLimits(),
    each body: (Entry) -> Void
  ) throws(FileError) {
    self.directory = directory
    self.maximumBytes = max(maximumBytes, EventLog.leastBytes)
    queue = EventLogQueue(limits: limits)
    let firsts = try directory.directory.names().compactMap(EventLogFormat.first(ofSegment:))
      .sorted()
    var last: UInt64 = 0
    for first in firsts {
      // The name of an unreadable segment must not be reused.
      let isUsable = open(first, after: &last, body)
      nextSequence = max(nextSequence, isUsable ? first : first + 1)
    }
    nextSequence = max(nextSequence, last + 1)
    if let newest = segments.last, newest.isReadable { newest.reserve(reservedBytes) }
  }

  /// The notices since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }

  /// Entries waiting to be written.
  public var waiting: Int { queue.count }
  /// Bytes on the disk.
  public var bytes: Int { segments.reduce(0) { $0 + $1.end } }
  /// The position of the oldest entry, stored or not.
  public var start: Place {
    Place(segment: segments.first?.first ?? nextSequence, offset: EventLogFormat.headerBytes)
  }
  /// The position of the next entry, unless it begins a new segment.
  public var end: Place {
    guard let newest = segments.last else { return start }
    return Place(segment: newest.first, offset: newest.end)
  }

  /// A position before all entries with this number or a later one.
  func place(before sequence: UInt64) -> Place {
    guard let segment = segments.last(where: { $0.first <= sequence }) else { return start }
    return Place(segment: segment.first, offset: EventLogFormat.headerBytes)
  }

  /// Appends an entry, to be written by the next ``commit(durably:)``.
  /// - Parameter payload: at most 64 KiB.
  /// - Returns: its number.
  public func append(kind: UInt8, _ payload: [UInt8]) -> UInt64 {
    precondition(
      payload.count <= EventLogFormat.maximumPayloadBytes,
      "an entry is larger than its reader accepts")
    let sequence = nextSequence
    nextSequence += 1
    let bytes = EventLogFormat.entry(kind: kind, sequence: sequence, payload: payload)
    noteDropped(queue.append(.init(kind: kind, sequence: sequence, bytes: bytes)))
    return sequence
  }

  /// Ensures that the next entry gets a number above this one.
  func continueNumbers(after sequence: UInt64) {
    guard sequence < EventLogFormat.largestSequence - (1 << 32) else { return }
    nextSequence = max(nextSequence, sequence + 1)
  }

  /// The payload of a waiting entry; nil for any other.
  public func waiting(_ sequence: UInt64) -> [UInt8]? {
    guard let entry = queue.entry(from: sequence), entry.sequence == sequence else { return nil }
    return entry.payload
  }

  /// The first waiting entry with a number above `sequence`.
  func firstWaiting(
    after sequence: UInt64
  ) -> (sequence: UInt64, kind: UInt8, payload: [UInt8])? {
    queue.entry(from: sequence + 1).map { ($0.sequence, $0.kind, $0.payload) }
  }

  /// Writes the waiting entries.
  /// - Parameter durably: whether they must survive a power failure, not only the end of this
  ///   process.
  /// - Returns: whether none is left waiting.
  @discardableResult
  public func commit(durably: Bool) -> Bool {
    guard !queue.isEmpty || durably && needsSync else { return true }
    do throws(FileError) {
      try writeQueue(durably: durably)
      lastError = nil
      return true
    } catch {
      lastError = error
      return false
    }
  }

  /// The entries written and dropped since the last call.
  public func takeProgress() -> (written: [(sequence: UInt64, place: Place)], givenUp: [UInt64]) {
    defer { (written, givenUp) = ([], []) }
    return (written, givenUp)
  }

  /// The entry at a position; nil if it is damaged or gone.
  public func entry(at place: Place) -> Entry? {
    segment(place.segment)?.entry(at: place.offset)
  }

  /// The first entry at or after a position, skipping damaged or removed ones; nil at the end.
  public func nextEntry(from place: Place) -> Entry? {
    guard let begin = segments.firstIndex(where: { $0.first >= place.segment }) else { return nil }
    for segment in segments[begin...] where segment.isReadable {
      let offset = segment.first == place.segment ? place.offset : 0
      if let entry = segment.entry(from: max(offset, EventLogFormat.headerBytes)) { return entry }
    }
    return nil
  }

  /// The oldest segment if the log is too large and the segment can be removed.
  public var tooOld: UInt64? {
    segments.count > 1 && bytes > maximumBytes ? segments.first?.first : nil
  }

  /// Removes a segment and all its entries.
  public func remove(segment first: UInt64) {
    guard let index = segments.firstIndex(where: { $0.first == first }), index < segments.count - 1
    else { return }
    directory.directory.remove(EventLogFormat.name(ofSegmentFrom: first))
    segments.remove(at: index)
  }

  // MARK: Writing

  private func writeQueue(durably: Bool) throws(FileError) {
    try leaveDoubtfulSegment()
    var done = 0
    defer { queue.removeFirst(done) }
    while done < queue.count {
      let segment = try segmentToWrite(for: queue[done].sequence)
      // In pieces that fit into the segment and into a buffer of moderate size.
      var piece: [UInt8] = []
      var places: [(UInt64, Place)] = []
      while done + places.count < queue.count, piece.count < 256 << 10,
        places.isEmpty || segment.end + piece.count < segmentBytes
      {
        let entry = queue[done + places.count]
        places.append(
          (entry.sequence, Place(segment: segment.first, offset: segment.end + piece.count)))
        piece += entry.bytes
      }
      try segment.write(piece)
      needsSync = true
      if durably { try sync(segment) }
      segment.advance(by: piece.count)
      segment.reserve(reservedBytes)
      written += places
      done += places.count
    }
    if durably, needsSync, let newest = segments.last { try sync(newest) }
  }

  private func sync(_ segment: EventLogSegment) throws(FileError) {
    do throws(FileError) {
      try segment.sync()
      needsSync = false
    } catch {
      // After a failed fsync the kernel drops the pages: none of the data is known to be on disk.
      hasDoubtfulSegment = true
      throw error
    }
  }

  /// After a failed fsync, entries are written again, to another segment.
  private func leaveDoubtfulSegment() throws(FileError) {
    guard hasDoubtfulSegment, let first = queue.first?.sequence else { return }
    if let newest = segments.last, newest.first == first {
      directory.directory.remove(EventLogFormat.name(ofSegmentFrom: first))
      segments.removeLast()
    }
    segments.append(try EventLogSegment(creating: first, in: directory.directory))
    hasDoubtfulSegment = false
  }

  private var segmentBytes: Int { maximumBytes / EventLog.segmentCount }

  /// Minimum space reserved on disk beyond what is written.
  private var reservedBytes: Int { segmentBytes / 4 }

  private func segmentToWrite(for sequence: UInt64) throws(FileError) -> EventLogSegment {
    let newest = segments.last.flatMap { $0.isReadable ? $0 : nil }
    if let newest, newest.end < segmentBytes { return newest }
    if needsSync, let newest = segments.last { try sync(newest) }
    do throws(FileError) {
      let segment = try EventLogSegment(creating: sequence, in: directory.directory)
      newest?.release()
      segments.append(segment)
      return segment
    } catch {
      // A full disk has no room for another one, but this one may have reserved space left.
      guard let newest, newest.end < 2 * segmentBytes else { throw error }
      return newest
    }
  }

  /// Counts dropped entries; the first time, adds a notice.
  private func noteDropped(_ entries: [UInt64]) {
    guard !entries.isEmpty else { return }
    givenUp += entries
    defer { dropped += entries.count }
    guard dropped == 0 else { return }
    notices.append(
      Notice(
        .warning,
        "more than \(queue.limits.entries) entries or \(queue.limits.bytes) bytes of the event "
          + "history wait to be written; dropping the oldest, the count is in the status"))
  }

  // MARK: Opening

  /// - Returns: whether the segment is readable, or was empty and removed.
  private func open(
    _ first: UInt64, after last: inout UInt64, _ body: (Entry) -> Void
  ) -> Bool {
    do throws(FileError) {
      let segment = try EventLogSegment(opening: first, in: directory.directory)
      let scan = try segment.scan(after: &last, body)
      if scan.isEmpty {
        setAsideEmpty(first, bytes: segment.end)
        return true
      }
      segments.append(segment)
      notices += scan.notices(
        at: directory.path + "/" + EventLogFormat.name(ofSegmentFrom: first))
      if scan.tornBytes > 0 { try segment.cutTail() }
      return segment.isReadable
    } catch {
      notices.append(
        Notice(.warning, "a part of the event history cannot be used: \(error)"))
      return false
    }
  }

  /// A segment without a complete header: truncated by a crash during its creation, or damaged by
  /// others.
  private func setAsideEmpty(_ first: UInt64, bytes: Int) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    try? directory.directory.rename(name, to: name + ".damaged")
    notices.append(
      Notice(
        .warning,
        "\(directory.path)/\(name): expected the header of an event history, found \(bytes) bytes; "
          + "events recorded in it are lost, it is kept as \(name).damaged"))
  }

  private func segment(_ first: UInt64) -> EventLogSegment? {
    segments.first { $0.first == first }
  }
}
