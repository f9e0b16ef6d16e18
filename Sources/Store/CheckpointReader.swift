import Glibc
public import Series

/// What came out of a restore.
public struct RestoreReport: Equatable, Sendable {
  /// The most lost records that are named.
  public static let maximumNamed = 100

  /// When the checkpoint was made.
  public var made: Timestamp
  /// Records that were restored.
  public var records = 0
  /// Records that were damaged, or are of a kind that this version does not know.
  public var lost = 0
  /// The first ``maximumNamed`` of them by name.
  public var lostNames: [String] = []
  /// Why the newest checkpoint was not used and the one before was; nil where the newest was.
  public var newestUnusable: CheckpointFault?
}

/// Reads one checkpoint, in a fixed amount of memory beside the record at hand.
final class CheckpointReader {
  private let file: FileDescriptor
  private let path: String
  private let size: Int
  private var offset = 0
  private var checksum = CRC32C()
  private var count: UInt64 = 0
  /// When it was made.
  private(set) var made = Timestamp(nanoseconds: 0)

  /// Opens a checkpoint and checks its structure from end to end.
  /// - Throws: ``StoreError/damaged(path:_:)`` where that is not whole. A damaged payload is no
  ///   such damage.
  init(directory: StateDirectory, name: String) throws(StoreError) {
    path = "\(directory.path)/\(name)"
    // Non-blocking, so that a pipe of that name is no reason to wait.
    file = try FileDescriptor(
      name, in: directory.directory.raw, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, path: path)
    var status = stat()
    guard fstat(file.raw, &status) == 0 else {
      throw .system(operation: "fstat", path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .system(operation: "read", path: path, errno: EISDIR)
    }
    size = Int(status.st_size)
    try readHeader()
    while let entry = try nextHeader() { offset += entry.payloadBytes }
  }

  /// Hands out each record that is whole, and says which are not.
  func report(_ body: (CheckpointRecord) -> Void) throws(StoreError) -> RestoreReport {
    var report = RestoreReport(made: made)
    (offset, checksum, count) = (0, CRC32C(), 0)
    try readHeader()
    while let entry = try nextHeader() {
      let payload = readPayload(entry)
      offset += entry.payloadBytes
      if let payload, let kind = RecordKind(rawValue: entry.kind) {
        report.records += 1
        body(CheckpointRecord(kind: kind, name: entry.name, payload: payload))
      } else {
        report.lost += 1
        if report.lostNames.count < RestoreReport.maximumNamed {
          report.lostNames.append(entry.name)
        }
      }
    }
    return report
  }

  /// What stands before a payload.
  private struct Entry {
    var kind: UInt8
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
    // Before the checksum: what follows the version may differ in another one.
    let version: UInt32 = number(in: bytes, at: magic.count)
    guard version == CheckpointFormat.version else {
      throw .damaged(
        path: path,
        .unsupportedVersion(found: version, supported: CheckpointFormat.version))
    }
    made = Timestamp(nanoseconds: number(in: bytes, at: 16))
    try verify(bytes, .header)
    consume(bytes)
  }

  /// Reads on to the next payload; nil at a proper end.
  private func nextHeader() throws(StoreError) -> Entry? {
    try require(CheckpointFormat.recordBytes, .recordHeader)
    // As much as most names need, so that one call is enough.
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
      kind: header[0], name: name, payloadBytes: payloadBytes,
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

  /// The payload at the present place; nil where it cannot be read, or is not what was written.
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

  /// Goes past a part that ends in its own checksum.
  private func consume(_ bytes: [UInt8]) {
    checksum.update(bytes.dropLast(CheckpointFormat.checksumBytes))
    offset += bytes.count
  }

  /// No memory is set aside before it is known that the file is long enough to fill it.
  private func require(
    _ wanted: Int, _ section: CheckpointDamage.Section
  ) throws(StoreError) {
    guard wanted <= size - offset else { throw truncated(section, wanted, size - offset) }
  }

  private func read(
    _ wanted: Int, _ section: CheckpointDamage.Section
  ) throws(StoreError) -> [UInt8] {
    var outcome: Result<Int, StoreError> = .success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: wanted)
      outcome = Result { () throws(StoreError) in
        try file.read(at: offset, into: room, path: path)
      }
      count = (try? outcome.get()) ?? 0
    }
    let found = try outcome.get()
    guard found == wanted else { throw truncated(section, wanted, found) }
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

/// The little-endian number at `offset` of bytes that are long enough.
private func number<Value: FixedWidthInteger>(in bytes: [UInt8], at offset: Int) -> Value {
  bytes.withUnsafeBytes {
    Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }
}
