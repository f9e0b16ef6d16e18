/// Visits the fields of a detector's state in a fixed order, either writing or reading them.
///
/// One list of fields per type serves both directions, so that writing and reading cannot drift
/// apart.
package protocol StateCoder {
  mutating func code(_ value: inout Float) throws(StateDecodingError)
  mutating func code(_ value: inout Double) throws(StateDecodingError)
  mutating func code(_ value: inout Int) throws(StateDecodingError)
  mutating func code(_ value: inout UInt32) throws(StateDecodingError)
  mutating func code(_ value: inout UInt64) throws(StateDecodingError)
  mutating func code(_ value: inout Bool) throws(StateDecodingError)
  mutating func code(
    floats: UnsafeMutablePointer<Float>, count: Int
  ) throws(StateDecodingError)
  mutating func code(
    words: UnsafeMutablePointer<UInt16>, count: Int
  ) throws(StateDecodingError)
  mutating func code(_ values: inout [Double], maximum: Int) throws(StateDecodingError)
  mutating func code(
    _ texts: inout [String], maximum: Int, longest: Int
  ) throws(StateDecodingError)
  /// A part with its length in front, so that a reader that does not know it can pass over it:
  /// then `body` returns false and has read nothing.
  mutating func section(
    _ body: (inout Self) throws(StateDecodingError) -> Bool
  ) throws(StateDecodingError)
}

extension StateCoder {
  /// A count used as an array index: rejected outside `range`. Stored in 8 bytes, regardless of its
  /// size in memory.
  package mutating func code<Count: FixedWidthInteger>(
    _ value: inout Count, in range: ClosedRange<Count>, _ field: StaticString
  ) throws(StateDecodingError) {
    var stored = Int(value)
    try code(&stored)
    guard let found = Count(exactly: stored), range.contains(found) else {
      throw .outOfRange(
        field: "\(field)", found: stored,
        expected: Int(range.lowerBound)...Int(range.upperBound))
    }
    value = found
  }

  /// A monotonic counter, limited to ``ByteReader/counts``.
  package mutating func code(
    count: inout Int, _ field: StaticString
  ) throws(StateDecodingError) {
    count = min(count, ByteReader.counts.upperBound)
    try code(&count, in: ByteReader.counts, field)
  }

  /// Parts that are distinguished by an id. Stored parts that are not known are skipped; known parts
  /// that are not stored stay unchanged.
  /// - Parameter body: codes the part with that id; returns false for an id that it does not know.
  package mutating func code(
    parts ids: [UInt8], _ body: (UInt8, inout Self) throws(StateDecodingError) -> Bool
  ) throws(StateDecodingError) {
    var count = ids.count
    try code(&count, in: 0...Int(UInt8.max), "number of parts")
    for place in 0..<count {
      var id = place < ids.count ? ids[place] : 0
      try code(&id, in: 0...UInt8.max, "id of a part")
      try section { (coder: inout Self) throws(StateDecodingError) in try body(id, &coder) }
    }
  }

  /// The version of the format, before all other fields, and the seed.
  /// - Parameter older: an earlier version that can be read as well.
  /// - Returns: the version of what is stored.
  @discardableResult
  package mutating func code(
    version: UInt32, orOlder older: [UInt32] = [], seed: UInt64
  ) throws(StateDecodingError) -> UInt32 {
    var storedVersion = version
    try code(&storedVersion)
    guard storedVersion == version || older.contains(storedVersion) else {
      throw .version(found: storedVersion, expected: version)
    }
    var storedSeed = seed
    try code(&storedSeed)
    guard storedSeed == seed else { throw .seed(found: storedSeed, expected: seed) }
    return storedVersion
  }
}

/// Why stored bytes are not a valid state of this detector.
public enum StateDecodingError: Error, Equatable, CustomStringConvertible {
  /// A format version other than the one this program writes.
  case version(found: UInt32, expected: UInt32)
  /// A seed other than the configured one, which makes the stored network meaningless.
  case seed(found: UInt64, expected: UInt64)
  /// The state belongs to another model file, by its checksum.
  case otherModel(found: UInt32, expected: UInt32)
  /// A field with a value that cannot occur.
  case outOfRange(field: String, found: Int, expected: ClosedRange<Int>)
  /// The bytes end early, or continue past the end.
  case bytes(ByteReaderError)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .version(let found, let expected):
      "detector state has format version \(found), expected \(expected)"
    case .seed(let found, let expected):
      "detector state was learnt with Seed=\(found), but the configuration has \(expected)"
    case .otherModel:
      "it is the state of a different model file than the configured one"
    case .outOfRange(let field, let found, let expected):
      "detector state: \(field) is \(found), expected \(expected)"
    case .bytes(let error): "detector state: \(error)"
    }
  }
}

