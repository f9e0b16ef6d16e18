import Calendar
import Daemon
import Detection
import Events
import Monitor
import Series
import Testing

/// 2026-11-20T14:00:00Z, a Friday.
private let noon = Timestamp(seconds: 1_795_183_200)

private func after(_ seconds: Double) -> Timestamp { Timestamp(seconds: 1_795_183_200 + seconds) }

private func once(
  _ from: Double, _ until: Double, _ metrics: [String] = [], alarms: Bool = true,
  learning: Bool = false
) -> Silence {
  Silence(
    id: "", origin: .call(user: 0, at: noon), metrics: metrics.compactMap { Glob($0) },
    times: .once(from: after(from), until: after(until)), suppressesAlarms: alarms,
    suppressesLearning: learning, reason: "test")
}

private func recurring(_ expressions: [String], for duration: Duration) throws -> Silence {
  Silence(
    id: "configured", origin: .configuration, metrics: [],
    times: .recurring(
      try expressions.map { try CalendarExpression(parsing: $0) { _ in nil } }, for: duration),
    suppressesAlarms: true, suppressesLearning: false, reason: "")
}

@Suite struct SilenceTests {
  @Test(arguments: [
    (-1.0, nil), (0, "configured"), (3599, "configured"), (3600, nil), (86_400, "configured"),
  ])
  func `is active from each time of its schedule for its duration`(
    seconds: Double, by: String?
  ) throws {
    let book = SilenceBook(local: .utc)
    book.configure([try recurring(["*-*-* 14:00"], for: .seconds(3600))], local: .utc)
    // In both orders: the cached lookup must not answer the next one.
    #expect(book.coverage(of: name("a"), at: after(seconds)).alarms == by)
    _ = book.coverage(of: name("a"), at: after(100))
    #expect(book.coverage(of: name("a"), at: after(seconds)).alarms == by)
  }

  @Test func `reports until when nothing changes`() throws {
    let book = SilenceBook(local: .utc)
    book.configure([try recurring(["14:00", "15:30"], for: .seconds(3600))], local: .utc)
    let coverage = book.coverage(of: name("a"), at: after(60))
    #expect(coverage.from == noon)
    #expect(coverage.until == after(3600))
    let between = book.coverage(of: name("a"), at: after(3600))
    #expect(between.alarms == nil)
    #expect(between.from == after(3600))
    #expect(between.until == after(5400))
  }

  @Test func `continues if it begins again before it has ended`() throws {
    let book = SilenceBook(local: .utc)
    book.configure([try recurring(["*:00/10"], for: .seconds(900))], local: .utc)
    for minute in 0..<120 {
      let moment = after(Double(minute) * 60)
      #expect(book.coverage(of: name("a"), at: moment).alarms == "configured")
    }
  }

  @Test func `applies to matching metrics, and suppresses if any one does`() {
    let book = SilenceBook(local: .utc)
    _ = book.add(once(0, 100, ["disk.*", "net.*"]), now: noon)
    _ = book.add(once(50, 200, ["disk.sda.*"], alarms: false, learning: true), now: noon)
    func found(_ metric: String, _ seconds: Double) -> [String?] {
      let coverage = book.coverage(of: name(metric), at: after(seconds))
      return [coverage.alarms, coverage.learning]
    }
    #expect(found("disk.sda.busy", 10) == ["1", nil])
    #expect(found("disk.sda.busy", 60) == ["1", "2"])
    #expect(found("disk.sda.busy", 100) == [nil, "2"])
    #expect(found("disk.sdb.busy", 60) == ["1", nil])
    #expect(found("cpu.busy", 60) == [nil, nil])
    #expect(book.active(at: after(60)).map(\.id) == ["1", "2"])
    #expect(book.active(at: after(60), for: name("net.lo.in")).map(\.id) == ["1"])
  }

  @Test func `ends when removed, and is dropped if it had not begun`() {
    let book = SilenceBook(local: .utc)
    _ = book.add(once(0, 100), now: noon)
    _ = book.add(once(50, 100), now: noon)
    #expect(book.remove("1", now: after(20)) != nil)
    #expect(book.remove("1", now: after(30)) == nil)
    #expect(book.remove("2", now: after(20)) != nil)
    #expect(book.remove("3", now: after(20)) == nil)
    #expect(book.called.map(\.id) == ["1"])
    // Times before are still silenced, for late samples.
    #expect(book.coverage(of: name("a"), at: after(10)).alarms == "1")
    #expect(book.coverage(of: name("a"), at: after(20)).alarms == nil)
  }

  @Test func `their number is limited, and ids are never reused`() {
    let book = SilenceBook(local: .utc)
    for index in 0..<SilenceBook.maximumCalled {
      #expect(book.add(once(0, 100 + Double(index)), now: noon)?.id == String(index + 1))
    }
    #expect(book.add(once(0, 100), now: noon) == nil)
    // One that has ended makes room.
    #expect(book.add(once(100, 200), now: after(100))?.id == "257")
    #expect(book.called.count == SilenceBook.maximumCalled)
    #expect(book.called.first?.id == "2")
    // A day later all are forgotten.
    #expect(book.add(once(90_000, 90_100), now: after(90_000))?.id == "258")
    #expect(book.called.map(\.id) == ["258"])
  }

