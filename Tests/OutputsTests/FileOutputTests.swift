import Detection
import Glibc
import Outputs
import Series
import Support
import Testing

@Suite struct FileOutputTests {
  @Test func `appends a line for each transition`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    write("earlier\n", atEndOf: path)
    let output = FileOutput(name: "log", path: path, clock: noTime)
    output.emit(.opened(event()))
    output.emit(.closed(event(closedAfter: 20)))
    let expected = try [
      EventJSON(.opened(event())).line(), EventJSON(event(closedAfter: 20)).line(),
    ]
    #expect(contents(path) == "earlier\n" + expected.joined(separator: "\n") + "\n")
    #expect(output.health.delivered == 2)
    #expect(output.drainNotices().isEmpty)
  }

  @Test func `begins on a new line after what a crash left unfinished`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    write("{\"torn", atEndOf: path)
    FileOutput(name: "log", path: path, clock: noTime).emit(.opened(event()))
    #expect(contents(path).hasPrefix("{\"torn\n{\"began\""))
  }

  @Test func `follows its name after a rotation`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    let output = FileOutput(name: "log", path: path, clock: noTime)
    output.emit(.opened(event(0)))
    #expect(rename(path, path + ".1") == 0)
    output.reopen()
    #expect(access(path, F_OK) == 0)
    output.emit(.opened(event(1)))
    #expect(try ids(path + ".1") == ["\(event(0).id)"])
    #expect(try ids(path) == ["\(event(1).id)"])
  }

  @Test func `lines wait for a missing directory and are written in order`() throws {
    let scratch = Scratch()
    let path = scratch.file("later/events")
    let output = FileOutput(
      name: "log",
      path: path,
      clock: { Timestamp(nanoseconds: 7) }
    )
    output.emit(.opened(event(0)))
    output.emit(.opened(event(1)))
    #expect(output.health.waiting == 2)
    #expect(output.health.lastErrorAt == Timestamp(nanoseconds: 7))
    #expect(
      output.drainNotices() == [
        Notice(
          .warning,
          "output log: \(path) cannot be opened: No such file or directory; "
            + "lines wait and are written later"
        )
      ]
    )
    mkdir(scratch.file("later"), 0o700)
    output.flush()
    #expect(try ids(path) == ["\(event(0).id)", "\(event(1).id)"])
    #expect(output.health.waiting == 0)
    #expect(output.drainNotices().map(\.severity) == [.info])
  }

  @Test func `gives up the oldest lines of a full queue and counts them`() throws {
    let output = FileOutput(name: "log", path: "/dev/full", maximumWaiting: 3, clock: noTime)
    for index in 0..<5 { output.emit(.opened(event(index))) }
    #expect(output.health.waiting == 3)
    #expect(output.health.dropped == 2)
    #expect(output.health.failures == 5)
    #expect(
      output.health.lastError == "/dev/full cannot be written: No space left on device"
    )
    #expect(output.drainNotices().count == 2)
    #expect(output.unsaved == 3)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a tmpfs"))
  func `a full disk loses and tears nothing`() throws {
    let disk = try SmallDisk(pages: 4)
    write(String(repeating: "x", count: 8192), atEndOf: disk.file("filler"))
    let path = disk.file("events")
    let output = FileOutput(name: "log", path: path, clock: noTime)
    for index in 0..<25 { output.emit(.opened(event(index))) }
    #expect(output.health.waiting > 0)
    #expect(contents(path).last != "\n", "the disk was to fill up inside a line")
    unlink(disk.file("filler"))
    output.reopen()
    #expect(try ids(path) == (0..<25).map { "\(event($0).id)" })
    #expect(output.health.dropped == 0)
    #expect(output.health.delivered == 25)
  }
}

/// A file system of a few pages, unmounted when this goes away.
final class SmallDisk {
  private let scratch = Scratch()

  struct Refused: Error {
    var number: Int32
  }

  init(pages: Int) throws {
    let options = "size=\(pages * Int(getpagesize()))"
    guard mount("tmpfs", scratch.path, "tmpfs", 0, options) == 0 else {
      throw Refused(number: errno)
    }
  }

  static var isPossible: Bool { (try? SmallDisk(pages: 1)) != nil }

  func file(_ name: String) -> String { scratch.file(name) }

  deinit { umount2(scratch.path, Int32(MNT_DETACH)) }
}
