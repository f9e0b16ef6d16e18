import Glibc
import Series
import Store
import System
import Testing

@Suite struct BackgroundCheckpointTests {
  /// More than can be in progress at a time.
  private static let many = (0..<40).map { index in
    CheckpointRecord(
      kind: .metric, name: "m\(index)",
      payload: (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) })
  }

  @Test(arguments: [someRecords(3), many])
  func `writes the same file as the blocking writer`(records: [CheckpointRecord]) throws {
    let direct = Scratch()
    try save(records, in: direct.open(), at: 42)
    let scratch = Scratch()
    let state = try scratch.open()
    let checkpoint = try state.beginBackgroundCheckpoint(
      at: Timestamp(nanoseconds: 42_000_000_000))
    for record in records { checkpoint.appendPatiently(record) }
    checkpoint.finish()
    let bytes = try checkpoint.waited()?.get()
    #expect(bytes == checkpoint.bytes)
    #expect(try scratch.read("checkpoint") == direct.read("checkpoint"))
    #expect(scratch.names == ["checkpoint", "lock"])
    // A second one sets the first aside, as usual.
    let next = try state.beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 43_000_000_000))
    next.finish()
    #expect(try next.waited()?.get() == next.bytes)
    #expect(scratch.names == ["checkpoint", "checkpoint.old", "lock"])
  }

  @Test func `never has more pieces under way than its limit`() throws {
    let scratch = Scratch()
    let checkpoint = try scratch.open().beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 0))
    let piece = [UInt8](repeating: 7, count: BackgroundCheckpoint.pieceBytes)
    var appended = 0
    // A thread keeps up for some time, but not with this.
    while checkpoint.hasRoom, appended < 20_000 {
      checkpoint.append(.metric, name: "m") { $0.write(raw: piece) }
      appended += 1
    }
    #expect(appended >= BackgroundCheckpoint.piecesUnderWay)
    #expect(appended < 20_000)
    checkpoint.cancel()
  }

  @Test func `cancelling at any point leaves no trace`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try save(someRecords(1), in: state)
    let before = try scratch.read("checkpoint")
    for count in [0, 1, 10, 40] {
      let checkpoint = try state.beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 0))
      for record in BackgroundCheckpointTests.many.prefix(count) {
        checkpoint.appendPatiently(record)
      }
      checkpoint.cancel()
      #expect(checkpoint.outcome == nil)
      #expect(scratch.names == ["checkpoint", "lock"])
      #expect(try scratch.read("checkpoint") == before)
    }
  }

  @Test func `ends by itself when it is released`() throws {
    let scratch = Scratch()
    let state = try scratch.open()
    _ = try state.beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 0))
    #expect(scratch.names == ["lock"])
  }

  // This changes the process, so it runs in one of its own.

  @Test func `a full disk is reported and leaves the newest checkpoint intact`() async throws {
    let scratch = Scratch()
    try save(someRecords(1), in: scratch.open())
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 3_000_000, rlim_max: 3_000_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let state = try StateDirectory(path: path)
      let checkpoint = try state.beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 0))
      // Continues as if nothing were wrong: nothing waits for room that never comes.
      for index in 0..<40 {
        checkpoint.appendPatiently(
          CheckpointRecord(
            kind: .metric, name: "m\(index)", payload: [UInt8](repeating: 1, count: 400_000)))
      }
      checkpoint.finish()
      let file = path + "/checkpoint.new"
      #expect(
        checkpoint.waited()
          == .failure(FileError(operation: "write", path: file, errno: Errno(EFBIG))))
      #expect(access(file, F_OK) != 0)
      #expect(try restore(state).records == someRecords(1))
    }
  }

  @Test(arguments: [1, 40])
  func `a kill at any time leaves the newest checkpoint intact`(records: Int) async throws {
    let scratch = Scratch()
    try save(someRecords(1), in: scratch.open())
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.path as String, records = records as Int] in
      let checkpoint = try StateDirectory(path: path)
        .beginBackgroundCheckpoint(at: Timestamp(nanoseconds: 0))
      for record in BackgroundCheckpointTests.many.prefix(records) {
        checkpoint.appendPatiently(record)
      }
      kill(getpid(), SIGKILL)
    }
    let state = try scratch.open()
    #expect(try restore(state).records == someRecords(1))
    #expect(try restore(state).report?.newestUnusable == nil)
    try save(someRecords(2), in: state)
    #expect(scratch.names == ["checkpoint", "checkpoint.old", "lock"])
  }
}

extension BackgroundCheckpoint {
  fileprivate func appendPatiently(_ record: CheckpointRecord) {
    while !hasRoom { waitForNews() }
    append(record.kind, name: record.name) { $0.write(raw: record.payload) }
  }

  fileprivate func waited() -> Result<Int, FileError>? {
    let deadline = time(nil) + 30
    while outcome == nil, time(nil) < deadline { waitForNews() }
    return outcome
  }

  private func waitForNews() {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&wanted, 1, 1000)
    acknowledge()
  }
}
