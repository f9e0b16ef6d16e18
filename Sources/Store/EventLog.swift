import Glibc
public import Series

/// An append-only log of numbered entries in the state directory, in segments of bounded size.
///
/// An entry gets its number at once and waits in memory until ``commit(durably:)`` writes it. While
/// that fails (disk full, read-only), entries go on to wait, bounded in number and bytes, and are
/// written later under the numbers they have.
public final class EventLog {
  /// Where an entry is stored.
  public struct Place: Equatable, Comparable, Sendable {
    /// The segment, by the number of its first entry.
    public var segment: UInt64
    /// Bytes from the beginning of the segment.
    public var offset: Int

    /// Whether `lhs` comes first.
    public static func < (lhs: Place, rhs: Place) -> Bool {
      (lhs.segment, lhs.offset) < (rhs.segment, rhs.offset)
    }
  }

  /// An entry as it was stored.
  public struct Entry: Equatable, Sendable {
    /// What it is; the log does not look into the payload.
    public var kind: UInt8
    /// Its number, rising from entry to entry.
    public var sequence: UInt64
    /// Its bytes.
    public var payload: [UInt8]
    /// Where it is.
    public var place: Place
    /// Where the next one is, or will be.
    public var next: Place
  }

  /// The most that waits while nothing can be written.
  public struct QueueLimits: Equatable, Sendable {
    /// Entries.
    public var entries = 10_000
    /// Bytes of all together.
    public var bytes = 8 << 20

    /// The usual limits.
    public init() {}
  }

  /// Bytes on the disk above which the oldest segment is to go, >= 64 KiB.
  public var maximumBytes: Int
  /// The number of the next entry.
  public private(set) var nextSequence: UInt64 = 1
  /// Why the newest attempt to write failed; nil if it did not.
  public private(set) var lastError: StoreError?
  /// Entries given up because too many waited.
  public private(set) var dropped = 0
  /// The numbers and places of entries that have been written since the last look.
  public private(set) var written: [(sequence: UInt64, place: Place)] = []
  /// The numbers of entries that were given up since the last look.
  public private(set) var givenUp: [UInt64] = []

  private let directory: StateDirectory
  private var segments: [EventLogSegment] = []
  private var queue: EventLogQueue
  private var needsSync = false
  private var hasDoubtfulSegment = false
  private var notices: [Notice] = []

  /// Segments into which the bytes are divided.
  private static let segmentCount = 8
  /// The least that a log may take.
  public static let leastBytes = 64 << 10

  /// Opens the log of a state directory and hands out what is in it, oldest first.
  /// - Throws: ``StoreError`` where the directory cannot be read. What is damaged is a notice.
  public init(
    in directory: StateDirectory,
    maximumBytes: Int,
    limits: QueueLimits = QueueLimits(),
    each body: (Entry) -> Void
  ) throws(StoreError) {
    self.directory = directory
    self.maximumBytes = max(maximumBytes, EventLog.leastBytes)
    queue = EventLogQueue(limits: limits)
    let firsts = try EventLog.segments(in: directory)
    var last: UInt64 = 0
    for first in firsts {
      // A segment that cannot be read keeps its name.
      let isUsable = open(first, after: &last, body)
      nextSequence = max(nextSequence, isUsable ? first : first + 1)
    }
    nextSequence = max(nextSequence, last + 1)
  }

