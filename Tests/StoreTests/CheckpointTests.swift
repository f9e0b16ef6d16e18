import Glibc
import Series
import Store
import System
import Testing

@Suite struct CheckpointTests {
  @Test func `restores what was written, in order`() throws {
    let scratch = Scratch()
    let bytes = try save(someRecords(7), in: scratch.open(), at: 42)
    let (report, records) = try restore(scratch.open())
    #expect(records == someRecords(7))
    #expect(report?.made == Timestamp(nanoseconds: 42_000_000_000))
    #expect(report?.records == 3)
    #expect(report?.lost == 0)
    #expect(report?.newestUnusable == nil)
    #expect(try scratch.read("checkpoint").count == bytes)
    #expect(scratch.names == ["checkpoint", "lock"])
  }

  @Test func `no checkpoint at all is no error`() throws {
    let (report, records) = try restore(Scratch().open())
    #expect(report == nil)
    #expect(records.isEmpty)
  }

  @Test func `records larger than the buffer survive`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    let sizes = [0, 1, 65_535, 65_536, 65_537, 300_000, 17]
    let records = sizes.map { size in
      CheckpointRecord(
        kind: .metric, name: "m\(size)",
        payload: (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) })
    }
    try save(records, in: state)
    #expect(try restore(state).records == records)
  }

  @Test func `keeps the previous one`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    for seed in 1...3 as ClosedRange<UInt8> { try save(someRecords(seed), in: state) }
    #expect(scratch.names == ["checkpoint", "checkpoint.old", "lock"])
    #expect(try restore(state).records == someRecords(3))
    try scratch.remove("checkpoint")
    let (report, records) = try restore(state)
    #expect(records == someRecords(2))
    #expect(report?.newestUnusable == .missing)
  }

  @Test func `an abandoned checkpoint leaves no trace`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let before = try scratch.read("checkpoint")
    let writer = try state.beginCheckpoint(at: Timestamp(nanoseconds: 0))
    try writer.append(.metric, name: "x", payload: [UInt8](repeating: 1, count: 100_000))
    #expect(scratch.names.contains("checkpoint.new"))
    writer.abandon()
    #expect(scratch.names == ["checkpoint", "lock"])
    #expect(try scratch.read("checkpoint") == before)
  }

  @Test func `the rest of an interrupted checkpoint is ignored and replaced`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    try scratch.write("checkpoint.new", Array(try scratch.read("checkpoint").prefix(40)))
    #expect(try restore(state).records == someRecords(1))
    try save(someRecords(2), in: state)
    #expect(try restore(state).records == someRecords(2))
    #expect(!scratch.names.contains("checkpoint.new"))
  }

  @Test func `a truncated file of any length falls back to the previous one`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let old = try scratch.read("checkpoint")
    try save(someRecords(2), in: state)
    let whole = try scratch.read("checkpoint")
    for length in 0..<whole.count {
      try scratch.write("checkpoint", Array(whole[..<length]))
      try scratch.write("checkpoint.old", old)
      let (report, records) = try restore(state)
      #expect(records == someRecords(1))
      guard
        case .damaged(.truncated(_, let offset, let expected, let available)) =
          report?.newestUnusable
      else {
        Issue.record("length \(length): found \(report?.newestUnusable as Any)")
        continue
      }
      #expect(available < expected)
      #expect(offset + available == length)
    }
  }

  @Test func `a flipped bit loses one record or falls back to the previous one`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let old = try scratch.read("checkpoint")
    try save(someRecords(2), in: state)
    let whole = try scratch.read("checkpoint")
    var losses: [String] = []
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 1 << UInt8(index % 8)
      try scratch.write("checkpoint", bytes)
      try scratch.write("checkpoint.old", old)
      let (report, records) = try restore(state)
      if report?.newestUnusable != nil {
        #expect(records == someRecords(1), "byte \(index)")
      } else {
        losses += try #require(report?.lostNames)
        #expect(records == someRecords(2).filter { report?.lostNames.contains($0.name) == false })
      }
    }
    // One byte of payload in the first record, three in the last.
    #expect(losses == ["", "cpu.busy", "cpu.busy", "cpu.busy"])
  }

  @Test func `a damaged checkpoint is renamed, and the good previous one survives the next`() throws
  {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    try save(someRecords(2), in: state)
    try scratch.write("checkpoint", [1, 2, 3])
    #expect(
      try restore(state).report?.newestUnusable == .damaged(.notACheckpoint(found: [1, 2, 3])))
    #expect(try scratch.read("checkpoint.damaged") == [1, 2, 3])
    try save(someRecords(3), in: state)
    try scratch.remove("checkpoint")
    #expect(try restore(state).records == someRecords(1))
  }

  @Test func `reports what is wrong with both if neither is usable`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    var newer = try scratch.read("checkpoint")
    newer[8] = 9
    try scratch.write("checkpoint", newer)
    try scratch.write("checkpoint.old", Array("anomchk\n".utf8))
    let expected = StoreError.nothingUsable(
      newest: .damaged(.unsupportedVersion(found: 9, supported: 2)),
      previous: .damaged(
        .truncated(section: .header, offset: 0, expectedBytes: 28, availableBytes: 8)))
    #expect(throws: expected) { try restore(state) }
    #expect(
      expected.description
        == "no checkpoint is usable; the newest: expected format version 2, found 9; kept as "
        + "checkpoint.version-9; the previous one: expected 28 bytes of header at offset 0, found 8"
    )
    for seed: UInt8 in 1...3 { try save(someRecords(seed), in: state) }
    #expect(try scratch.read("checkpoint.version-9") == newer)
  }

  @Test func `a directory in place of a checkpoint is reported`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    _ = try StateDirectory(path: scratch.path + "/checkpoint")
    #expect(
      throws: StoreError.nothingUsable(
        newest: .unreadable(operation: "read", errno: Errno(EISDIR)), previous: .missing)
    ) { try restore(state) }
  }

  @Test func `bytes after the end are damage`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let whole = try scratch.read("checkpoint")
    try scratch.write("checkpoint", whole + [0])
    #expect(
      throws: StoreError.nothingUsable(
        newest: .damaged(.trailingBytes(offset: whole.count, count: 1)), previous: .missing)
    ) { try restore(state) }
  }
}
