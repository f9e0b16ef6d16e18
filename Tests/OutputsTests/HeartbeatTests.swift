import CommandLine
import Events
import Glibc
import Outbox
import Outputs
import Series
import Support
import System
import Testing

/// Heartbeats: how each output sends one, and that it counts as nothing else.
@Suite struct HeartbeatTests {
  private func heartbeat(_ seconds: Double = 0) -> Heartbeat {
    Heartbeat(
      at: Timestamp.ofTests(seconds), interval: .seconds(300), metrics: 1_234, incidents: 1)
  }

  @Test func `says that the daemon is alive, and what it watches`() {
    #expect(heartbeat().sentence == "anomalyd is alive: 1,234 metrics, 1 open incident")
    #expect(
      heartbeat().json
        == #"{"at":"\#(heartbeat().at.iso8601)","incidents":1,"interval_seconds":300.0,"#
        + #""kind":"heartbeat","metrics":1234}"#)
  }

  @Test func `is a line of a file, and not an event`() {
    let scratch = Scratch()
    let path = scratch.file("events")
    let output = FileOutput(name: "log", path: path, clock: noTime)
    output.beat(heartbeat())
    #expect(contents(path) == heartbeat().json + "\n")
    #expect(output.health.delivered == 0 && output.unsaved == 0)
    output.emit(.opened(event()))
    #expect(output.health.delivered == 1)
  }

  @Test func `does not follow what could not be written`() throws {
    let scratch = Scratch()
    let path = scratch.file("later/events")
    let output = FileOutput(name: "log", path: path, clock: noTime)
    output.beat(heartbeat())
    #expect(output.unsaved == 0 && output.health.waiting == 0 && output.health.failures == 1)
    output.emit(.opened(event()))
    #expect(output.unsaved == 1)
    output.beat(heartbeat(300))
    mkdir(scratch.file("later"), 0o700)
    output.flush()
    #expect(output.health.delivered == 1 && output.unsaved == 0 && output.health.dropped == 0)
    let lines = contents(path).split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains(#""kind":"heartbeat""#))
  }

  @Test func `gives way to events if the queue is full`() {
    let scratch = Scratch()
    let output = FileOutput(
      name: "log", path: scratch.file("later/events"), maximumWaiting: 2, clock: noTime)
    output.beat(heartbeat())
    for index in 0..<2 { output.emit(.opened(event(index))) }
    #expect(output.unsaved == 2 && output.health.dropped == 0)
    output.emit(.opened(event(2)))
    #expect(output.unsaved == 2 && output.health.dropped == 1)
  }

  @Test func `is an entry of the journal for information, and never sent later`() {
    var sent: [JournalRecord] = []
    var isAway = false
    let output = JournalOutput(name: "journal", clock: noTime) {
      record throws(JournalError) in
      if isAway { throw .refused(errno: .init(EAGAIN)) }
      sent.append(record)
    }
    output.beat(heartbeat())
    #expect(
      sent.first?.fields.contains("MESSAGE_ID=" + JournalMessageID.heartbeat.rawValue) ?? false)
    #expect(sent.first?.fields.contains("PRIORITY=6") ?? false)
    isAway = true
    output.beat(heartbeat(300))
    #expect(output.health.failures == 1 && output.unsaved == 0)
    isAway = false
    output.flush()
    #expect(sent.count == 1 && output.health.delivered == 0)
  }

  @Test func `in an outbox the newest one replaces the one before`() throws {
    let scratch = Scratch()
    let output = OutboxOutput(name: "pager", root: scratch.path, clock: noTime)
    output.emit(.opened(event()))
    _ = OutboxBell(root: scratch.path).answer()
    output.beat(heartbeat())
    output.beat(heartbeat(300))
    let folder = OutboxFolder(root: scratch.path, name: "pager")
    let entries = try folder.entries(.new)
    #expect(entries.filter(\.isHeartbeat).count == 1 && entries.count == 2)
    let kept = try #require(entries.first { $0.isHeartbeat })
    #expect(kept.at == heartbeat(300).at && OutboxEntry(fileName: kept.fileName) == kept)
    #expect(OutboxBell(root: scratch.path).answer())
    #expect(output.health.delivered == 1)
  }

  @Test func `an outbox for heartbeats accepts no events except tests`() throws {
    let scratch = Scratch()
    let output = OutboxOutput(
      name: "alive", root: scratch.path, takesEvents: false, clock: noTime)
    output.emit(.opened(event()))
    output.beat(heartbeat())
    let folder = OutboxFolder(root: scratch.path, name: "alive")
    #expect(try folder.entries(.new).map(\.isHeartbeat) == [true])
    #expect(output.unsaved == 0)
  }

  @Test func `is a line of a terminal`() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let output = TerminalOutput(
      name: "terminal", descriptor: ends[1], style: .plain, clock: noTime)
    output.beat(heartbeat())
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(ends[0], &bytes, bytes.count)
    #expect(
      String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        == "\(heartbeat().at.iso8601) \(heartbeat().sentence)\n")
    #expect(output.health.delivered == 0)
  }
}