  /// What a person should hear of since the last call, oldest first; empties the list.
  public func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }

  /// Entries that wait to be written.
  public var waiting: Int { queue.count }
  /// Bytes on the disk.
  public var bytes: Int { segments.reduce(0) { $0 + $1.end } }
  /// Where the oldest entry is, or will be.
  public var start: Place {
    Place(segment: segments.first?.first ?? nextSequence, offset: EventLogFormat.headerBytes)
  }
  /// Where the next entry that is written will be, unless a new segment begins with it.
  public var end: Place {
    guard let newest = segments.last else { return start }
    return Place(segment: newest.first, offset: newest.end)
  }

  /// A place before which no entry has that number or a later one.
  func place(before sequence: UInt64) -> Place {
    guard let segment = segments.last(where: { $0.first <= sequence }) else { return start }
    return Place(segment: segment.first, offset: EventLogFormat.headerBytes)
  }

  /// Puts an entry at the end, to be written by the next ``commit(durably:)``.
  /// - Parameter payload: at most 64 KiB.
  /// - Returns: its number.
  public func append(kind: UInt8, _ payload: [UInt8]) -> UInt64 {
    precondition(
      payload.count <= EventLogFormat.maximumPayloadBytes,
      "an entry is larger than its reader takes")
    let sequence = nextSequence
    nextSequence += 1
    let bytes = EventLogFormat.entry(kind: kind, sequence: sequence, payload: payload)
    tell(givenUp: queue.append(.init(kind: kind, sequence: sequence, bytes: bytes)))
    return sequence
  }

  /// The payload of an entry that waits; nil for any other.
  public func waiting(_ sequence: UInt64) -> [UInt8]? {
    guard let entry = queue.entry(from: sequence), entry.sequence == sequence else { return nil }
    return entry.payload
  }

  /// The first entry that waits and has a number above `sequence`.
  func firstWaiting(
    after sequence: UInt64
  ) -> (sequence: UInt64, kind: UInt8, payload: [UInt8])? {
    queue.entry(from: sequence + 1).map { ($0.sequence, $0.kind, $0.payload) }
  }

  /// Writes what waits.
  /// - Parameter durably: also against a power failure, not only against the end of this process.
  /// - Returns: whether nothing waits any more.
  @discardableResult
  public func commit(durably: Bool) -> Bool {
    guard !queue.isEmpty || durably && needsSync else { return true }
    let hadFailed = lastError != nil
    let count = queue.count
    do throws(StoreError) {
      try writeQueue(durably: durably)
      lastError = nil
      if hadFailed {
        notices.append(
          Notice(
            .info,
            "the record of events is written again; \(count) entries that waited are in it"))
      }
      return true
    } catch {
      lastError = error
      if !hadFailed {
        notices.append(
          Notice(
            .warning,
            "the record of events cannot be written: \(error); entries wait (at most "
              + "\(queue.limits.entries)) and are written later, outputs hear of events at once"))
      }
      return false
    }
  }

  /// What has been written and given up since the last call; forgets it.
  public func takeProgress() -> (written: [(sequence: UInt64, place: Place)], givenUp: [UInt64]) {
    defer { (written, givenUp) = ([], []) }
    return (written, givenUp)
  }

  /// The entry at a place; nil where it is damaged or gone.
  public func entry(at place: Place) -> Entry? {
    segment(place.segment)?.entry(at: place.offset)
  }

  /// The first entry at or behind a place, whatever is damaged or gone in between; nil at the end.
  public func nextEntry(from place: Place) -> Entry? {
    guard let begin = segments.firstIndex(where: { $0.first >= place.segment }) else { return nil }
    for segment in segments[begin...] where segment.isReadable {
      let offset = segment.first == place.segment ? place.offset : 0
      if let entry = segment.entry(from: max(offset, EventLogFormat.headerBytes)) { return entry }
    }
    return nil
  }

  /// The oldest segment, where the log has grown too large and that one can go.
  public var tooOld: UInt64? {
    segments.count > 1 && bytes > maximumBytes ? segments.first?.first : nil
  }

  /// Removes a segment with all that is in it.
  public func remove(segment first: UInt64) {
    guard let index = segments.firstIndex(where: { $0.first == first }), index < segments.count - 1
    else { return }
    unlinkat(directory.directory.raw, EventLogFormat.name(ofSegmentFrom: first), 0)
    segments.remove(at: index)
  }

  // MARK: Writing

  private func writeQueue(durably: Bool) throws(StoreError) {
    try leaveDoubtfulSegment()
    var done = 0
    defer { queue.removeFirst(done) }
    while done < queue.count {
      let segment = try segmentToWrite(for: queue[done].sequence)
      // A piece at a time: what fits into the segment and into a buffer of moderate size.
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
      written += places
      done += places.count
    }
    if durably, needsSync, let newest = segments.last { try sync(newest) }
  }

  private func sync(_ segment: EventLogSegment) throws(StoreError) {
    do throws(StoreError) {
      try segment.sync()
      needsSync = false
    } catch {
      // What the kernel could not write it has forgotten: none of it is known to be there.
      hasDoubtfulSegment = true
      throw error
    }
  }

  /// After a failed fsync, entries are written once more, to another segment.
  private func leaveDoubtfulSegment() throws(StoreError) {
    guard hasDoubtfulSegment, let first = queue.first?.sequence else { return }
    if let newest = segments.last, newest.first == first {
      unlinkat(directory.directory.raw, EventLogFormat.name(ofSegmentFrom: first), 0)
      segments.removeLast()
    }
    segments.append(try EventLogSegment(creating: first, in: directory))
    hasDoubtfulSegment = false
  }

  private var segmentBytes: Int { maximumBytes / EventLog.segmentCount }

  private func segmentToWrite(for sequence: UInt64) throws(StoreError) -> EventLogSegment {
    if let newest = segments.last, newest.isReadable, newest.end < segmentBytes { return newest }
    if needsSync, let newest = segments.last { try sync(newest) }
    let segment = try EventLogSegment(creating: sequence, in: directory)
    segments.append(segment)
    return segment
  }

  /// Counts entries that were given up, and says so the first time.
  private func tell(givenUp entries: [UInt64]) {
    guard !entries.isEmpty else { return }
    givenUp += entries
    defer { dropped += entries.count }
    guard dropped == 0 else { return }
    notices.append(
      Notice(
        .warning,
        "more than \(queue.limits.entries) entries or \(queue.limits.bytes) bytes wait for the "
          + "record of events; the oldest are given up, the count is in the status"))
  }

  // MARK: Opening

  /// - Returns: whether the segment can be read, or was empty and is gone.
  private func open(
    _ first: UInt64, after last: inout UInt64, _ body: (Entry) -> Void
  ) -> Bool {
    do throws(StoreError) {
      let segment = try EventLogSegment(opening: first, in: directory)
      let scan = try segment.scan(after: &last, body)
      if scan.isEmpty {
        unlinkat(directory.directory.raw, EventLogFormat.name(ofSegmentFrom: first), 0)
        return true
      }
      segments.append(segment)
      tell(scan, of: segment)
      if scan.tornBytes > 0 { try segment.cutTail() }
      return segment.isReadable
    } catch {
      notices.append(
        Notice(.warning, "a part of the record of events cannot be used: \(error)"))
      return false
    }
  }

  private func tell(_ scan: EventLogSegment.Scan, of segment: EventLogSegment) {
    let path = directory.path + "/" + EventLogFormat.name(ofSegmentFrom: segment.first)
    if let version = scan.otherVersion {
      notices.append(
        Notice(
          .warning,
          "\(path): expected a record of events of format version \(EventLogFormat.version), found "
            + "\(version); the record starts afresh, this part is left as it is"))
    }
    if scan.damagedBytes > 0 {
      notices.append(
        Notice(
          .warning,
          "\(path): found \(scan.damagedBytes) damaged bytes between entries; what was in them is "
            + "lost, the rest is used"))
    }
    if scan.tornBytes > 0 {
      notices.append(
        Notice(
          .info,
          "\(path): expected a whole entry at the end, found \(scan.tornBytes) bytes that are none, "
            + "as a crash leaves them; they are cut off"))
    }
  }

  private func segment(_ first: UInt64) -> EventLogSegment? {
    segments.first { $0.first == first }
  }

  private static func segments(in directory: StateDirectory) throws(StoreError) -> [UInt64] {
    // A descriptor of its own: closedir closes it.
    let descriptor = openat(directory.directory.raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, let stream = fdopendir(descriptor) else {
      throw .system(operation: "opendir", path: directory.path, errno: errno)
    }
    defer { closedir(stream) }
    var firsts: [UInt64] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let first = EventLogFormat.first(ofSegment: name) { firsts.append(first) }
    }
    return firsts.sorted()
  }
}
