/// Builds a byte string of fixed-width little-endian fields.
///
/// The counterpart of ``ByteReader``. Checkpointed state of detectors, trackers and inputs is
/// written with it, so that the bytes mean the same on every machine.
public struct ByteWriter: Sendable {
  /// What has been written so far.
  public var bytes: [UInt8] = []

  /// An empty writer.
  /// - Parameter capacity: bytes to reserve.
  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// Appends one byte.
  public mutating func write(_ value: UInt8) { bytes.append(value) }
  /// Appends 2 bytes.
  public mutating func write(_ value: UInt16) { append(value) }
  /// Appends 4 bytes.
  public mutating func write(_ value: UInt32) { append(value) }
  /// Appends 8 bytes.
  public mutating func write(_ value: UInt64) { append(value) }
  /// Appends 8 bytes, two's complement.
  public mutating func write(_ value: Int64) { append(value) }
  /// Appends 8 bytes, two's complement, whatever the width of `Int`.
  public mutating func write(_ value: Int) { append(Int64(value)) }
  /// Appends the 8 bytes of a monotonic counter, at most the largest that
  /// ``ByteReader/readCount()`` accepts.
  public mutating func write(count: Int) { write(min(count, ByteReader.counts.upperBound)) }
  /// Appends the 4 bytes of an IEEE 754 single; the bit pattern is kept, NaN payloads included.
  public mutating func write(_ value: Float) { append(value.bitPattern) }
  /// Appends the 8 bytes of an IEEE 754 double; the bit pattern is kept, NaN payloads included.
  public mutating func write(_ value: Double) { append(value.bitPattern) }
  /// Appends one byte, 0 or 1.
  public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// Appends the length in bytes as 4 bytes, then the text in UTF-8.
  public mutating func write(_ text: String) {
    append(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends the length as 4 bytes, then the bytes.
  public mutating func write(_ value: [UInt8]) {
    append(UInt32(value.count))
    bytes.append(contentsOf: value)
  }

  /// Appends bytes with no length before them.
  public mutating func write(raw value: some Collection<UInt8>) {
    bytes.append(contentsOf: value)
  }

  /// Appends 4 bytes per value, with no count before them.
  public mutating func write(floats: UnsafeBufferPointer<Float>) {
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(floats))
    #else
      for value in floats { append(value.bitPattern) }
    #endif
  }

  /// Appends 2 bytes per value, with no count before them.
  public mutating func write(words: UnsafeBufferPointer<UInt16>) {
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(words))
    #else
      for value in words { append(value) }
    #endif
  }

  private mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// Decodes a byte string of a ``ByteWriter``, checking every bound.
///
/// A read that throws leaves the position unchanged.
public struct ByteReader: Sendable {
  private let bytes: [UInt8]
  /// Offset of the next read, 0...byte count.
  public private(set) var offset = 0

  /// A reader at the beginning of `bytes`.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// How many bytes are left.
  public var remaining: Int { bytes.count - offset }

  /// Reads one byte.
  public mutating func readUInt8() throws(ByteReaderError) -> UInt8 { try take() }
  /// Reads 2 bytes.
  public mutating func readUInt16() throws(ByteReaderError) -> UInt16 { try take() }
  /// Reads 4 bytes.
  public mutating func readUInt32() throws(ByteReaderError) -> UInt32 { try take() }
  /// Reads 8 bytes.
  public mutating func readUInt64() throws(ByteReaderError) -> UInt64 { try take() }
  /// Reads 8 bytes, two's complement.
  public mutating func readInt64() throws(ByteReaderError) -> Int64 { try take() }

  /// Reads the 8 bytes of an `Int`.
  /// - Throws: ``ByteReaderError/outOfRange(offset:value:)`` if `Int` is narrower.
  public mutating func readInt() throws(ByteReaderError) -> Int {
    let start = offset
    let value: Int64 = try take()
    guard let result = Int(exactly: value) else {
      offset = start
      throw .outOfRange(offset: start, value: value)
    }
    return result
  }

  /// The range of monotonic counters. The bound is out of reach in practice, so incrementing a
  /// restored counter cannot overflow. ``ByteWriter/write(count:)`` stays within it.
  public static let counts = 0...(1 << 60)

  /// Reads the 8 bytes of such a counter.
  public mutating func readCount() throws(ByteReaderError) -> Int {
    let start = offset
    let value = try readInt()
    guard ByteReader.counts.contains(value) else {
      offset = start
      throw .outOfRange(offset: start, value: Int64(value))
    }
    return value
  }

