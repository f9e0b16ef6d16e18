import Detection
import Events
import Glibc
import Outbox
import Outputs
import Series
import Support
import System
import Testing

@Suite struct OutboxOutputTests {
  private func names(_ scratch: Scratch) throws -> [String] {
    try OutboxFolder(root: scratch.path, name: "pager").entries(.new).map {
      "\($0.event)-\($0.step.rawValue)"
    }
  }

  private func output(
    _ scratch: Scratch, root: String? = nil, maximumBytes: Int = 1 << 20, maximumWaiting: Int = 100,
    now: Double = 0, later: Duration = .zero
  ) -> OutboxOutput {
    OutboxOutput(
      name: "pager", root: root ?? scratch.path, maximumBytes: maximumBytes,
      maximumAge: .seconds(3600), maximumWaiting: maximumWaiting,
      clock: { Timestamp.ofTests(now) }, steadyClock: { .now.advanced(by: later) })
  }

  @Test func `writes a message for each step and rings`() throws {
    let scratch = Scratch()
    let output = output(scratch)
    output.emit(.opened(event()))
    output.emit(.closed(event(closedAfter: 20)))
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    let entries = try folder.entries(.new)
    #expect(entries.map(\.step) == [.opened, .closed])
    #expect(entries.allSatisfy { $0.event == event().id.description })
    let line = try EventJSON(.opened(event())).line() + "\n"
    #expect(try folder.read(entries[0]) == Array(line.utf8))
    #expect(output.health.delivered == 2)
    #expect(OutboxBell(root: scratch.path).answer())
    let delivery = try #require(output.delivery)
    let written = try #require(delivery.waitingSince)
    #expect(
      delivery == OutboxDelivery(state: nil, waiting: 2, failed: 0, waitingSince: written))
    #expect(delivery.trouble(now: written) == nil)
    let later = delivery.trouble(now: written.advanced(by: .seconds(100)))
    #expect(later?.text.contains("anomalyd-webhook.path") == true)
  }

  @Test func `a repeated step replaces its duplicate`() throws {
    let scratch = Scratch()
    output(scratch).emit(.opened(event()))
    output(scratch).emit(.opened(event()))
    #expect(try names(scratch).count == 1)
  }

  @Test func `rings for messages left by an earlier run, and not if there are none`() throws {
    let scratch = Scratch()
    output(scratch).emit(.opened(event()))
    #expect(OutboxBell(root: scratch.path).answer())
    output(scratch).flush()
    #expect(OutboxBell(root: scratch.path).answer())
    let other = Scratch()
    output(other).flush()
    #expect(!OutboxBell(root: other.path).answer())
  }

  @Test func `messages wait while the directory is read-only`() throws {
    let scratch = Scratch()
    let blocked = scratch.file("blocked")
    write("", atEndOf: blocked)  // a file in its place, which stops root as well
    let first = output(scratch, root: blocked)
    first.emit(.opened(event(0)))
    first.emit(.opened(event(1)))
    #expect(first.health.waiting == 2)
    #expect(first.health.lastError == "\(blocked)/pager: mkdir failed: Not a directory")
    #expect(first.health.isFailing)
    // The daemon passes on the steps that the output has not saved.
    #expect(first.unsaved == 2)
    unlink(blocked)
    first.flush()
    #expect(first.unsaved == 0)
    #expect(first.health.waiting == 0)
    #expect(!first.health.isFailing)
    #expect(first.drainNotices().isEmpty)
    let folder = OutboxFolder(root: blocked, name: "pager")
    #expect(try folder.entries(.new).map(\.event) == [0, 1].map { event($0).id.description })
  }

  @Test func `drops the oldest messages of a full outbox and counts them`() throws {
    let scratch = Scratch()
    let size = try EventJSON(.opened(event(0))).line().utf8.count + 1
    let output = output(scratch, maximumBytes: 3 * size + size / 2)
    for index in 0..<8 { output.emit(.opened(event(index))) }
    let expected = (5..<8).map { "\(event($0).id)-opened" }
    #expect(try names(scratch) == expected)
    #expect(output.health.dropped == 5)
    #expect(output.drainNotices().count == 1)
  }

  @Test func `a message removed by another program does not count against the limit`() throws {
    let scratch = Scratch()
    let size = try EventJSON(.opened(event(0))).line().utf8.count + 1
    let output = output(scratch, maximumBytes: 3 * size + size / 2)
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    for index in 0..<20 {
      output.emit(.opened(event(index)))
      for entry in try folder.entries(.new) { try folder.remove(entry) }
    }
    #expect(output.health.dropped == 0)
  }

  @Test func `drops messages that are too old`() throws {
    let scratch = Scratch()
    output(scratch).emit(.opened(event()))
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let late = output(scratch, now: Double(time.tv_sec) + 4000, later: .seconds(4000))
    late.flush()
    #expect(try names(scratch).isEmpty)
    #expect(late.health.dropped == 1)
  }

  @Test func `setting the clock forward does not age messages`() throws {
    let scratch = Scratch()
    var ahead = Duration.zero
    let output = OutboxOutput(
      name: "pager", root: scratch.path, maximumAge: .seconds(3_600),
      clock: { Timestamp.now.advanced(by: ahead) })
    output.emit(.opened(event()))
    for days in [30, 4_000] {
      ahead = .seconds(days * 86_400)
      output.flush()
      #expect(output.health.dropped == 0)
      #expect(try names(scratch).count == 1)
      let next = OutboxOutput(
        name: "pager", root: scratch.path, maximumAge: .seconds(3_600),
        clock: { Timestamp.now.advanced(by: ahead) })
      next.flush()
      #expect(next.health.dropped == 0, "nor for a daemon that is started then")
      #expect(try names(scratch).count == 1)
    }
  }

  @Test func `the age of messages is checked once a minute, whatever the time of day does`()
    throws
  {
    let scratch = Scratch()
    var (ahead, passed) = (Duration.zero, Duration.zero)
    let output = OutboxOutput(
      name: "pager", root: scratch.path, maximumAge: .seconds(3_600),
      clock: { Timestamp.now.advanced(by: ahead) }, steadyClock: { .now.advanced(by: passed) })
    output.emit(.opened(event()))
    (ahead, passed) = (.seconds(4_000), .seconds(30))
    output.flush()
    #expect(try names(scratch).count == 1, "a step of the clock, and too soon")
    (ahead, passed) = (.seconds(4_000), .seconds(4_000))
    output.flush()
    #expect(try names(scratch).isEmpty && output.health.dropped == 1)
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `a full disk loses and tears nothing`() throws {
    let disk = try SmallDisk(pages: 12)
    write(String(repeating: "x", count: 4096 * 4), atEndOf: disk.file("filler"))
    let output = OutboxOutput(name: "pager", root: disk.file("outbox"), clock: noTime)
    for index in 0..<25 { output.emit(.opened(event(index))) }
    #expect(output.health.waiting > 0)
    #expect(output.health.lastError?.contains("No space left on device") == true)
    unlink(disk.file("filler"))
    let folder = OutboxFolder(root: disk.file("outbox"), name: "pager")
    var seen: [String] = []
    for _ in 0..<25 where seen.count < 25 {
      output.flush()
      for entry in try folder.entries(.new) {
        #expect(try folder.read(entry)?.last == 10)
        seen.append(entry.event)
        try folder.remove(entry)
      }
    }
    #expect(seen == (0..<25).map { event($0).id.description })
    #expect(output.health.dropped == 0)
  }
}

extension Timestamp {
  static func ofTests(_ seconds: Double) -> Timestamp { Timestamp(seconds: seconds) }
}