/// Writes fields in order.
package struct StateEncoder: StateCoder {
  package var writer: ByteWriter

  /// Appends to what `writer` holds.
  package init(writer: ByteWriter) { self.writer = writer }

  package mutating func code(_ value: inout Float) { writer.write(value) }
  package mutating func code(_ value: inout Double) { writer.write(value) }
  package mutating func code(_ value: inout Int) { writer.write(value) }
  package mutating func code(_ value: inout UInt32) { writer.write(value) }
  package mutating func code(_ value: inout UInt64) { writer.write(value) }
  package mutating func code(_ value: inout Bool) { writer.write(value) }
  package mutating func code(floats: UnsafeMutablePointer<Float>, count: Int) {
    writer.write(floats: UnsafeBufferPointer(start: floats, count: count))
  }
  package mutating func code(words: UnsafeMutablePointer<UInt16>, count: Int) {
    writer.write(words: UnsafeBufferPointer(start: words, count: count))
  }
  package mutating func code(_ values: inout [Double], maximum: Int) {
    writer.write(values.count)
    for value in values { writer.write(value) }
  }
  package mutating func code(_ texts: inout [String], maximum: Int, longest: Int) {
    writer.write(texts.count)
    for text in texts { writer.write(text) }
  }
  package mutating func section(
    _ body: (inout StateEncoder) throws(StateDecodingError) -> Bool
  ) throws(StateDecodingError) {
    let start = writer.bytes.count
    writer.write(UInt32(0))
    let end = writer.bytes.count
    _ = try body(&self)
    withUnsafeBytes(of: UInt32(writer.bytes.count - end).littleEndian) { length in
      writer.bytes.replaceSubrange(start..<end, with: length)
    }
  }
}

extension StateEncoder {
  /// What `body` writes. A state that cannot be written is one that cannot occur.
  package static func bytes(
    capacity: Int, _ body: (inout StateEncoder) throws(StateDecodingError) -> Void
  ) -> [UInt8] {
    var encoder = StateEncoder(writer: ByteWriter(capacity: capacity))
    do {
      try body(&encoder)
    } catch {
      preconditionFailure("a state that cannot occur: \(error)")
    }
    return encoder.writer.bytes
  }
}

/// Reads fields in order.
package struct StateDecoder: StateCoder {
  package var reader: ByteReader

  /// Reads what is left in `reader`.
  package init(reader: ByteReader) { self.reader = reader }

  private mutating func read<Value>(
    _ body: (inout ByteReader) throws(ByteReaderError) -> Value
  ) throws(StateDecodingError) -> Value {
    do {
      return try body(&reader)
    } catch {
      throw .bytes(error)
    }
  }

  package mutating func code(_ value: inout Float) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readFloat() }
  }
  package mutating func code(_ value: inout Double) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readDouble() }
  }
  package mutating func code(_ value: inout Int) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readInt() }
  }
  package mutating func code(_ value: inout UInt32) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readUInt32() }
  }
  package mutating func code(_ value: inout UInt64) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readUInt64() }
  }
  package mutating func code(_ value: inout Bool) throws(StateDecodingError) {
    value = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readBool() }
  }
  package mutating func code(
    floats: UnsafeMutablePointer<Float>, count: Int
  ) throws(StateDecodingError) {
    try read { (r: inout ByteReader) throws(ByteReaderError) in
      try r.readFloats(into: UnsafeMutableBufferPointer(start: floats, count: count))
    }
  }
  package mutating func code(
    words: UnsafeMutablePointer<UInt16>, count: Int
  ) throws(StateDecodingError) {
    try read { (r: inout ByteReader) throws(ByteReaderError) in
      try r.readWords(into: UnsafeMutableBufferPointer(start: words, count: count))
    }
  }
  package mutating func code(_ values: inout [Double], maximum: Int) throws(StateDecodingError) {
    var count = values.count
    try code(&count, in: 0...maximum, "number of stored values")
    values = []
    values.reserveCapacity(maximum)
    for _ in 0..<count {
      var value = 0.0
      try code(&value)
      values.append(value)
    }
  }
  package mutating func code(
    _ texts: inout [String], maximum: Int, longest: Int
  ) throws(StateDecodingError) {
    var count = texts.count
    try code(&count, in: 0...maximum, "number of stored texts")
    texts = []
    texts.reserveCapacity(maximum)
    for _ in 0..<count {
      let text = try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readString() }
      guard (1...longest).contains(text.utf8.count) else {
        throw .outOfRange(
          field: "bytes of a stored text", found: text.utf8.count, expected: 1...longest)
      }
      texts.append(text)
    }
  }
  package mutating func section(
    _ body: (inout StateDecoder) throws(StateDecodingError) -> Bool
  ) throws(StateDecodingError) {
    let length = Int(
      try read { (r: inout ByteReader) throws(ByteReaderError) in try r.readUInt32() })
    guard length <= reader.remaining else {
      throw .outOfRange(field: "bytes of a part", found: length, expected: 0...reader.remaining)
    }
    let start = reader.offset
    if try !body(&self) {
      _ = try read { (r: inout ByteReader) throws(ByteReaderError) in
        try r.readRaw(count: length)
      }
    }
    guard reader.offset == start + length else {
      throw .outOfRange(
        field: "bytes of a part", found: reader.offset - start, expected: length...length)
    }
  }
}

extension StateDecoder {
  /// Reads all of `bytes`.
  /// - Throws: ``StateDecodingError`` where `body` does, or bytes are left.
  package static func decode(
    _ bytes: [UInt8], _ body: (inout StateDecoder) throws(StateDecodingError) -> Void
  ) throws(StateDecodingError) {
    var decoder = StateDecoder(reader: ByteReader(bytes))
    try body(&decoder)
    do {
      try decoder.reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }
}
