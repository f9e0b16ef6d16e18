import Glibc
import Series

/// One file of an ``EventLog``.
final class EventLogSegment {
  /// Sequence number of its first entry.
  let first: UInt64
  /// Offset of the end of its last intact entry: where the next one goes.
  private(set) var end: Int
  /// Whether this version can read its entries.
  private(set) var isReadable = true

  private let file: FileDescriptor
  private let path: String
  /// The largest gap in numbers between two entries.
  private static let longestLeap: UInt64 = 1 << 32

  /// The result of reading a segment from end to end.
  struct Scan: Equatable {
    /// Bytes that belong to no entry, followed by intact entries.
    var damagedBytes = 0
    /// Bytes after the last intact entry.
    var tornBytes = 0
    /// The header is incomplete: nothing was ever written after it.
    var isEmpty = false
    /// The format version, if it is not the one this program supports.
    var otherVersion: UInt32?
  }

  /// Creates a segment, on disk when this returns.
  init(creating first: UInt64, in directory: StateDirectory) throws(StoreError) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    self.first = first
    path = directory.path + "/" + name
    file = try FileDescriptor(
      name, in: directory.directory.raw, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, path: path)
    let header = EventLogFormat.header(first: first)
    end = header.count
    do throws(StoreError) {
      try write(header, at: 0)
      try sync()
      guard fsync(directory.directory.raw) == 0 else {
        throw .system(operation: "fsync", path: directory.path, errno: errno)
      }
    } catch {
      unlinkat(directory.directory.raw, name, 0)
      throw error
    }
  }

  /// Opens an existing segment.
  init(opening first: UInt64, in directory: StateDirectory) throws(StoreError) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    self.first = first
    path = directory.path + "/" + name
    // Non-blocking, so that a pipe of that name does not block.
    file = try FileDescriptor(
      name, in: directory.directory.raw, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK, path: path)
    var status = stat()
    guard fstat(file.raw, &status) == 0 else {
      throw .system(operation: "fstat", path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(operation: "read", path: path, errno: EISDIR)
    }
    end = Int(status.st_size)
  }

  /// Passes on every intact entry whose number is above `last`, and sets ``end`` after the last
  /// one.
  ///
  /// Invalid data is skipped byte by byte: a damaged entry costs no more than itself.
  func scan(
    after last: inout UInt64, _ body: (EventLog.Entry) -> Void
  ) throws(StoreError) -> Scan {
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
        // Entries left in doubt by a failed fsync were written once more.
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
    // Most entries are short: a long one is read again in full.
    for limit in [4 << 10, wanted] {
      var bytes = [UInt8](repeating: 0, count: min(limit, wanted))
      let path = path
      let count = bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(StoreError) in try file.read(at: offset, into: buffer, path: path) }
      }
      guard case .success(bytes.count) = count else { return nil }
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

  /// The first intact entry at or after `offset`; nil if there is none.
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
  func write(_ entries: [UInt8]) throws(StoreError) {
    try write(entries, at: end)
  }

  /// Makes what was written durable.
  func advance(by count: Int) { end += count }

  func sync() throws(StoreError) {
    guard fdatasync(file.raw) == 0 else {
      throw .system(operation: "fdatasync", path: path, errno: errno)
    }
  }

  /// Cuts off what follows the last intact entry.
  func cutTail() throws(StoreError) {
    guard ftruncate(file.raw, end) == 0 else {
      throw .system(operation: "ftruncate", path: path, errno: errno)
    }
  }

  private static func otherVersion(in bytes: UnsafeRawBufferPointer) -> UInt32? {
    let magic = EventLogFormat.magic
    guard bytes.count >= EventLogFormat.headerBytes, bytes.prefix(magic.count).elementsEqual(magic)
    else { return nil }
    let version = UInt32(
      littleEndian: bytes.loadUnaligned(fromByteOffset: magic.count, as: UInt32.self))
    guard version != EventLogFormat.version else { return nil }
    // A version that does not match its checksum is a damaged byte.
    var checksum = CRC32C()
    checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<(EventLogFormat.headerBytes - 4)]))
    let stored = UInt32(
      littleEndian: bytes.loadUnaligned(
        fromByteOffset: EventLogFormat.headerBytes - 4, as: UInt32.self))
    return checksum.value == stored ? version : nil
  }

  private func readAll() throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: end)
    let path = path
    let count = try bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(StoreError) in try file.read(at: 0, into: buffer, path: path) }
    }.get()
    return count == bytes.count ? bytes : Array(bytes.prefix(count))
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
    let path = path
    try bytes.withUnsafeBytes { buffer in
      Result { () throws(StoreError) in try file.write(buffer, at: offset, path: path) }
    }.get()
  }
}
