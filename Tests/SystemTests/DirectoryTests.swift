import Glibc
import System
import Testing

@Suite struct DirectoryTests {
  let scratch = Scratch()

  @Test func `lists names without those that begin with a dot`() throws {
    let directory = try Directory(scratch.path)
    for name in ["b", "a", ".hidden"] { try directory.replaceFile(name, with: bytes(1).span.bytes) }
    #expect(try directory.names().sorted() == ["a", "b"])
    #expect(try directory.names().sorted() == ["a", "b"], "from the beginning again")
  }

  @Test func `renames and removes`() throws {
    let directory = try Directory(scratch.path)
    try directory.replaceFile("a", with: bytes(1).span.bytes)
    try directory.rename("a", to: "b")
    #expect(scratch.names == ["b"])
    let expected = FileError(operation: "rename", path: scratch.file("a"), errno: Errno(ENOENT))
    #expect(throws: expected) { try directory.rename("a", to: "c") }
    directory.remove("b")
    directory.remove("b")
    #expect(scratch.names == [])
  }

  @Test func `reads regular files up to a size only`() throws {
    let directory = try Directory(scratch.path)
    try directory.replaceFile("a", with: bytes(1, 2, 3).span.bytes)
    #expect(try directory.readFile("a", maximumBytes: 3) == [1, 2, 3])
    #expect(try directory.readFile("missing", maximumBytes: 3) == nil)
    mkfifo(scratch.file("pipe"), 0o600)
    symlink(scratch.file("a"), scratch.file("link"))
    for (name, operation, code) in [
      ("a", "read", EFBIG), ("pipe", "read", EFBIG), ("link", "open", ELOOP),
    ] {
      let expected = FileError(operation: operation, path: scratch.file(name), errno: Errno(code))
      #expect(throws: expected) { try directory.readFile(name, maximumBytes: 2) }
    }
  }

  @Test func `does not follow a link unless allowed`() throws {
    symlink(scratch.path, scratch.file("link"))
    let expected = FileError(operation: "open", path: scratch.file("link"), errno: Errno(ENOTDIR))
    #expect(throws: expected) { _ = try Directory(scratch.file("link")) }
    #expect(try Directory(scratch.file("link"), followsLink: true).names() == ["link"])
  }
}
