import Glibc
public import Series
import System

/// The result of a restore.
public struct RestoreReport: Equatable, Sendable {
  /// Maximum number of lost records listed by name.
  public static let maximumNamed = 100

  /// The time of the checkpoint.
  public var made: Timestamp
  /// Records that were restored, including those from the previous checkpoint.
  public var records = 0
  /// Records that were damaged, or are of a kind unknown to this version, and are not in the previous
  /// checkpoint either.
  public var lost = 0
  /// The first ``maximumNamed`` of them by name.
  public var lostNames: [String] = []
  /// Records that come from the previous checkpoint because they are unusable in the newest.
  public var recovered = 0
  /// The first of them.
  public var firstRecovered: String?
  /// Why the previous checkpoint was used instead of the newest; nil if the newest was used.
  public var newestUnusable: CheckpointFault?
}

/// Reads one checkpoint, in a fixed amount of memory plus that of the current record.
final class CheckpointReader {
  private let file: Descriptor
  private let path: String
  private let size: Int
  private var offset = 0
  private var checksum = CRC32C()
  private var count: UInt64 = 0
  /// The time of the checkpoint.
  private(set) var made = Timestamp(nanoseconds: 0)

  /// Opens a checkpoint and checks its structure from end to end.
  /// - Throws: ``StoreError/damaged(path:_:)`` if the structure is damaged; a damaged payload is
  ///   found later.
  convenience init(directory: StateDirectory, name: String) throws(StoreError) {
    try self.init(unverified: name, in: directory)
    while try skip() {}
  }

