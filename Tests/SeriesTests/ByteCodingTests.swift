import Series
import Testing

@Suite struct ByteCodingTests {
  private func everything() -> ByteWriter {
    var writer = ByteWriter()
    writer.write(UInt8(0xAB))
    writer.write(UInt16(0x1234))
    writer.write(UInt32(0xDEAD_BEEF))
    writer.write(UInt64(0x0123_4567_89AB_CDEF))
    writer.write(Int64.min)
    writer.write(-7)
    writer.write(Float(1.5))
    writer.write(-0.0)
    writer.write(true)
    writer.write("größe")
    writer.write([1, 2, 3] as [UInt8])
    [Float](arrayLiteral: 0.25, .infinity, -3).withUnsafeBufferPointer { writer.write(floats: $0) }
    [UInt16](arrayLiteral: 0x1234, 0xFFFF).withUnsafeBufferPointer { writer.write(words: $0) }
    return writer
  }

  @Test func `reads back every kind of field`() throws {
    var reader = ByteReader(everything().bytes)
    #expect(try reader.readUInt8() == 0xAB)
    #expect(try reader.readUInt16() == 0x1234)
    #expect(try reader.readUInt32() == 0xDEAD_BEEF)
    #expect(try reader.readUInt64() == 0x0123_4567_89AB_CDEF)
    #expect(try reader.readInt64() == .min)
    #expect(try reader.readInt() == -7)
    #expect(try reader.readFloat() == 1.5)
    #expect(try reader.readDouble().sign == .minus)
    #expect(try reader.readBool())
    #expect(try reader.readString() == "größe")
    #expect(try reader.readBytes() == [1, 2, 3])
    var floats = [Float](repeating: 0, count: 3)
    try floats.withUnsafeMutableBufferPointer { try reader.readFloats(into: $0) }
    #expect(floats == [0.25, .infinity, -3])
    var words = [UInt16](repeating: 0, count: 2)
    try words.withUnsafeMutableBufferPointer { try reader.readWords(into: $0) }
    #expect(words == [0x1234, 0xFFFF])
    #expect(reader.remaining == 0)
    try reader.requireEnd()
  }

  @Test func `writes little-endian`() {
    var writer = ByteWriter()
    writer.write(UInt32(0x0102_0304))
    writer.write(Float(1))
    #expect(writer.bytes == [4, 3, 2, 1, 0, 0, 0x80, 0x3F])
  }

  @Test func `keeps the bits of a NaN`() throws {
    let odd = Double(bitPattern: 0x7FF8_0000_0000_1234)
    var writer = ByteWriter()
    writer.write(odd)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readDouble().bitPattern == odd.bitPattern)
  }

  @Test func `reports what is missing and keeps its position`() {
    var reader = ByteReader([1, 2, 3])
    #expect(throws: ByteReaderError.truncated(offset: 0, expectedBytes: 4, availableBytes: 3)) {
      try reader.readUInt32()
    }
    #expect(reader.remaining == 3)
  }

  @Test func `a huge length is an error and allocates nothing`() {
    var reader = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 1])
    #expect(
      throws: ByteReaderError.truncated(
        offset: 4,
        expectedBytes: 0xFFFF_FFFF,
        availableBytes: 1
      )
    ) { try reader.readBytes() }
    #expect(reader.offset == 0)
  }

  @Test func `rejects invalid UTF-8, invalid booleans and trailing bytes`() {
    var text = ByteReader([1, 0, 0, 0, 0xFF])
    #expect(throws: ByteReaderError.invalidUTF8(offset: 0)) { try text.readString() }
    var truth = ByteReader([2])
    #expect(throws: ByteReaderError.outOfRange(offset: 0, value: 2)) { try truth.readBool() }
    let rest = ByteReader([1, 2])
    #expect(throws: ByteReaderError.trailingBytes(offset: 0, count: 2)) { try rest.requireEnd() }
  }

  @Test func `words are stored low byte first`() {
    var writer = ByteWriter()
    [UInt16](arrayLiteral: 0x1234).withUnsafeBufferPointer { writer.write(words: $0) }
    #expect(writer.bytes == [0x34, 0x12])
  }

  @Test(arguments: [-1, 1 << 60 + 1])
  func `a count is neither negative nor near its end`(value: Int) {
    var writer = ByteWriter()
    writer.write(value)
    var reader = ByteReader(writer.bytes)
    #expect(throws: ByteReaderError.outOfRange(offset: 0, value: Int64(value))) {
      try reader.readCount()
    }
    #expect(reader.offset == 0)
  }

  @Test func `floats beyond the end leave the destination unchanged`() {
    var reader = ByteReader([0, 0, 0x80])
    var floats: [Float] = [7]
    #expect(throws: ByteReaderError.truncated(offset: 0, expectedBytes: 4, availableBytes: 3)) {
      try floats.withUnsafeMutableBufferPointer { try reader.readFloats(into: $0) }
    }
    #expect(floats == [7])
  }
}
