import Series

/// The layout of a checkpoint. All numbers are little-endian, all checksums CRC-32C.
///
/// ```
/// header  magic "anomchk\n" | version u32 | least reader u32 | time i64 ns | checksum u32 of all before
/// record  kind u8 | version u8 | name length u16 | payload length u32 | payload checksum u32
///         | name | checksum u32 of the record from kind to name | payload
/// end     0xFF | reserved 7 bytes | record count u64
///         | checksum u32 of the whole file before it, payloads and header checksums left out
/// ```
/// The least reader is the oldest version whose readers understand the layout; 0: only the version
/// itself. The version of a record is that of its payload, 0 at first: only a record of a newer
/// version is lost, the others are restored. Metrics carry the versions of their parts in the
/// payload.
///
/// Payloads enter the last checksum through their own checksums in the record headers, so that only
/// the damaged payload is lost. The checksums of headers do not enter it: a part followed by its own
/// checksum changes a CRC in the same way whatever the part contains, and two swapped records would
/// go unnoticed.
enum CheckpointFormat {
  static let magic = Array("anomchk\n".utf8)
  /// Version 1, of anomalyd 0.1, differs in the payloads of metrics, and can be read too.
  static let version: UInt32 = 2
  private static let readableVersions: ClosedRange<UInt32> = 1...version
  static let headerBytes = 28
  static let recordBytes = 12
  /// Of the payload's length and checksum in a record.
  static let (lengthOffset, payloadChecksumOffset) = (4, 8)
  static let checksumBytes = 4
  static let endKind: UInt8 = 0xFF
  static let endBytes = 16
  static let maximumNameBytes = 1_024
  static let maximumPayloadBytes = 64 << 20

  /// Whether this program understands the layout of a checkpoint.
  /// - Parameter least: the least reader given in the header.
  static func canRead(version: UInt32, least: UInt32) -> Bool {
    readableVersions.contains(version)
      || version > CheckpointFormat.version && readableVersions.contains(least)
  }

  /// The name under which a checkpoint of an unreadable version is kept.
  static func name(ofVersion version: UInt32) -> String { "checkpoint.version-\(version)" }

  static func header(at moment: Timestamp) -> [UInt8] {
    var writer = ByteWriter(capacity: headerBytes)
    writer.write(raw: magic)
    writer.write(version)
    writer.write(UInt32(0))
    writer.write(moment.nanoseconds)
    writer.write(CRC32C.checksum(of: writer.bytes))
    return writer.bytes
  }

  static func end(count: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: endBytes)
    writer.write(endKind)
    writer.write(raw: [0, 0, 0, 0, 0, 0, 0] as [UInt8])
    writer.write(count)
    return writer.bytes
  }
}

/// The kind of a checkpoint record. The store does not interpret the bytes.
public enum RecordKind: UInt8, CaseIterable, Sendable {
  /// State of the daemon as a whole.
  case agent = 1
  /// The position of an input; the name is the input's.
  case input = 2
  /// The model of a metric and its open event; the name is the metric's.
  case metric = 3
}

/// One record of a checkpoint.
public struct CheckpointRecord: Equatable, Sendable {
  /// What it contains.
  public var kind: RecordKind
  /// The version of the payload's format, of which 0 is the first.
  public var version: UInt8
  /// The name of the input, metric and so on; at most 1,024 bytes.
  public var name: String
  /// The bytes as they were saved; at most 64 MiB.
  public var payload: [UInt8]

  /// A record with these parts.
  public init(kind: RecordKind, version: UInt8 = 0, name: String, payload: [UInt8]) {
    self.kind = kind
    self.version = version
    self.name = name
    self.payload = payload
  }
}
