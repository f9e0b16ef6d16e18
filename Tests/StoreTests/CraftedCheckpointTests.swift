import Series
import Store
import Testing

/// Files with correct checksums and invalid contents.
@Suite struct CraftedCheckpointTests {
  /// The bytes of a record header with a valid checksum.
  private func header(
    kind: UInt8, name: [UInt8], payloadBytes: UInt32, payloadChecksum: UInt32 = 0
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(kind)
    writer.write(UInt8(0))
    writer.write(UInt16(name.count))
    writer.write(payloadBytes)
    writer.write(payloadChecksum)
    writer.write(raw: name)
    writer.write(CRC32C.checksum(of: writer.bytes))
    return writer.bytes
  }

  /// The end after these headers, with a valid checksum.
  private func end(count: UInt64, after headers: [[UInt8]]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(raw: [0xFF, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
    writer.write(count)
    writer.write(CRC32C.checksum(of: headers.flatMap { $0.dropLast(4) } + writer.bytes))
    return writer.bytes
  }

  /// The header of a checkpoint without records, taken from one.
  private func fileHeader(_ scratch: Scratch) throws -> [UInt8] {
    try save([], in: scratch.open())
    return Array(try scratch.read("checkpoint").prefix(28))
  }

  private func fault(of bytes: [UInt8], in scratch: Scratch) throws -> CheckpointFault? {
    try scratch.write("checkpoint", bytes)
    do {
      _ = try restore(scratch.open())
      return nil
    } catch StoreError.nothingUsable(let newest, previous: .missing) {
      return newest
    }
  }

  @Test func `an oversized record is rejected`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    let record = header(kind: 3, name: Array("m".utf8), payloadBytes: .max)
    #expect(
      try fault(of: start + record, in: scratch)
        == .damaged(
          .recordTooLarge(offset: 28, bytes: Int(UInt32.max), maximumBytes: 64 << 20)))
  }

  @Test func `a payload that runs past the end is truncated`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    let record = header(kind: 3, name: Array("m".utf8), payloadBytes: 60 << 20)
    #expect(
      try fault(of: start + record + [1, 2], in: scratch)
        == .damaged(
          .truncated(
            section: .payload, offset: 45, expectedBytes: 60 << 20, availableBytes: 2)))
  }

  @Test func `a name that is not text is damage`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    let record = header(kind: 3, name: [0xFF], payloadBytes: 0)
    #expect(
      try fault(of: start + record, in: scratch) == .damaged(.invalidName(offset: 40)))
  }

  @Test(arguments: [(UInt32(7), UInt32(2), true), (7, 3, false), (7, 0, false), (2, 9, true)])
  func `a newer version is read if its layout is declared to be the same`(
    version: UInt32, least: UInt32, isReadable: Bool
  ) throws {
    let scratch = Scratch()
    try save([CheckpointRecord(kind: .metric, name: "a", payload: [1])], in: scratch.open())
    var bytes = try scratch.read("checkpoint")
    var header = ByteWriter()
    header.write(raw: bytes[..<8])
    header.write(version)
    header.write(least)
    header.write(raw: bytes[16..<24])
    header.write(CRC32C.checksum(of: header.bytes))
    let record = bytes[28..<45]
    let end = end(count: 1, after: [header.bytes, Array(record)])
    bytes = header.bytes + bytes[28..<46] + end
    let found = try fault(of: bytes, in: scratch)
    #expect((found == nil) == isReadable, "\(found.map(\.description) ?? "readable")")
  }

  @Test func `the version of a record is returned with it`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    var record = header(kind: 1, name: Array("a".utf8), payloadBytes: 0)
    record[1] = 3
    record.replaceSubrange(13..., with: [])
    var writer = ByteWriter()
    writer.write(raw: record)
    writer.write(CRC32C.checksum(of: record))
    try scratch.write(
      "checkpoint", start + writer.bytes + end(count: 1, after: [start, writer.bytes]))
    let (_, records) = try restore(scratch.open())
    #expect(records == [CheckpointRecord(kind: .agent, version: 3, name: "a", payload: [])])
  }

  @Test func `a record of an unknown kind is lost alone, and named`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    let known = header(kind: 3, name: Array("a".utf8), payloadBytes: 0)
    let unknown = header(kind: 9, name: Array("b".utf8), payloadBytes: 0)
    let end = end(count: 2, after: [start, unknown, known])
    try scratch.write("checkpoint", start + unknown + known + end)
    let (report, records) = try restore(scratch.open())
    #expect(records == [CheckpointRecord(kind: .metric, name: "a", payload: [])])
    #expect(report?.lostNames == ["b"])
  }

  @Test func `a missing or moved record is damage`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    let a = header(kind: 3, name: Array("a".utf8), payloadBytes: 0)
    let b = header(kind: 3, name: Array("b".utf8), payloadBytes: 0)
    let end = end(count: 2, after: [start, a, b])
    #expect(try fault(of: start + a + b + end, in: scratch) == nil)
    for spliced in [start + b + a + end, start + a + end] {
      guard
        case .damaged(.checksumMismatch(section: .end, _, _, _)) =
          try fault(of: spliced, in: scratch)
      else {
        Issue.record("expected a wrong checksum at the end")
        continue
      }
    }
    #expect(
      try fault(of: start + a + b + self.end(count: 3, after: [start, a, b]), in: scratch)
        == .damaged(.wrongCount(expected: 3, found: 2)))
  }

  @Test func `random bytes are rejected without a crash`() throws {
    let scratch = Scratch()
    let start = try fileHeader(scratch)
    var bits: UInt64 = 11
    for length in 1..<80 {
      let noise = (0..<length).map { _ in
        bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: bits >> 40)
      }
      #expect(try fault(of: noise, in: scratch) != nil)
      #expect(try fault(of: start + noise, in: scratch) != nil)
    }
  }
}
