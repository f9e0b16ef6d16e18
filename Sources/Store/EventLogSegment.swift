import Glibc
import Series

/// One file of an ``EventLog``.
final class EventLogSegment {
  /// Sequence number of its first entry.
  let first: UInt64
  /// Bytes up to the end of its last whole entry: where the next one goes.
  private(set) var end: Int
  /// Whether its entries can be read by this version.
  private(set) var isReadable = true

  private let file: FileDescriptor
  private let path: String
  /// The most numbers that were ever left out between two entries.
  private static let longestLeap: UInt64 = 1 << 32

  /// What reading a segment from end to end found.
  struct Scan: Equatable {
    /// Bytes that belong to no entry, with whole entries behind them.
    var damagedBytes = 0
    /// Bytes behind the last whole entry.
    var tornBytes = 0
    /// The header is not complete: nothing was ever written behind it.
    var isEmpty = false
    /// The format version, where it is not the one that this program knows.
    var otherVersion: UInt32?
  }

  /// Makes a segment that is not there yet, on the disk when this returns.
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

  /// Opens a segment that is there.
  init(opening first: UInt64, in directory: StateDirectory) throws(StoreError) {
    let name = EventLogFormat.name(ofSegmentFrom: first)
    self.first = first
    path = directory.path + "/" + name
    // Non-blocking, so that a pipe of that name is no reason to wait.
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

  /// Hands out every whole entry whose number is above `last`, and sets ``end`` behind the last one.
  ///
  /// What is no entry is stepped over byte by byte: a damaged entry costs no more than itself.
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
        // What a failed fsync left in doubt was written once more.
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

  /// The entry at `offset`; nil where there is none, or it is damaged.
  func entry(at offset: Int) -> EventLog.Entry? {
    guard isReadable, offset < end else { return nil }
    let wanted = min(
      end - offset, EventLogFormat.entryBytes + EventLogFormat.maximumPayloadBytes)
    // Most entries are short: a long one is read once more, whole.
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

  /// The first whole entry at or behind `offset`; nil where there is none.
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

  /// Writes entries behind the last one; they count once ``advance(by:)`` says so.
  func write(_ entries: [UInt8]) throws(StoreError) {
    try write(entries, at: end)
  }

  /// What was written is there to stay.
  func advance(by count: Int) { end += count }

  func sync() throws(StoreError) {
    guard fdatasync(file.raw) == 0 else {
      throw .system(operation: "fdatasync", path: path, errno: errno)
    }
  }

  /// Cuts off what stands behind the last whole entry.
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
    // A version that its checksum does not bear out is a damaged byte.
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
