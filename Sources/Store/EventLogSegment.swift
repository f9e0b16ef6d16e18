import Glibc
import Series
import System

/// One file of an ``EventLog``.
final class EventLogSegment {
  /// Sequence number of its first entry.
  let first: UInt64
  /// The end of its last complete entry, in bytes: where the next one is written.
  private(set) var end: Int
  /// Whether its entries can be read by this version.
  private(set) var isReadable = true

  private let file: Descriptor
  private let path: String
  /// The end of the space known to be reserved on disk.
  private var reservedEnd = 0
  /// Maximum difference between the sequence numbers of two neighbouring entries.
  private static let longestLeap: UInt64 = 1 << 32

  /// The result of reading a segment from end to end.
  struct Scan: Equatable {
    /// Bytes that belong to no entry and are followed by whole entries.
    var damagedBytes = 0
    /// Bytes after the last whole entry.
    var tornBytes = 0
    /// The header is incomplete: no entry was ever written.
    var isEmpty = false
    /// The format version, if it is not the one that this program reads.
    var otherVersion: UInt32?
  }

  /// Creates a segment; it is on disk when this returns.
  init(creating first: UInt64, in directory: borrowing Directory) throws(FileError) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    self.first = first
    path = directory.path(of: name)
    file = try directory.open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    let header = EventLogFormat.header(first: first)
    end = header.count
    do throws(FileError) {
      try write(header, at: 0)
      try sync()
      try directory.synchronize()
    } catch {
      directory.remove(name)
      throw error
    }
  }

  /// Opens an existing segment.
  init(opening first: UInt64, in directory: borrowing Directory) throws(FileError) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    self.first = first
    path = directory.path(of: name)
    file = try directory.open(name, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
    end = try file.regularSize(path)
  }

  /// Passes on every complete entry whose number is above `last`, and sets ``end`` to the end of
  /// the last one.
  ///
  /// Other bytes are skipped one by one, so that a damaged entry costs only itself.
  func scan(
    after last: inout UInt64, _ body: (EventLog.Entry) -> Void
  ) throws(FileError) -> Scan {
    var scan = Scan()
    let bytes = try readAll()
    bytes.withUnsafeBytes { bytes in
      if let version = EventLogSegment.otherVersion(in: bytes) {
        scan.otherVersion = version
        isReadable = false
        return
      }
      guard bytes.count >= EventLogFormat.headerBytes else { return scan.isEmpty = true }
      var offset = EventLogFormat.headerBytes
      var good = offset
      var skipped = 0
      while offset < bytes.count {
        let found = EventLogFormat.entry(
          in: bytes, at: offset, sequences: first...max(first, last + EventLogSegment.longestLeap))
        guard let (header, next) = found else {
          offset += 1
          skipped += 1
          continue
        }
        scan.damagedBytes += skipped
        skipped = 0
        // After a failed fsync, entries are written again: skip those that arrived the first time.
        if header.sequence > last {
          last = header.sequence
          body(
            EventLog.Entry(
              kind: header.kind,
              sequence: header.sequence,
              payload: Array(bytes[offset + EventLogFormat.entryBytes..<next]),
              place: EventLog.Place(segment: first, offset: offset),
              next: EventLog.Place(segment: first, offset: next)
            ))
        }
        offset = next
        good = next
      }
      scan.tornBytes = bytes.count - good
      end = good
    }
    return scan
  }

  /// The entry at `offset`; nil if there is none, or it is damaged.
  func entry(at offset: Int) -> EventLog.Entry? {
    guard isReadable, offset < end else { return nil }
    let wanted = min(
      end - offset, EventLogFormat.entryBytes + EventLogFormat.maximumPayloadBytes)
    // Most entries are short; a longer one is reread completely.
    for limit in [4 << 10, wanted] {
      let count = min(limit, wanted)
      guard let bytes = try? file.readAll(at: offset, count: count), bytes.count == count else {
        return nil
      }
      let found = bytes.withUnsafeBytes {
        EventLogFormat.entry(in: $0, at: 0, sequences: first ... .max)
      }
      if let (header, next) = found {
        return EventLog.Entry(
          kind: header.kind,
          sequence: header.sequence,
          payload: Array(bytes[EventLogFormat.entryBytes..<next]),
          place: EventLog.Place(segment: first, offset: offset),
          next: EventLog.Place(segment: first, offset: offset + next)
        )
      }
    }
    return nil
  }

  /// The first whole entry at or after `offset`; nil if there is none.
  func entry(from offset: Int) -> EventLog.Entry? {
    guard isReadable, offset < end else { return nil }
    if let entry = entry(at: offset) { return entry }
    guard let bytes = try? readAll() else { return nil }
    let found = bytes.withUnsafeBytes { bytes in
      (offset..<max(offset, bytes.count)).first {
        EventLogFormat.entry(in: bytes, at: $0, sequences: first ... .max) != nil
      }
    }
    return found.flatMap { entry(at: $0) }
  }

  /// Writes entries after the last one; they count once ``advance(by:)`` is called.
  func write(_ entries: [UInt8]) throws(FileError) {
    try write(entries, at: end)
  }

  /// Counts bytes that were written as entries.
  func advance(by count: Int) { end += count }

  /// Waits until the written data is on disk.
  func sync() throws(FileError) {
    try attempt("fdatasync", path, try file.synchronizeData())
  }

  /// Reserves space for further entries, so that they can be written even when the disk is full.
  /// - Parameter bytes: minimum number to reserve. Nothing is reserved if there is no room for
  ///   twice as many, or if the file system cannot reserve space.
  func reserve(_ bytes: Int) {
    guard reservedEnd - end < bytes, (try? file.reserve(2 * bytes, at: end)) != nil else { return }
    reservedEnd = end + 2 * bytes
  }

  /// Frees unused reserved space.
  func release() {
    guard reservedEnd > end, (try? file.truncate(to: end)) != nil else { return }
    reservedEnd = 0
  }

  /// Truncates the file after the last complete entry.
  func cutTail() throws(FileError) {
    try attempt("ftruncate", path, try file.truncate(to: end))
  }

  private static func otherVersion(in bytes: UnsafeRawBufferPointer) -> UInt32? {
    let magic = EventLogFormat.magic
    guard bytes.count >= EventLogFormat.headerBytes, bytes.prefix(magic.count).elementsEqual(magic)
    else { return nil }
    let version = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: magic.count, as: UInt32.self))
    guard version != EventLogFormat.version else { return nil }
    // With a wrong checksum, another version number is just a damaged byte.
    var checksum = CRC32C()
    checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<(EventLogFormat.headerBytes - 4)]))
    let stored = UInt32(
      littleEndian: bytes.loadUnaligned(
        fromByteOffset: EventLogFormat.headerBytes - 4, as: UInt32.self))
    return checksum.value == stored ? version : nil
  }

  private func readAll() throws(FileError) -> [UInt8] {
    try attempt("read", path, try file.readAll(at: 0, count: end))
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try attempt("write", path, try file.writeAll(bytes.span.bytes, at: offset))
  }
}

extension EventLogSegment.Scan {
  /// Notices for the user about a segment that was read.
  /// - Parameter path: of the segment.
  func notices(at path: String) -> [Notice] {
    var notices: [Notice] = []
    if let otherVersion {
      notices.append(
        Notice(
          .warning,
          "\(path): expected an event history of format version \(EventLogFormat.version), found "
            + "\(otherVersion); starting a new history, this part is left as it is"))
    }
    if damagedBytes > 0 {
      notices.append(
        Notice(
          .warning,
          "\(path): found \(damagedBytes) damaged bytes between entries; their content is lost, the "
            + "rest is used"))
    }
    if tornBytes > 0 {
      notices.append(
        Notice(
          .info,
          "\(path): expected a whole entry at the end, found \(tornBytes) bytes of an incomplete one, "
            + "as after a crash; truncated"))
    }
    return notices
  }
}
