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

  @Test func `a missing checkpoint is not an error`() throws {
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

  @Test func `a flipped bit takes one record, or all, from the previous one`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let old = try scratch.read("checkpoint")
    try save(someRecords(2), in: state)
    let whole = try scratch.read("checkpoint")
    var recovered: [String] = []
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 1 << UInt8(index % 8)
      try scratch.write("checkpoint", bytes)
      try scratch.write("checkpoint.old", old)
      let (report, records) = try restore(state)
      if report?.newestUnusable != nil {
        #expect(records == someRecords(1), "byte \(index)")
      } else {
        let name = report?.firstRecovered
        recovered += [name].compactMap(\.self)
        #expect(report?.lost == 0)
        #expect(report?.records == 3)
        #expect(
          records == someRecords(2).filter { $0.name != name }
            + someRecords(1).filter { $0.name == name })
      }
    }
    // One byte of payload in the first record, three in the last.
    #expect(recovered == ["", "cpu.busy", "cpu.busy", "cpu.busy"])
  }

  @Test func `a damaged record without an undamaged predecessor is lost, the file is kept`() throws
  {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    var bytes = try scratch.read("checkpoint")
    let place = try #require(bytes.indices.last { bytes[$0...].starts(with: [1, 2, 1]) })
    bytes[place] ^= 1
    try scratch.write("checkpoint", bytes)
    let (report, records) = try restore(state)
    #expect(report?.lostNames == ["cpu.busy"])
    #expect(report?.recovered == 0)
    #expect(records == Array(someRecords(1).dropLast()))
    for seed: UInt8 in 2...3 { try save(someRecords(seed), in: state) }
    #expect(try scratch.read("checkpoint.damaged") == bytes)
  }

  @Test func `a record that its reader refuses comes from the previous checkpoint too`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    try save(someRecords(2), in: state)
    var taken: [CheckpointRecord] = []
    let report = try state.restoreEach({ record in
      guard record.payload.last != 2 || record.kind != .metric else { return false }
      taken.append(record)
      return true
    })
    #expect(taken == Array(someRecords(2).dropLast()) + [someRecords(1)[2]])
    #expect(report?.recovered == 1)
    #expect(report?.firstRecovered == "cpu.busy")
    #expect(report?.lost == 0)
  }

  @Test func `neither of two checkpoints of another version is ever replaced`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    var (newest, previous) = (try scratch.read("checkpoint"), try scratch.read("checkpoint"))
    (newest[8], previous[8], previous[16]) = (9, 9, 77)
    try scratch.write("checkpoint", newest)
    try scratch.write("checkpoint.old", previous)
    #expect(throws: StoreError.self) { try restore(state) }
    for seed: UInt8 in 1...3 { try save(someRecords(seed), in: state) }
    #expect(try scratch.read("checkpoint.version-9") == newest)
    #expect(try scratch.read("checkpoint.version-9.2") == previous)
    try scratch.write("checkpoint.old", previous)
    #expect(try restore(state).records == someRecords(3))
    #expect(try scratch.read("checkpoint.version-9.3") == previous)
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
