import Glibc
import System
import Testing

@Suite struct UnixAddressTests {
  let scratch = Scratch()

  @Test func `accepts paths of 1 to 107 bytes`() {
    #expect(UnixAddress(path: "") == nil)
    #expect(UnixAddress(path: "a\0b") == nil)
    #expect(UnixAddress(path: String(repeating: "a", count: 107)) != nil)
    #expect(UnixAddress(path: String(repeating: "a", count: 108)) == nil)
    #expect(UnixAddress(abstractName: "") == nil)
    #expect(UnixAddress(abstractName: String(repeating: "a", count: 107)) == nil)
  }

  @Test(arguments: [false, true])
  func `sends a datagram to a path or an abstract name`(isAbstract: Bool) throws {
    let name = isAbstract ? "anomalyd-test-\(getpid())" : scratch.file("s")
    let address = try #require(
      isAbstract ? UnixAddress(abstractName: name) : UnixAddress(path: name))
    let server = try Descriptor(unixSocket: .datagram)
    try address.bind(server)
    try address.send(Array("READY=1".utf8), from: try Descriptor(unixSocket: .datagram))
    #expect(try server.readAll(atMost: 7) == Array("READY=1".utf8))
  }

  @Test func `replaces the file of a socket without a listener, and no other`() throws {
    let path = scratch.file("s")
    let address = try #require(UnixAddress(path: path))
    do {
      let first = try Descriptor(unixSocket: .stream)
      try address.bindReplacingStale(first, .stream)
      listen(first.number, 1)
      let second = try Descriptor(unixSocket: .stream)
      #expect(throws: UnixBindError.inUse) { try address.bindReplacingStale(second, .stream) }
    }
    #expect(scratch.names == ["s"])
    let third = try Descriptor(unixSocket: .stream)
    try address.bindReplacingStale(third, .stream)
    let other = try #require(UnixAddress(path: scratch.file("file")))
    try Directory(scratch.path).replaceFile("file", with: bytes(1).span.bytes)
    let fourth = try Descriptor(unixSocket: .stream)
    #expect(throws: UnixBindError.notASocket) { try other.bindReplacingStale(fourth, .stream) }
    #expect(try scratch.text("file") == "\u{1}")
    let nowhere = try #require(UnixAddress(path: scratch.file("missing/s")))
    #expect(throws: UnixBindError.system(call: "bind", Errno(ENOENT))) {
      try nowhere.bindReplacingStale(fourth, .stream)
    }
  }

  @Test func `reports a missing receiver as an error`() throws {
    let address = try #require(UnixAddress(path: scratch.file("s")))
    let client = try Descriptor(unixSocket: .datagram)
    #expect(throws: Errno(ENOENT)) { try address.connect(client) }
    try address.bind(try Descriptor(unixSocket: .datagram))
    #expect(throws: Errno(ECONNREFUSED)) { try address.send([1], from: client) }
  }
}