  /// Reads the 4 bytes of a single; any bit pattern is accepted.
  public mutating func readFloat() throws(ByteReaderError) -> Float {
    Float(bitPattern: try take())
  }

  /// Reads the 8 bytes of a double; any bit pattern is accepted.
  public mutating func readDouble() throws(ByteReaderError) -> Double {
    Double(bitPattern: try take())
  }

  /// Reads one byte that must be 0 or 1.
  public mutating func readBool() throws(ByteReaderError) -> Bool {
    let byte: UInt8 = try take()
    guard byte <= 1 else {
      offset -= 1
      throw .outOfRange(offset: offset, value: Int64(byte))
    }
    return byte == 1
  }

  /// Reads a length of 4 bytes and that many bytes of UTF-8.
  public mutating func readString() throws(ByteReaderError) -> String {
    let start = offset
    let text = try readBytes()
    guard let result = String(validating: text, as: UTF8.self) else {
      offset = start
      throw .invalidUTF8(offset: start)
    }
    return result
  }

  /// Reads a length of 4 bytes and that many bytes. A length beyond the end throws without
  /// allocating.
  public mutating func readBytes() throws(ByteReaderError) -> [UInt8] {
    let start = offset
    let count = Int(try take() as UInt32)
    do throws(ByteReaderError) {
      return try readRaw(count: count)
    } catch {
      offset = start
      throw error
    }
  }

  /// Reads `count` bytes, `count >= 0`.
  public mutating func readRaw(count: Int) throws(ByteReaderError) -> [UInt8] {
    try require(count)
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Fills `floats`, 4 bytes per value.
  public mutating func readFloats(
    into floats: UnsafeMutableBufferPointer<Float>
  ) throws(ByteReaderError) {
    #if _endian(little)
      try copy(into: UnsafeMutableRawBufferPointer(floats))
    #else
      try require(floats.count * 4)
      for index in floats.indices { floats[index] = try readFloat() }
    #endif
  }

  /// Fills `words`, 2 bytes per value.
  public mutating func readWords(
    into words: UnsafeMutableBufferPointer<UInt16>
  ) throws(ByteReaderError) {
    #if _endian(little)
      try copy(into: UnsafeMutableRawBufferPointer(words))
    #else
      try require(words.count * 2)
      for index in words.indices { words[index] = try readUInt16() }
    #endif
  }

  private mutating func copy(
    into target: UnsafeMutableRawBufferPointer
  ) throws(ByteReaderError) {
    try require(target.count)
    bytes.withUnsafeBytes { source in
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + target.count]))
    }
    offset += target.count
  }

  /// Checks that no bytes are left.
  /// - Throws: ``ByteReaderError/trailingBytes(offset:count:)``.
  public func requireEnd() throws(ByteReaderError) {
    guard remaining == 0 else { throw .trailingBytes(offset: offset, count: remaining) }
  }

  private func require(_ count: Int) throws(ByteReaderError) {
    precondition(count >= 0, "a byte count must not be negative")
    guard count <= remaining else {
      throw .truncated(offset: offset, expectedBytes: count, availableBytes: remaining)
    }
  }

  private mutating func take<Value: FixedWidthInteger>() throws(ByteReaderError) -> Value {
    let size = MemoryLayout<Value>.size
    try require(size)
    defer { offset += size }
    return bytes.withUnsafeBytes {
      Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
  }
}

/// Why bytes could not be decoded.
public enum ByteReaderError: Error, Equatable, CustomStringConvertible {
  /// A field of `expectedBytes` begins at `offset`, only `availableBytes` are left.
  case truncated(offset: Int, expectedBytes: Int, availableBytes: Int)
  /// The text whose length is at `offset` is not UTF-8.
  case invalidUTF8(offset: Int)
  /// The field at `offset` holds a value that is invalid for its type.
  case outOfRange(offset: Int, value: Int64)
  /// `count` bytes follow the expected end.
  case trailingBytes(offset: Int, count: Int)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .truncated(let offset, let expected, let available):
      "expected \(expected) bytes at offset \(offset), found \(available)"
    case .invalidUTF8(let offset):
      "expected UTF-8 text at offset \(offset)"
    case .outOfRange(let offset, let value):
      "found the invalid value \(value) at offset \(offset)"
    case .trailingBytes(let offset, let count):
      "expected the end at offset \(offset), found \(count) bytes more"
    }
  }
}
