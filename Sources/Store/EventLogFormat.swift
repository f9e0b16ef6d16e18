import Series

/// The layout of one segment of an ``EventLog``. All numbers are little-endian, all checksums
/// CRC-32C.
///
/// ```
/// header  magic "anomevt\n" | version u32 | reserved u32 | first sequence number u64
///         | checksum u32 of all before
/// entry   payload length u32 | kind u8 | reserved 3 bytes | sequence number u64
///         | checksum u32 of these 16 bytes and the payload | payload
/// ```
/// Sequence numbers increase from entry to entry, across segments too. A segment is named by the
/// number of its first entry in hexadecimal, so that names sort by age.
enum EventLogFormat {
  static let magic = Array("anomevt\n".utf8)
  static let version: UInt32 = 1
  static let headerBytes = 28
  static let entryBytes = 20
  static let maximumPayloadBytes = 64 << 10
  /// The largest possible number of an entry. It is never reached, so that its successor never
  /// overflows.
  static let largestSequence: UInt64 = 1 << 62

  private static let prefix = "events-"

  static func name(ofSegmentFrom first: UInt64) -> String {
    let digits = String(first, radix: 16)
    return prefix + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The number of the first entry of the segment with that name; nil for any other file.
  static func first(ofSegment name: String) -> UInt64? {
    guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + 16 else { return nil }
    return UInt64(name.dropFirst(prefix.count), radix: 16)
      .flatMap { $0 <= largestSequence ? $0 : nil }
  }

  static func header(first: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: headerBytes)
    writer.write(raw: magic)
    writer.write(version)
    writer.write(UInt32(0))
    writer.write(first)
    writer.write(CRC32C.checksum(of: writer.bytes))
    return writer.bytes
  }

  static func entry(kind: UInt8, sequence: UInt64, payload: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(capacity: entryBytes + payload.count)
    writer.write(UInt32(payload.count))
    writer.write(kind)
    writer.write(raw: [0, 0, 0] as [UInt8])
    writer.write(sequence)
    var checksum = CRC32C()
    checksum.update(writer.bytes)
    checksum.update(payload)
    writer.write(checksum.value)
    writer.write(raw: payload)
    return writer.bytes
  }

  /// The header of a payload.
  struct EntryHeader {
    var payloadBytes: Int
    var kind: UInt8
    var sequence: UInt64
    var checksum: UInt32

    /// The header at `offset` of bytes that are long enough.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
      payloadBytes = Int(
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      kind = bytes[offset + 4]
      sequence = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
      checksum = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self))
    }
  }

  /// The entry at `offset` and its end; nil if no complete entry begins there.
  /// - Parameter sequences: the possible numbers. Bytes that cannot be an entry are rejected
  ///   without computing a checksum, which would be slow for every byte of a damaged segment.
  static func entry(
    in bytes: UnsafeRawBufferPointer, at offset: Int, sequences: ClosedRange<UInt64>
  ) -> (header: EntryHeader, end: Int)? {
    guard offset + entryBytes <= bytes.count else { return nil }
    let header = EntryHeader(bytes, at: offset)
    let end = offset + entryBytes + header.payloadBytes
    guard header.payloadBytes <= maximumPayloadBytes, end <= bytes.count,
      sequences.contains(header.sequence), header.sequence <= largestSequence,
      bytes[offset + 5..<offset + 8].allSatisfy({ $0 == 0 })
    else { return nil }
    var checksum = CRC32C()
    checksum.update(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 16]))
    checksum.update(UnsafeRawBufferPointer(rebasing: bytes[offset + entryBytes..<end]))
    return checksum.value == header.checksum ? (header, end) : nil
  }
}
