import Series
import System

/// The position in a file, with everything needed to resume without examining the file's first
/// lines again.
struct CSVPosition: Equatable {
  /// The file's original path; the file that was read last may have another name by now.
  var path: String
  /// The position in the file that was read last.
  var place: CSVPlace
  /// The newest rotated files that need not be read, oldest first.
  var marks: [CSVMark] = []
  /// The number of the line there, nil if unknown.
  var line: Int?
  /// Whether the rest of an overlong line was being skipped.
  var isSkipping = false
  /// The time of the last row.
  var lastTimestamp: Timestamp?
  /// The instant that relative times count from.
  var relativeStart: Timestamp?
  /// How rows are read, nil if not known yet.
  var layout: CSVLayout?
  /// ``TableSection/layoutSignature(of:)`` of the section with which the layout was detected.
  var signature: UInt64

  func write(to writer: inout ByteWriter) {
    writer.write(path)
    writer.write(place.identity.device)
    writer.write(place.identity.inode)
    writer.write(place.head.length)
    writer.write(place.head.hash)
    writer.write(place.offset)
    writer.write(place.tail)
    writer.write(place.modified)
    writer.write(place.isOriginal)
    writer.write(place.hasRows)
    writer.write(UInt32(marks.count))
    for mark in marks {
      writer.write(mark.identity.device)
      writer.write(mark.identity.inode)
      writer.write(mark.bytes)
      writer.write(mark.modified)
    }
    writer.write(line ?? -1)
    writer.write(isSkipping)
    writer.write(lastTimestamp != nil)
    writer.write(lastTimestamp?.nanoseconds ?? 0)
    writer.write(relativeStart != nil)
    writer.write(relativeStart?.nanoseconds ?? 0)
    writer.write(signature)
    writer.write(layout != nil)
    layout?.write(to: &writer)
  }
}

extension CSVPosition {
  /// Decodes the output of ``write(to:)``; nil if fields are inconsistent, never a trap.
  init?(_ reader: inout ByteReader, version: UInt8) throws(ByteReaderError) {
    path = try reader.readString()
    let identity = FileIdentity(
      device: try reader.readUInt64(), inode: try reader.readUInt64())
    place = CSVPlace(identity: identity)
    place.head = CSVFingerprint(length: try reader.readInt(), hash: try reader.readUInt64())
    place.offset = try reader.readInt()
    place.tail = try reader.readBytes()
    place.modified = try reader.readInt64()
    place.isOriginal = try reader.readBool()
    place.hasRows = try reader.readBool()
    for _ in 0..<(try reader.readUInt32()) {
      let identity = FileIdentity(
        device: try reader.readUInt64(), inode: try reader.readUInt64())
      marks.append(
        CSVMark(
          identity: identity, bytes: try reader.readInt(), modified: try reader.readInt64()))
    }
    let line = try reader.readInt()
    self.line = line < 0 ? nil : line
    isSkipping = try reader.readBool()
    let hasTimestamp = try reader.readBool()
    let nanoseconds = try reader.readInt64()
    lastTimestamp = hasTimestamp ? Timestamp(nanoseconds: nanoseconds) : nil
    if version > 2 {
      let hasStart = try reader.readBool()
      let start = try reader.readInt64()
      relativeStart = hasStart ? Timestamp(nanoseconds: start) : nil
    }
    signature = try reader.readUInt64()
    layout = try reader.readBool() ? try CSVLayout(&reader, version: version) : nil
    guard (0..<1 << 62).contains(place.offset), self.line ?? 1 < 1 << 62,
      (0...CSVLimits.fingerprintBytes).contains(place.head.length),
      place.tail.count == min(place.offset, CSVLimits.tailBytes),
      marks.count <= CSVLimits.marks, layout?.isConsistent != false
    else { return nil }
  }
}

/// The positions of a CSV input in all of its files.
struct CSVInputPosition: Equatable {
  private static let version: UInt8 = 3
  /// The oldest version that can be read: it has no relative times, keys, units or line ends.
  private static let oldestVersion: UInt8 = 2

  /// The files that were followed.
  var files: [CSVPosition] = []
  /// Files that had vanished and may reappear under another name.
  var departed: [CSVPosition] = []