  /// Opens a checkpoint and reads only its header; ``skip()`` verifies the rest.
  init(unverified name: String, in directory: StateDirectory) throws(StoreError) {
    let path = directory.directory.path(of: name)
    let file = try stored(
      try directory.directory.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
    size = try stored(try file.regularSize(path))
    self.path = path
    self.file = file
    try readHeader()
  }

  /// The time of a checkpoint; nil if there is none.
  static func time(of name: String, in directory: StateDirectory) -> Timestamp? {
    (try? CheckpointReader(unverified: name, in: directory))?.made
  }

  /// Skips one record, verifying the structure.
  /// - Returns: whether there was one; false at the regular end.
  func skip() throws(StoreError) -> Bool {
    guard let entry = try nextHeader() else { return false }
    offset += entry.payloadBytes
    return true
  }

  /// Starts again after the header.
  func rewind() throws(StoreError) {
    (offset, checksum, count) = (0, CRC32C(), 0)
    try readHeader()
  }

  /// Reads one record, see ``SnapshotReader/next(where:)``.
  func next(where isWanted: (String) -> Bool) throws(StoreError) -> SnapshotReader.Step {
    guard let entry = try nextHeader() else { return .end }
    defer { offset += entry.payloadBytes }
    guard entry.kind == RecordKind.metric.rawValue, isWanted(entry.name) else { return .other }
    return .metric(entry.name, entry.version == 0 ? readPayload(entry) : nil)
  }

  /// A record that cannot be used.
  struct Unusable: Hashable {
    var kind: UInt8
    var name: String
    /// Whether it is damaged; false: its consumer refused it.
    var isDamaged: Bool
  }

  /// Passes each undamaged record to `body`.
  /// - Parameters:
  ///   - wanted: only these; nil: all.
  ///   - body: returns whether it can use the record.
  /// - Returns: how many were used, and the others.
  func read(
    only wanted: [Unusable]? = nil, _ body: (CheckpointRecord) -> Bool
  ) throws(StoreError) -> (used: Int, unusable: [Unusable]) {
    let wanted = wanted.map { records in
      Set(records.map { Unusable(kind: $0.kind, name: $0.name, isDamaged: true) })
    }
    var used = 0
    var unusable: [Unusable] = []
    try rewind()
    while let entry = try nextHeader() {
      let start = offset
      offset += entry.payloadBytes
      let key = Unusable(kind: entry.kind, name: entry.name, isDamaged: true)
      if let wanted, !wanted.contains(key) { continue }
      offset = start
      let payload = readPayload(entry)
      offset += entry.payloadBytes
      guard let payload, let kind = RecordKind(rawValue: entry.kind) else {
        unusable.append(key)
        continue
      }
      let record = CheckpointRecord(
        kind: kind, version: entry.version, name: entry.name, payload: payload)
      if body(record) {
        used += 1
      } else {
        unusable.append(Unusable(kind: entry.kind, name: entry.name, isDamaged: false))
      }
    }
    return (used, unusable)
  }

  /// The format version of a checkpoint if this program cannot read it; nil if it can, or if there
  /// is none.
  static func otherVersion(of name: String, in directory: StateDirectory) -> UInt32? {
    let magic = CheckpointFormat.magic
    guard
      let file = try? directory.directory.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
      let bytes = try? file.readAll(at: 0, count: magic.count + 8), bytes.count == magic.count + 8,
      bytes.starts(with: magic)
    else { return nil }
    let version: UInt32 = number(in: bytes, at: magic.count)
    let least: UInt32 = number(in: bytes, at: magic.count + 4)
    return CheckpointFormat.canRead(version: version, least: least) ? nil : version
  }

  /// The header of a payload.
  private struct Entry {
    var kind: UInt8
    var version: UInt8
    var name: String
    var payloadBytes: Int
    var payloadChecksum: UInt32
  }

  private func readHeader() throws(StoreError) {
    let magic = CheckpointFormat.magic
    let found = try peek(min(magic.count, size), .header)
    guard found == Array(magic.prefix(found.count)) else {
      throw .damaged(path: path, .notACheckpoint(found: found))
    }
    let bytes = try peek(CheckpointFormat.headerBytes, .header)
    // Before the checksum: another version may have another layout.
    let version: UInt32 = number(in: bytes, at: magic.count)
    let least: UInt32 = number(in: bytes, at: magic.count + 4)
    guard CheckpointFormat.canRead(version: version, least: least) else {
      throw .damaged(
        path: path,
        .unsupportedVersion(found: version, supported: CheckpointFormat.version))
    }
    made = Timestamp(nanoseconds: number(in: bytes, at: 16))
    try verify(bytes, .header)
    consume(bytes)
  }

  /// Reads up to the next payload; nil at the regular end.
  private func nextHeader() throws(StoreError) -> Entry? {
    try require(CheckpointFormat.recordBytes, .recordHeader)
    // Enough for most names, so that one call suffices.
    let start = try read(min(CheckpointFormat.recordBytes + 116, size - offset), .recordHeader)
    if start[0] == CheckpointFormat.endKind {
      try readEnd()
      return nil
    }
    let nameEnd = CheckpointFormat.recordBytes + Int(number(in: start, at: 2) as UInt16)
    let payloadBytes = Int(number(in: start, at: CheckpointFormat.lengthOffset) as UInt32)
    let headerBytes = nameEnd + CheckpointFormat.checksumBytes
    let header =
      headerBytes <= start.count
      ? Array(start[..<headerBytes]) : try peek(headerBytes, .recordHeader)
    try verify(header, .recordHeader)
    let name = header[CheckpointFormat.recordBytes..<nameEnd]
    guard let name = String(validating: name, as: UTF8.self) else {
      throw .damaged(
        path: path, .invalidName(offset: offset + CheckpointFormat.recordBytes))
    }
    guard payloadBytes <= CheckpointFormat.maximumPayloadBytes else {
      throw .damaged(
        path: path,
        .recordTooLarge(
          offset: offset, bytes: payloadBytes,
          maximumBytes: CheckpointFormat.maximumPayloadBytes))
    }
    consume(header)
    try require(payloadBytes, .payload)
    count += 1
    return Entry(
      kind: header[0], version: header[1], name: name, payloadBytes: payloadBytes,
      payloadChecksum: number(in: header, at: CheckpointFormat.payloadChecksumOffset))
  }

  private func readEnd() throws(StoreError) {
    let end = try peek(CheckpointFormat.endBytes + CheckpointFormat.checksumBytes, .end)
    let expectedCount: UInt64 = number(in: end, at: 8)
    let expected: UInt32 = number(in: end, at: CheckpointFormat.endBytes)
    checksum.update(end.prefix(CheckpointFormat.endBytes))
    guard checksum.value == expected else {
      throw .damaged(
        path: path,
        .checksumMismatch(
          section: .end, offset: offset, expected: expected, found: checksum.value))
    }
    guard count == expectedCount else {
      throw .damaged(path: path, .wrongCount(expected: expectedCount, found: count))
    }
    offset += end.count
    guard offset == size else {
      throw .damaged(path: path, .trailingBytes(offset: offset, count: size - offset))
    }
  }

  /// The payload at the current offset; nil if it cannot be read, or is damaged.
  private func readPayload(_ entry: Entry) -> [UInt8]? {
    guard let payload = try? read(entry.payloadBytes, .payload),
      CRC32C.checksum(of: payload) == entry.payloadChecksum
    else { return nil }
    return payload
  }

  private func peek(
    _ wanted: Int, _ section: CheckpointDamage.Section
  ) throws(StoreError) -> [UInt8] {
    try require(wanted, section)
    return try read(wanted, section)
  }

  /// Advances past a part that ends in its own checksum.
  private func consume(_ bytes: [UInt8]) {
    checksum.update(bytes.dropLast(CheckpointFormat.checksumBytes))
    offset += bytes.count
  }

  /// Checks that the file is long enough before memory is allocated.
  private func require(
    _ wanted: Int, _ section: CheckpointDamage.Section
  ) throws(StoreError) {
    guard wanted <= size - offset else { throw truncated(section, wanted, size - offset) }
  }

  private func read(
    _ wanted: Int, _ section: CheckpointDamage.Section
  ) throws(StoreError) -> [UInt8] {
    let bytes = try stored(
      try attempt("read", path, try file.readAll(at: offset, count: wanted)))
    guard bytes.count == wanted else { throw truncated(section, wanted, bytes.count) }
    return bytes
  }

  private func truncated(
    _ section: CheckpointDamage.Section, _ expected: Int, _ available: Int
  ) -> StoreError {
    .damaged(
      path: path,
      .truncated(
        section: section, offset: offset, expectedBytes: expected, availableBytes: available))
  }

  /// Checks the checksum in the last bytes of a part.
  private func verify(
    _ part: [UInt8], _ section: CheckpointDamage.Section
  ) throws(StoreError) {
    let bodyBytes = part.count - CheckpointFormat.checksumBytes
    let expected: UInt32 = number(in: part, at: bodyBytes)
    let found = part.withUnsafeBytes {
      CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: $0[..<bodyBytes]))
    }
    guard found == expected else {
      throw .damaged(
        path: path,
        .checksumMismatch(section: section, offset: offset, expected: expected, found: found))
    }
  }
}

extension Descriptor {
  /// The size of a file that was opened without blocking, so that a pipe with its name does not
  /// block until it has a writer.
  /// - Throws: ``FileError``, with EISDIR if it is not a regular file.
  func regularSize(_ path: String) throws(FileError) -> Int {
    let facts = try attempt("fstat", path, try facts())
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw FileError(operation: "read", path: path, errno: Errno(EISDIR))
    }
    return Int(facts.st_size)
  }
}

/// The little-endian number at `offset` of bytes that are long enough.
private func number<Value: FixedWidthInteger>(in bytes: [UInt8], at offset: Int) -> Value {
  bytes.withUnsafeBytes {
    Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
