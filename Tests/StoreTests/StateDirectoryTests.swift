import Glibc
import Series
import Store
import Support
import System
import Testing

@Suite struct StateDirectoryTests {
  @Test func `is locked by one process at a time`() throws {
    let scratch = Scratch()
    let first = try scratch.open()
    #expect(throws: StoreError.inUse(path: scratch.path, processID: getpid())) {
      try scratch.open()
    }
    withExtendedLifetime(first) {}
  }

  @Test func `is unlocked when its holder is released`() throws {
    let scratch = Scratch()
    _ = try scratch.open()
    _ = try scratch.open()
  }

  @Test func `is created if it is missing, accessible by its owner only`() throws {
    let scratch = Scratch()
    _ = try scratch.open()
    var status = stat()
    #expect(stat(scratch.path, &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o700)
  }

  @Test func `reports what prevents its use`() throws {
    let scratch = Scratch()
    let deep = scratch.path + "/a/b"
    #expect(
      throws: StoreError.system(FileError(operation: "mkdir", path: deep, errno: Errno(ENOENT)))
    ) {
      try StateDirectory(path: deep)
    }
    _ = try scratch.open()
    let file = scratch.path + "/lock"
    #expect(
      throws: StoreError.system(FileError(operation: "open", path: file, errno: Errno(ENOTDIR)))
    ) {
      try StateDirectory(path: file)
    }
  }

  // This changes the process, so it runs in one of its own.

  @Test func `a full disk leaves the newest checkpoint intact`() async throws {
    let scratch = Scratch()
    try save(someRecords(1), in: scratch.open())
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let state = try StateDirectory(path: path)
      let large = CheckpointRecord(
        kind: .metric, name: "m", payload: [UInt8](repeating: 1, count: 40_000))
      let file = path + "/checkpoint.new"
      #expect(throws: FileError(operation: "write", path: file, errno: Errno(EFBIG))) {
        try save([large, large, large], in: state)
      }
      #expect(access(file, F_OK) != 0)
      #expect(try restore(state).records == someRecords(1))
      try save(someRecords(2), in: state)
      #expect(try restore(state).records == someRecords(2))
    }
  }

  @Test func `a kill in the middle leaves the newest checkpoint intact`() async throws {
    let scratch = Scratch()
    try save(someRecords(1), in: scratch.open())
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = scratch.path as String] in
      let writer = try StateDirectory(path: path).beginCheckpoint(at: Timestamp(nanoseconds: 0))
      try writer.append(.metric, name: "m", payload: [UInt8](repeating: 1, count: 100_000))
      kill(getpid(), SIGKILL)
    }
    #expect(scratch.names == ["checkpoint", "checkpoint.new", "lock"])
    let state = try scratch.open()
    #expect(try restore(state).records == someRecords(1))
    try save(someRecords(2), in: state)
    #expect(try restore(state).records == someRecords(2))
    #expect(scratch.names == ["checkpoint", "checkpoint.old", "lock"])
  }

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
  func `a read-only directory is reported`() async throws {
    let scratch = Scratch()
    _ = try scratch.open()
    chmod(scratch.path, 0o755)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      let state = try StateDirectory(path: path)
      #expect(seteuid(65_534) == 0)
      let file = path + "/checkpoint.new"
      #expect(throws: FileError(operation: "open", path: file, errno: Errno(EACCES))) {
        try state.beginCheckpoint(at: Timestamp(nanoseconds: 0))
      }
      let lock = path + "/lock"
      #expect(
        throws: StoreError.system(FileError(operation: "open", path: lock, errno: Errno(EACCES)))
      ) {
        try StateDirectory(path: path)
      }
      #expect(seteuid(0) == 0)  // a sanitizer has files of its own to write at the end
    }
  }

  @Test(arguments: ["cut", "flip", "empty"])
  func `a damaged small file is set aside, and its previous content used`(damage: String) throws {
    let scratch = Scratch()
    let state = try scratch.open()
    try state.save([1, 2, 3], as: "silences")
    #expect(try state.load("silences", maximumBytes: 10)?.bytes == [1, 2, 3])
    try state.save([4, 5], as: "silences")
    var bytes = try scratch.read("silences")
    switch damage {
    case "cut": bytes.removeLast()
    case "flip": bytes[1] ^= 1
    default: bytes = []
    }
    try scratch.write("silences", bytes)
    let loaded = try #require(try state.load("silences", maximumBytes: 10))
    #expect(loaded.bytes == [1, 2, 3])
    #expect(loaded.fault != nil)
    #expect(scratch.names == ["lock", "silences.damaged", "silences.old"])
    // The next change does not lose the good one.
    try state.save([6], as: "silences")
    let newest = try #require(try state.load("silences", maximumBytes: 10))
    #expect(newest.bytes == [6] && newest.fault == nil)
    #expect(try state.load("none", maximumBytes: 10) == nil)
  }
}