  @Test func `is the same after it was saved and restored`() throws {
    let book = SilenceBook(local: .utc)
    _ = book.add(once(0, 100, ["disk.*", "net.*"]), now: noon)
    _ = book.add(once(50, 200, alarms: false, learning: true), now: noon)
    let other = SilenceBook(local: .utc)
    try other.restore(from: book.encode())
    #expect(other.called == book.called)
    #expect(other.nextNumber == 3)
    let bytes = book.encode()
    for length in 0..<bytes.count {
      #expect(throws: ByteReaderError.self) { try other.restore(from: Array(bytes[..<length])) }
    }
    // A number that cannot be counted up would trap when the next silence is added.
    var writer = ByteWriter()
    writer.write(Int.max)
    let last = bytes[..<1] + writer.bytes + bytes[9...]
    #expect(throws: ByteReaderError.self) { try other.restore(from: Array(last)) }
    #expect(other.called == book.called)
    // The largest number that is restored remains readable after the next silence.
    writer = ByteWriter()
    writer.write(count: Int.max)
    try other.restore(from: Array(bytes[..<1] + writer.bytes + bytes[9...]))
    _ = try #require(other.add(book.called[0], now: noon))
    try other.restore(from: other.encode())
    #expect(other.called.count == book.called.count + 1)
  }
}

@Suite struct SuppressedLearningTests {
  private let samples = wave(1_600)
  private let limits = HostMonitor.Limits(metrics: 2, history: 64)

  /// A silence over these samples.
  private func book(_ range: Range<Int>) -> SilenceBook {
    let book = SilenceBook(local: .utc)
    let silence = Silence(
      id: "", origin: .call(user: 0, at: noon), metrics: [],
      times: .once(
        from: samples[range.lowerBound].timestamp, until: samples[range.upperBound].timestamp),
      suppressesAlarms: false, suppressesLearning: true, reason: "")
    _ = book.add(silence, now: samples[0].timestamp)
    return book
  }

  /// What a monitor that has never seen some samples says about those after them.
  private func expected(without range: Range<Int>) -> [Verdict?] {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    monitor.feed(samples[..<range.lowerBound], to: name("a"))
    return verdicts(monitor, range.upperBound)
  }

  private func verdicts(_ monitor: HostMonitor, _ start: Int) -> [Verdict?] {
    samples[start...].map { sample in
      monitor.feed([sample], to: name("a"))
      return monitor[name("a")]?.verdict
    }
  }

  @Test(arguments: [100..<150, 700..<900])
  func `learning in the silence is undone at its end, to the last bit`(range: Range<Int>) {
    let monitor = HostMonitor(
      limits: limits, hostSeed: 1, silences: book(range), policy: watchAll)
    monitor.feed(samples[..<range.upperBound], to: name("a"))
    let before = monitor[name("a")]?.verdict
    #expect(before != nil, "samples are judged all the same")
    #expect(verdicts(monitor, range.upperBound) == expected(without: range))
    #expect(monitor[name("a")]?.samples == 1_600)
  }

  @Test(arguments: [false, true])
  func `is undone across a restart as well`(endsWhileAway: Bool) throws {
    let range = 700..<900
    let cut = endsWhileAway ? 900 : 800
    let first = HostMonitor(limits: limits, hostSeed: 1, silences: book(range), policy: watchAll)
    first.feed(samples[..<cut], to: name("a"))
    let bytes = try #require(first[name("a")]).encode()
    let second = HostMonitor(limits: limits, hostSeed: 1, silences: book(range), policy: watchAll)
    #expect(second.restore(name("a"), from: bytes) == nil)
    second.feed(samples[cut..<900], to: name("a"))
    #expect(verdicts(second, 900) == expected(without: range))
  }

  @Test func `an event that opened in the silence ends with it`() throws {
    let whole = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    whole.feed(samples, to: name("a"))
    let moment = try #require(whole.takeTransitions().first?.event.opened)
    let index = try #require(samples.firstIndex { $0.timestamp == moment })
    let monitor = HostMonitor(
      limits: limits, hostSeed: 1, silences: book(index - 5..<index + 1), policy: watchAll)
    monitor.feed(samples[...index], to: name("a"))
    #expect(monitor.takeTransitions().map(\.stateName) == ["opened"])
    monitor.feed(samples[(index + 1)...(index + 1)], to: name("a"))
    let transitions = monitor.takeTransitions()
    #expect(transitions.first?.stateName == "closed")
    #expect(transitions.first?.event.closed == samples[index].timestamp)
  }

  @Test func `costs memory only within its limit, and only while it lasts`() {
    var limits = limits
    limits.silenceBytes = 0
    let range = 700..<900
    let monitor = HostMonitor(
      limits: limits, hostSeed: 1, silences: book(range), policy: watchAll)
    let free = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    monitor.feed(samples, to: name("a"))
    free.feed(samples, to: name("a"))
    #expect(
      monitor[name("a")]?.verdict == free[name("a")]?.verdict)
  }
}
