import Glibc
import System
import Testing

@Suite struct DescriptorTests {
  let scratch = Scratch()

  @Test func `is closed when it goes out of scope`() throws {
    let number: Int32
    do {
      let file = try Descriptor(opening: "/dev/null", O_RDONLY)
      number = file.number
      #expect(isOpen(number))
      #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
    }
    // Another test may have got the number since: then it is no longer this file.
    #expect(!isOpen(number) || !isNull(number))
  }

  @Test func `is closed once, explicitly or at the end of its scope`() async {
    // In a process of its own, where nothing else opens descriptors.
    await #expect(processExitsWith: .success) {
      let file = try Descriptor(opening: "/dev/null", O_RDONLY)
      let number = file.number
      errno = 0
      try file.close()
      #expect(errno == 0, "closing it once more would have failed")
      #expect(!isOpen(number))
      let next = open("/dev/null", O_RDONLY)
      #expect(next == number)
      try useUp(next)
      #expect(!isOpen(next))
    }
  }

  @Test func `reports what close(2) reports`() async {
    await #expect(processExitsWith: .success) {
      let file = try Descriptor(opening: "/dev/null", O_RDONLY)
      Glibc.close(file.number)
      do throws(Errno) {
        try file.close()
        Issue.record("reported nothing")
      } catch {
        #expect(error == Errno(EBADF))
      }
    }
  }

  @Test func `writes and reads at an offset`() throws {
    let file = try Descriptor(opening: scratch.file("a"), O_RDWR | O_CREAT)
    try file.writeAll(bytes(1, 2, 3, 4).span.bytes)
    try file.writeAll(bytes(9, 8).span.bytes, at: 1)
    #expect(try file.readAll(at: 0, count: 10) == [1, 9, 8, 4])
    #expect(try file.readAll(at: 3, count: 10) == [4])
    #expect(try file.readAll(at: 4, count: 10) == [])
    #expect(try file.readAll(at: 1, count: 2) == [9, 8])
    try file.truncate(to: 1)
    #expect(try file.facts().st_size == 1)
  }

  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
  func `reads a file to its end, up to a limit`(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let path = scratch.file("b")
    try Descriptor(opening: path, O_WRONLY | O_CREAT).writeAll(bytes.span.bytes)
    #expect(try Descriptor(opening: path, O_RDONLY).readAll(atMost: 1 << 20) == bytes)
    let few = try Descriptor(opening: path, O_RDONLY).readAll(atMost: 70_000)
    #expect(few == Array(bytes.prefix(70_000)))
  }

  @Test func `reports a full device`() throws {
    let full = try Descriptor(opening: "/dev/full", O_WRONLY)
    #expect(throws: Errno(ENOSPC)) { try full.writeAll(bytes(1).span.bytes) }
  }

  @Test func `distinguishes files by their identity`() throws {
    let (a, b) = (scratch.file("a"), scratch.file("b"))
    for path in [a, b] { _ = try Descriptor(opening: path, O_WRONLY | O_CREAT) }
    link(a, scratch.file("also-a"))
    symlink(a, scratch.file("link-to-a"))
    let identity = try #require(FileIdentity(at: a))
    #expect(identity == FileIdentity(try Descriptor(opening: a, O_RDONLY).facts()))
    #expect(identity == FileIdentity(at: scratch.file("also-a")))
    #expect(identity != FileIdentity(at: b))
    #expect(identity != FileIdentity(at: scratch.file("link-to-a")))
    #expect(FileIdentity(at: scratch.file("missing")) == nil)
  }
}

private func useUp(_ number: Int32) throws(Errno) {
  let descriptor = Descriptor(owning: number)
  #expect(isOpen(descriptor.number))
}

private func isNull(_ descriptor: Int32) -> Bool {
  var (own, null) = (stat(), stat())
  guard fstat(descriptor, &own) == 0, stat("/dev/null", &null) == 0 else { return false }
  return own.st_rdev == null.st_rdev
}
