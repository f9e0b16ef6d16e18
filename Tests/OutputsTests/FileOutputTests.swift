import Detection
import Events
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
    #expect(output.health.lastError == "\(path) cannot be opened: No such file or directory")
    #expect(output.health.isFailing)
    mkdir(scratch.file("later"), 0o700)
    output.flush()
    #expect(try ids(path) == ["\(event(0).id)", "\(event(1).id)"])
    #expect(output.health.waiting == 0)
    #expect(!output.health.isFailing)
    #expect(output.drainNotices().isEmpty)
  }

  @Test func `a line that an earlier run has written is not written again`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    let first = FileOutput(name: "log", path: path, clock: noTime)
    for index in 0..<3 { first.emit(.opened(event(index))) }
    write("{\"torn", atEndOf: path)
    let second = FileOutput(name: "log", path: path, clock: noTime)
    second.recognizeEarlierSteps()
    for index in 1..<5 { second.emit(.opened(event(index))) }
    #expect(try ids(path) == (0..<5).map { "\(event($0).id)" })
    #expect(second.health.delivered == 4)
    second.emit(.opened(event(4)))
    #expect(try ids(path).count == 6, "what this run has written is written again")
  }

  @Test func `a step that an earlier run has written is recognised whatever else its line says`()
    throws
  {
    let scratch = Scratch()
    let path = scratch.file("events")
    var keeping = FileKeeping()
    keeping.maximumBytes = try lineBytes * 13 / 2
    let first = FileOutput(name: "log", path: path, keeping: keeping, clock: noTime)
    for index in 0..<8 { first.emit(.opened(event(index))) }
    first.emit(.closed(event(7, closedAfter: 30)))
    #expect(access(path + ".1", F_OK) == 0, "some are in the file that was rotated")
    let written = try ids(path + ".1") + ids(path)
    #expect(written.count == 9)

    let second = FileOutput(name: "log", path: path, keeping: keeping, clock: noTime)
    second.recognizeEarlierSteps()
    var again = event(7)
    again.samples.removeAll()
    second.emit(.opened(again))
    second.emit(.closed(event(7, closedAfter: 30)))
    #expect(second.health.delivered == 2 && second.unsaved == 0)
    second.emit(.closed(event(7, closedAfter: 60)))
    second.emit(.opened(event(6)))
    #expect(
      try ids(path + ".1") + ids(path) == written + ["\(event(7).id)"],
      "only the later end of the event is new")
  }

  @Test func `a step that is there already does not overtake lines that wait`() throws {
    let scratch = Scratch()
    let path = scratch.file("folder/events")
    mkdir(scratch.file("folder"), 0o700)
    let first = FileOutput(name: "log", path: path, clock: noTime)
    first.emit(.opened(event(1)))
    let second = FileOutput(name: "log", path: path, clock: noTime)
    second.recognizeEarlierSteps()
    rename(scratch.file("folder"), scratch.file("away"))
    second.emit(.opened(event(0)))
    second.emit(.opened(event(1)))
    #expect(second.unsaved == 2, "or the daemon would store that the first was delivered")
    rename(scratch.file("away"), scratch.file("folder"))
    second.flush()
    #expect(second.unsaved == 0 && second.health.delivered == 2)
    #expect(try ids(path) == [1, 0].map { "\(event($0).id)" })
  }

  @Test func `a reopened file that cannot be opened is tried again, even if no line waits`() {
    let scratch = Scratch()
    let output = FileOutput(name: "log", path: scratch.file("later/events"), clock: noTime)
    output.reopen()
    #expect(output.health.isFailing && output.health.waiting == 0)
    mkdir(scratch.file("later"), 0o700)
    output.flush()
    #expect(!output.health.isFailing)
  }

  @Test func `drops the oldest lines of a full queue and counts them`() throws {
    let output = FileOutput(name: "log", path: "/dev/full", maximumWaiting: 3, clock: noTime)
    for index in 0..<5 { output.emit(.opened(event(index))) }
    #expect(output.health.waiting == 3)
    #expect(output.health.dropped == 2)
    #expect(output.health.failures == 5)
    #expect(
      output.health.lastError == "/dev/full cannot be written: No space left on device"
    )
    #expect(output.drainNotices().count == 1)
    #expect(output.unsaved == 3)
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
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

