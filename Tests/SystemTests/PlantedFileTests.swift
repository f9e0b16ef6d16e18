import Glibc
import Support
import System
import Testing

/// Files planted by another user where this process writes.
@Suite struct PlantedFileTests {
  let scratch = Scratch()
  private let flags = O_WRONLY | O_APPEND | O_CREAT

  private func link(_ name: String, to target: String, by user: uid_t? = nil) {
    #expect(symlink(target, scratch.file(name)) == 0)
    if let user { #expect(lchown(scratch.file(name), user, user) == 0) }
  }

  private func append(_ name: String) throws(Errno) {
    let file = try TrustedLink.open(scratch.file(name), flags, mode: 0o600)
    try file.writeAll(bytes(0x78).span.bytes)
  }

  @Test func `follows links of this user, relative ones as well, to a file that may be new`() throws
  {
    #expect(mkdir(scratch.file("d"), 0o700) == 0)
    link("a", to: "d/b")
    link("d/b", to: "../c")
    link("e", to: scratch.file("c"))
    try append("a")
    try append("e")
    #expect(try scratch.text("c") == "xx")
  }

  @Test func `finds slashes before combining marks in a path, too`() throws {
    #expect(mkdir(scratch.file("\u{301}d"), 0o700) == 0)
    link("\u{301}d/a", to: "../b")
    link("c", to: scratch.file("\u{301}d/a"))
    try append("\u{301}d/a")
    try append("c")
    #expect(try scratch.text("b") == "xx")
  }

  @Test(.enabled(if: Needs.root.isMet, "\(Needs.root)"))
  func `follows no link of another user, not even at the end of its own`() throws {
    link("planted", to: scratch.file("precious"), by: 65_534)
    #expect(throws: Errno(ELOOP)) { try append("planted") }
    link("own", to: "planted")
    #expect(throws: Errno(ELOOP)) { try append("own") }
    #expect(scratch.names == ["own", "planted"])
  }

  @Test func `a circle of links ends`() {
    link("a", to: "b")
    link("b", to: "a")
    #expect(throws: Errno(ELOOP)) { try append("a") }
  }

  @Test func `the kernel's links lead to what is open`() throws {
    let pipe = try Pipe()
    link("out", to: "/proc/self/fd/\(pipe.writing.number)")
    try TrustedLink.open(scratch.file("out"), O_WRONLY, mode: 0).writeAll(bytes(1).span.bytes)
    #expect(try pipe.reading.readAll(atMost: 1) == [1])
  }

  @Test func `sets the mode of the bound socket, whatever has its name by then`() throws {
    let path = scratch.file("s")
    let socket = try Descriptor(unixSocket: .datagram)
    try #require(UnixAddress(path: path)).bind(socket)
    let file = try SocketFile(boundAt: path)
    #expect(rename(path, scratch.file("moved")) == 0)
    try Directory(scratch.path).replaceFile("precious", with: bytes(1).span.bytes)
    link("s", to: "precious")
    try file.setMode(0o606)
    var facts = stat()
    #expect(stat(scratch.file("moved"), &facts) == 0 && facts.st_mode & 0o777 == 0o606)
    #expect(stat(scratch.file("precious"), &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    #expect(file.identity == FileIdentity(at: scratch.file("moved")))
  }

  @Test func `mistakes nothing else for the bound socket`() throws {
    let socket = try Descriptor(unixSocket: .datagram)
    try #require(UnixAddress(path: scratch.file("older"))).bind(socket)
    #expect(Glibc.link(scratch.file("older"), scratch.file("second")) == 0)
    link("link", to: "older")
    try Directory(scratch.path).replaceFile("file", with: bytes(1).span.bytes)
    for name in ["second", "link", "file"] {
      #expect(throws: UnixBindError.notASocket, "\(name)") {
        _ = try SocketFile(boundAt: scratch.file(name))
      }
    }
    #expect(throws: UnixBindError.system(call: "open", Errno(ENOENT))) {
      _ = try SocketFile(boundAt: scratch.file("missing"))
    }
  }
}
