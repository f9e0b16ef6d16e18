import Series

/// Encodes a checkpoint into a buffer that its owner empties from time to time.
///
/// A payload is encoded in place, after a header that is filled in afterwards: it is never copied.
struct CheckpointEncoder {
  /// Bytes that have been encoded and not taken yet.
  private(set) var writer: ByteWriter
  /// Records so far.
  private(set) var records = 0
  /// Bytes so far, including those that were taken.
  private(set) var bytes = 0

  private var checksum = CRC32C()

  /// A checkpoint that begins with its header.
  /// - Parameter capacity: bytes to reserve.
  init(at moment: Timestamp, capacity: Int) {
    writer = ByteWriter(capacity: capacity)
    let header = CheckpointFormat.header(at: moment)
    checksum.update(header.dropLast(CheckpointFormat.checksumBytes))
    writer.write(raw: header)
    bytes = header.count
  }

  /// Adds a record.
  /// - Parameters:
  ///   - name: at most 1,024 bytes.
  ///   - payload: appends at most 64 MiB.
  mutating func append(
    _ kind: RecordKind, name: String, payload: (inout ByteWriter) -> Void
  ) {
    let start = writer.bytes.count
    writer.write(kind.rawValue)
    writer.write(UInt8(0))
    writer.write(UInt16(name.utf8.count))
    // Length and checksum of the payload, not yet known.
    writer.write(UInt64(0))
    writer.write(raw: name.utf8)
    let checksumAt = writer.bytes.count
    writer.write(UInt32(0))
    let payloadAt = writer.bytes.count
    payload(&writer)
    let count = writer.bytes.count - payloadAt
    precondition(
      name.utf8.count <= CheckpointFormat.maximumNameBytes
        && count <= CheckpointFormat.maximumPayloadBytes,
      "a record is larger than its reader accepts")
    writer.bytes.withUnsafeMutableBytes { bytes in
      func store(_ value: UInt32, at offset: Int) {
        bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
      }
      store(UInt32(count), at: start + CheckpointFormat.lengthOffset)
      store(
        CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[payloadAt...])),
        at: start + CheckpointFormat.payloadChecksumOffset)
      let header = UnsafeRawBufferPointer(rebasing: bytes[start..<checksumAt])
      store(CRC32C.checksum(of: header), at: checksumAt)
      checksum.update(header)
    }
    records += 1
    bytes += writer.bytes.count - start
  }

  /// Adds the end of the checkpoint.
  mutating func end() {
    let end = CheckpointFormat.end(count: UInt64(records))
    checksum.update(end)
    writer.write(raw: end)
    writer.write(checksum.value)
    bytes += end.count + CheckpointFormat.checksumBytes
  }

  /// Returns the encoded bytes, and continues in another buffer.
  /// - Parameter spare: its content is discarded, its memory reused.
  mutating func take(replacingBy spare: [UInt8] = []) -> [UInt8] {
    var next = spare
    next.removeAll(keepingCapacity: true)
    swap(&next, &writer.bytes)
    return next
  }

  /// Discards the encoded bytes once they are written.
  mutating func clear() { writer.bytes.removeAll(keepingCapacity: true) }
}