  /// The position as opaque bytes, empty if there is no file.
  func encode() -> [UInt8] {
    guard !files.isEmpty || !departed.isEmpty else { return [] }
    var writer = ByteWriter(capacity: 1_024 * (files.count + departed.count))
    writer.write(CSVInputPosition.version)
    for list in [files, departed] {
      writer.write(UInt32(list.count))
      for position in list { position.write(to: &writer) }
    }
    return writer.bytes
  }

  init() {}

  /// Decodes the output of ``encode()``; nil for anything else, never a trap.
  init?(decoding bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      let version = try reader.readUInt8()
      guard (CSVInputPosition.oldestVersion...CSVInputPosition.version).contains(version) else {
        return nil
      }
      for list in [\CSVInputPosition.files, \.departed] {
        for _ in 0..<(try reader.readUInt32()) {
          guard let position = try CSVPosition(&reader, version: version) else { return nil }
          self[keyPath: list].append(position)
        }
      }
    } catch {
      return nil
    }
    guard reader.remaining == 0 else { return nil }
  }
}

extension CSVLayout {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(delimiter)
    writer.write(width)
    writer.write(hasHeader)
    writer.write(timestampIndex ?? -1)
    writer.write(timestampLabel)
    writer.write(timestampFormat.description)
    writer.write(UInt32(columns.count))
    for column in columns {
      writer.write(column.index)
      writer.write(column.label)
      writer.write(column.name.text)
      writer.write(column.unit)
    }
    writer.write(lineEnd)
    writer.write(timeOfDayIndex ?? -1)
    writer.write(keyIndex ?? -1)
  }

  fileprivate convenience init(
    _ reader: inout ByteReader, version: UInt8
  ) throws(ByteReaderError) {
    let delimiter = try reader.readUInt8()
    let width = try reader.readInt()
    let hasHeader = try reader.readBool()
    let index = try reader.readInt()
    let label = try reader.readString()
    let format = try reader.readString()
    var columns: [Column] = []
    for _ in 0..<(try reader.readUInt32()) {
      columns.append(
        Column(
          index: try reader.readInt(),
          label: try reader.readString(),
          name: MetricName(sanitizing: try reader.readString()),
          unit: version > 2 ? try reader.readBytes() : []
        )
      )
    }
    let lineEnd = version > 2 ? try reader.readUInt8() : 0x0A
    let timeOfDay = version > 2 ? try reader.readInt() : -1
    let key = version > 2 ? try reader.readInt() : -1
    self.init(
      delimiter: delimiter, width: width, hasHeader: hasHeader, lineEnd: lineEnd,
      timestampIndex: index < 0 ? nil : index, timeOfDayIndex: timeOfDay < 0 ? nil : timeOfDay,
      timestampLabel: label,
      // An unreadable format makes the layout inconsistent, as `automatic` is never stored.
      timestampFormat: (try? CSVTimestampFormat(parsing: format)) ?? .automatic,
      keyIndex: key < 0 ? nil : key, columns: columns)
  }

  /// Whether every index lies within a row, as the decoder relies on.
  var isConsistent: Bool {
    let cells = 0..<max(0, min(width, CSVLimits.columns))
    return width >= 1 && width <= CSVLimits.lineBytes + 1 && timestampFormat != .automatic
      && timestampIndex.map(cells.contains) != false
      && timeOfDayIndex.map(cells.contains) != false && keyIndex.map(cells.contains) != false
      && (lineEnd == 0x0A || lineEnd == 0x0D)
      && columns.allSatisfy { cells.contains($0.index) } && !columns.isEmpty
  }
}

extension TableSection {
  /// A hash of all settings that determine a layout; a change means that it must be detected again.
  func layoutSignature(of path: String) -> UInt64 {
    let facts = [
      "\(header)", "\(timestampColumn)", "\(timestampFormat)", "\(values)",
      delimiter.map { "character(\($0))" } ?? "automatic", metricPrefix(of: path),
      trace.map { "\($0.event, default: "-") \($0.thread, default: "-")" } ?? "",
      key.map { "key \($0)" } ?? "",
    ]
    return CSVFingerprint.hash(facts.joined(separator: "\n").utf8)
  }
}
