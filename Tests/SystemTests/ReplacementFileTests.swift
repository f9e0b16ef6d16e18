import Glibc
import Support
import System
import Testing

@Suite struct ReplacementFileTests {
  let scratch = Scratch()
  let old = Array("old".utf8)
  let new = Array("new and longer".utf8)

  @Test func `replaces a file as a whole, for its owner only`() throws {
    let directory = try Directory(scratch.path)
    try directory.replaceFile("a", with: old.span.bytes)
    try directory.replaceFile("a", with: new.span.bytes)
    #expect(try scratch.text("a") == "new and longer")
    #expect(scratch.names == ["a"])
    #expect(try directory.open("a", O_RDONLY).facts().st_mode & 0o7777 == 0o600)
  }

  @Test func `gives a shared file its mode, whatever the umask`() async {
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      umask(0o077)
      let directory = try Directory(path)
      try directory.replaceFile("a", with: bytes(1).span.bytes, sharedAs: 0o644)
      #expect(try directory.open("a", O_RDONLY).facts().st_mode & 0o7777 == 0o644)
      try replaceFile(path + "/b", with: bytes(1).span.bytes, mode: 0o644)
      #expect(try directory.open("b", O_RDONLY).facts().st_mode & 0o7777 == 0o600)
      try Directory.create(path + "/d", mode: 0o750)
      var facts = stat()
      #expect(stat(path + "/d", &facts) == 0 && facts.st_mode & 0o777 == 0o750)
    }
  }

  @Test func `a file that grows too large leaves the old one intact`() async throws {
    try Directory(scratch.path).replaceFile("a", with: old.span.bytes)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let directory = try Directory(path)
      let expected = FileError(operation: "write", path: path + "/a.new", errno: Errno(EFBIG))
      let large = [UInt8](repeating: 1, count: 2000)
      #expect(throws: expected) { try directory.replaceFile("a", with: large.span.bytes) }
      #expect(throws: expected) {
        try replaceFile(path + "/a", with: large.span.bytes, mode: 0o644)
      }
    }
    #expect(try scratch.text("a") == "old")
    #expect(scratch.names == ["a"])
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `a full disk leaves the old file intact`() async throws {
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      #expect(mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0)
      defer { umount(path) }
      let directory = try Directory(path)
      try directory.replaceFile("a", with: bytes(1, 2).span.bytes)
      let large = [UInt8](repeating: 1, count: 100_000)
      let expected = FileError(operation: "write", path: path + "/a.new", errno: Errno(ENOSPC))
      #expect(throws: expected) { try directory.replaceFile("a", with: large.span.bytes) }
      #expect(try directory.readFile("a", maximumBytes: 10) == [1, 2])
      #expect(try directory.names() == ["a"])
      try directory.replaceFile("a", with: bytes(3).span.bytes)
      #expect(try directory.readFile("a", maximumBytes: 10) == [3])
    }
  }

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
  func `a read-only directory leaves the old file intact`() async throws {
    try Directory(scratch.path).replaceFile("a", with: old.span.bytes, sharedAs: 0o644)
    await #expect(processExitsWith: .success) { [path = scratch.path as String] in
      #expect(seteuid(65_534) == 0)
      let expected = FileError(operation: "open", path: path + "/a.new", errno: Errno(EACCES))
      #expect(throws: expected) {
        try Directory(path).replaceFile("a", with: bytes(1).span.bytes)
      }
      #expect(seteuid(0) == 0)  // a sanitizer has files of its own to write at the end
    }
    #expect(try scratch.text("a") == "old")
  }

  @Test func `a directory of that name stays, and no temporary file is left behind`() throws {
    try Directory.create(scratch.file("a"), mode: 0o755)
    let directory = try Directory(scratch.path)
    let expected = FileError(
      operation: "rename", path: scratch.file("a.new"), errno: Errno(EISDIR))
    #expect(throws: expected) { try directory.replaceFile("a", with: new.span.bytes) }
    #expect(scratch.names == ["a"])
  }

  @Test func `follows no link in place of the temporary file`() throws {
    let directory = try Directory(scratch.path)
    try directory.replaceFile("precious", with: old.span.bytes)
    symlink(scratch.file("precious"), scratch.file("a.new"))
    try directory.replaceFile("a", with: new.span.bytes)
    #expect(try scratch.text("precious") == "old")
    #expect(scratch.names == ["a", "precious"])
  }

  @Test func `is removed unless it is moved into place`() throws {
    let directory = try Directory(scratch.path)
    do {
      let file = try ReplacementFile("a.new", in: directory)
      try file.write(new.span.bytes)
      #expect(scratch.names == ["a.new"])
    }
    #expect(scratch.names == [])
  }

  @Test func `moves a file into another directory`() throws {
    try Directory.create(scratch.file("tmp"), mode: 0o700)
    let tmp = try Directory(scratch.file("tmp"))
    let directory = try Directory(scratch.path)
    let file = try ReplacementFile("x", in: tmp, mode: 0o640)
    try file.write(new.span.bytes)
    try file.write(old.span.bytes)
    try file.move(to: "a", in: directory)
    #expect(try scratch.text("a") == "new and longerold")
    #expect(try tmp.names() == [])
  }
}
