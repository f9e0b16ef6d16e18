import Series

/// Where a CSV input stopped, and all it needs to go on there without looking at the file's
/// first lines again.
struct CSVPosition: Equatable {
  private static let version: UInt8 = 1

  /// The file.
  var identity: CSVFileIdentity
  /// Its first bytes.
  var fingerprint: CSVFingerprint
  /// The first byte that was not used up.
  var offset: Int
  /// The number of the line there, nil if unknown.
  var line: Int?
  /// Whether the rest of an overlong line was being skipped.
  var isSkipping: Bool
  /// The time of the last row.
  var lastTimestamp: Timestamp?
  /// How rows are read, nil if that was not known yet.
  var layout: CSVLayout?
  /// ``CSVConfiguration/layoutSignature`` of the configuration that the layout was made under.
  var signature: UInt64

  /// The position as opaque bytes.
  func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: 256)
    writer.write(CSVPosition.version)
    writer.write(identity.device)
    writer.write(identity.inode)
    writer.write(fingerprint.length)
    writer.write(fingerprint.hash)
    writer.write(offset)
    writer.write(line ?? -1)
    writer.write(isSkipping)
    writer.write(lastTimestamp != nil)
    writer.write(lastTimestamp?.nanoseconds ?? 0)
    writer.write(signature)
    writer.write(layout != nil)
    if let layout {
      writer.write(layout.delimiter)
      writer.write(layout.width)
      writer.write(layout.hasHeader)
      writer.write(layout.timestampIndex ?? -1)
      writer.write(layout.timestampLabel)
      writer.write(layout.timestampFormat.description)
      writer.write(UInt32(layout.columns.count))
      for column in layout.columns {
        writer.write(column.index)
        writer.write(column.label)
        writer.write(column.name.text)
      }
    }
    return writer.bytes
  }

  init(
    identity: CSVFileIdentity,
    fingerprint: CSVFingerprint,
    offset: Int,
    line: Int?,
    isSkipping: Bool,
    lastTimestamp: Timestamp?,
    layout: CSVLayout?,
    signature: UInt64
  ) {
    self.identity = identity
    self.fingerprint = fingerprint
    self.offset = offset
    self.line = line
    self.isSkipping = isSkipping
    self.lastTimestamp = lastTimestamp
    self.layout = layout
    self.signature = signature
  }

  /// Reads what ``encode()`` wrote; nil for anything else, never a trap.
  init?(decoding bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      guard try reader.readUInt8() == CSVPosition.version else { return nil }
      identity = CSVFileIdentity(device: try reader.readUInt64(), inode: try reader.readUInt64())
      fingerprint = CSVFingerprint(length: try reader.readInt(), hash: try reader.readUInt64())
      offset = try reader.readInt()
      let line = try reader.readInt()
      self.line = line < 0 ? nil : line
      isSkipping = try reader.readBool()
      let hasTimestamp = try reader.readBool()
      let nanoseconds = try reader.readInt64()
      lastTimestamp = hasTimestamp ? Timestamp(nanoseconds: nanoseconds) : nil
      signature = try reader.readUInt64()
      layout = try reader.readBool() ? try CSVLayout(&reader) : nil
    } catch {
      return nil
    }
    guard reader.remaining == 0, (0..<1 << 62).contains(offset), line ?? 1 < 1 << 62,
      (0...CSVLimits.fingerprintBytes).contains(fingerprint.length), layout?.isConsistent != false
    else { return nil }
  }
}

extension CSVLayout {
  fileprivate init(_ reader: inout ByteReader) throws(ByteReaderError) {
    delimiter = try reader.readUInt8()
    width = try reader.readInt()
    hasHeader = try reader.readBool()
    let index = try reader.readInt()
    timestampIndex = index < 0 ? nil : index
    timestampLabel = try reader.readString()
    let format = try reader.readString()
    // A format that cannot be read makes the layout inconsistent, as `automatic` never is stored.
    timestampFormat = (try? CSVTimestampFormat(parsing: format)) ?? .automatic
    columns = []
    for _ in 0..<(try reader.readUInt32()) {
      columns.append(
        Column(
          index: try reader.readInt(),
          label: try reader.readString(),
          name: MetricName(sanitizing: try reader.readString())
        )
      )
    }
  }

  /// Whether every index lies within a row, as the decoder relies on.
  var isConsistent: Bool {
    let cells = 0..<max(0, min(width, CSVLimits.columns))
    return width >= 1 && width <= CSVLimits.lineBytes + 1 && timestampFormat != .automatic
      && timestampIndex.map(cells.contains) != false
      && columns.allSatisfy { cells.contains($0.index) } && !columns.isEmpty
  }
}

extension CSVConfiguration {
  /// A hash of everything that a layout follows from, to see that it must be taken anew.
  var layoutSignature: UInt64 {
    let facts = [
      "\(header)", "\(timestampColumn)", "\(timestampFormat)", "\(values)", "\(delimiter)",
      effectivePrefix,
    ]
    return CSVFingerprint.hash(facts.joined(separator: "\n").utf8)
  }
}