/// A file system of a few pages, unmounted when it is released.
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

  func file(_ name: String) -> String { scratch.file(name) }

  deinit { umount2(scratch.path, Int32(MNT_DETACH)) }
}

extension FileOutputTests {
  private func keeping(_ bytes: Int, files: Int = 3) -> FileKeeping {
    var keeping = FileKeeping()
    keeping.maximumBytes = bytes
    keeping.keptFiles = files
    return keeping
  }

  private var lineBytes: Int {
    get throws { try EventJSON(.opened(event(0))).line().utf8.count + 1 }
  }

  @Test(arguments: [0, 1, 3])
  func `rotates a file before it grows too large, and keeps a limited number`(files: Int) throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    // Room for two and a half lines.
    let output = FileOutput(
      name: "log", path: path, keeping: keeping(try lineBytes * 5 / 2, files: files), clock: noTime)
    for index in 0..<11 { output.emit(.opened(event(index))) }
    var found: [[String]] = [try ids(path)]
    for number in 1...4 where access("\(path).\(number)", F_OK) == 0 {
      found.append(try ids("\(path).\(number)"))
    }
    let all = (0..<11).map { "\(event($0).id)" }
    #expect(found.count == files + 1)
    #expect(Array(found.reversed().joined()) == Array(all.suffix(1 + 2 * files)))
    #expect(output.health.delivered == 11)
    #expect(output.drainNotices().isEmpty)
  }

  @Test func `a gap in the numbers, as after a kill, costs no file`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    for (name, text) in [(".1", "one\n"), (".3", "three\n"), ("", "newest, and long enough\n")] {
      write(text, atEndOf: path + name)
    }
    let output = FileOutput(name: "log", path: path, keeping: keeping(30), clock: noTime)
    output.emit(.opened(event(0)))
    #expect(contents(path + ".1") == "newest, and long enough\n")
    #expect(contents(path + ".2") == "one\n")
    #expect(contents(path + ".3") == "three\n")
    #expect(try ids(path) == ["\(event(0).id)"])
  }

  @Test func `a file that cannot be rotated is reported, and nothing is lost`() throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    write("long enough to be put away\n", atEndOf: path)
    mkdir(path + ".1", 0o700)
    write("in the way", atEndOf: path + ".1/file")
    let output = FileOutput(name: "log", path: path, keeping: keeping(10, files: 1), clock: noTime)
    output.emit(.opened(event(0)))
    #expect(output.health.waiting == 1)
    #expect(output.health.lastError == "\(path) cannot be rotated: Is a directory")
    unlink(path + ".1/file")
    rmdir(path + ".1")
    output.flush()
    #expect(contents(path + ".1") == "long enough to be put away\n")
    #expect(try ids(path) == ["\(event(0).id)"])
  }

  @Test(arguments: [
    ("{\"torn", true), ("{\"a\":\"}", true), ("{\"a\":{\"b\":1}", true), ("{\"a\":\"\\\"}\"", true),
    ("{\"whole\":\"}{\\\"\"}", false), ("not ours", false), ("{}", false),
  ])
  func `a line torn by a crash is removed, and nothing else`(
    rest: String, isCut: Bool
  ) throws {
    let scratch = Scratch()
    let path = scratch.file("events")
    write("before\n" + rest, atEndOf: path)
    let output = FileOutput(name: "log", path: path, clock: noTime)
    output.emit(.opened(event()))
    let start = isCut ? "before\n{\"began\"" : "before\n\(rest)\n{\"began\""
    #expect(contents(path).hasPrefix(start))
    #expect(output.drainNotices().count == (isCut ? 1 : 0))
  }

  @Test func `synced lines are delivered immediately, others some time later`() {
    let scratch = Scratch()
    for sync in [FileKeeping.Sync.always, .interval, .no] {
      var keeping = FileKeeping()
      keeping.sync = sync
      let path = scratch.file("events-\(sync)")
      var now = Duration.zero
      let output = FileOutput(
        name: "log", path: path, keeping: keeping, elapsed: { now }, clock: noTime)
      output.emit(.opened(event()))
      #expect(output.health.delivered == 1)
      now = .seconds(6)
      output.flush()
      #expect(output.health.failures == 0)
    }
  }
}
