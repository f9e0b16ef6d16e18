import Inputs
import Series
import Testing

/// Collects the events that an input delivers, by stream name.
private final class EventSink: SampleSink {
  private var registry: MetricRegistry
  private(set) var replaced: [String] = []
  private var events: [[(id: String, at: Timestamp)]] = []

  init(capacity: Int = 100) { registry = MetricRegistry(capacity: capacity) }

  func metric(named name: MetricName) -> MetricID? { nil }
  func receive(_ sample: Sample, of metric: MetricID) { Issue.record("a value from events") }

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    if let idle {
      replaced.append(registry.name(of: idle).text)
      events[idle.index] = []
      return registry.replace(at: idle.index, by: name)
    }
    guard let id = registry.register(name) else { return nil }
    if id.index == events.count { events.append([]) }
    return id
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    let text = id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    events[stream.index].append((text, timestamp))
  }

  var names: [String] { registry.names.map(\.text).sorted() }

  func ids(of name: String) -> [String] {
    registry.names.firstIndex { $0.text == name }.map { events[$0].map(\.id) } ?? []
  }

  func times(of name: String) -> [Int64] {
    registry.names.firstIndex { $0.text == name }.map { events[$0].map(\.at.nanoseconds) } ?? []
  }
}

@Suite struct EventsInputTests {
  private static let now = Timestamp(seconds: 1_800_000_000)

  private static func input(
    _ path: String, _ change: (inout TableSection) -> Void = { _ in }
  ) -> CSVInput {
    var configuration = TableSection(paths: path)
    configuration.prefix = "trace"
    configuration.timeOrder = .asRecorded
    configuration.trace = TraceColumns()
    change(&configuration)
    return CSVInput(name: "trace", table: configuration)
  }

  private static func drain(_ input: CSVInput, _ sink: EventSink) {
    while input.poll(now: now, into: sink) == .moreReady {}
  }

  @Test func `ids, time stamps and threads come from the named columns`() {
    let directory = CSVDirectory()
    directory.write(
      """
      timestamp,cpu,event,thread
      1767571200.000100,0,irq_in,isr
      1767571200.000100,1,17,main task
      1767571200.000250,0,irq_out,isr
      1767571200.000200,1,"say, hi",main task

      """, to: "trace.csv")
    let sink = EventSink()
    let input = EventsInputTests.input(directory.file("trace.csv")) {
      $0.trace?.event = .named("event")
      $0.trace?.thread = .named("thread")
    }
    EventsInputTests.drain(input, sink)
    #expect(sink.names == ["trace.isr", "trace.main_task"])
    #expect(sink.ids(of: "trace.isr") == ["irq_in", "irq_out"])
    #expect(sink.ids(of: "trace.main_task") == ["17", "say, hi"])
    #expect(
      sink.times(of: "trace.isr") == [1_767_571_200_000_100_000, 1_767_571_200_000_250_000])
    // Time that goes backwards is for the detector to judge.
    #expect(sink.times(of: "trace.main_task").last == 1_767_571_200_000_200_000)
    #expect(input.health.samples == 4)
    #expect(input.health.malformed == 0)
    #expect(input.health.lastSampleAt != nil)
  }

  @Test(arguments: [
    ("17,1767571200.5\n4,1767571201\n", ["17", "4"]),
    ("2026-01-05 00:00:00;a\n2026-01-05 00:00:01;b\n", ["a", "b"]),
    ("id,time\n17,1767571200.5\n", ["17"]),
  ])
  func `by default, the first column without time stamps holds the ids`(
    text: String, ids: [String]
  ) {
    let directory = CSVDirectory()
    directory.write(text, to: "trace.csv")
    let sink = EventSink()
    EventsInputTests.drain(EventsInputTests.input(directory.file("trace.csv")), sink)
    #expect(sink.names == ["trace"])
    #expect(sink.ids(of: "trace") == ids)
  }

  @Test func `rows without a usable id or thread are counted and reported with their line`() throws
  {
    let directory = CSVDirectory()
    let long = String(repeating: "x", count: 65)
    directory.write(
      "event,time,thread\na,1767571200,t\n,1767571201,t\n\(long),1767571202,t\n"
        + "b,1767571203,\nc\u{1},1767571204,t\nd,1767571205,t\n", to: "trace.csv")
    let sink = EventSink()
    let input = EventsInputTests.input(directory.file("trace.csv")) {
      $0.trace?.thread = .named("thread")
    }
    EventsInputTests.drain(input, sink)
    #expect(sink.ids(of: "trace.t") == ["a", "d"])
    #expect(input.health.malformed == 4)
    let warning = try #require(input.drainNotices().first { $0.severity == .warning })
    #expect(warning.text.contains("trace.csv:3: expected the id of an event of 1 to 64 bytes"))
    #expect(warning.text.contains("the row is skipped"))
  }

  @Test func `excess threads are refused and reported; an idle one is replaced`() {
    let directory = CSVDirectory()
    directory.write(
      "a,1767571200,t1\nb,1767571201,t2\nc,1767571202,t3\nd,1767571203,t2\n", to: "trace.csv")
    let sink = EventSink()
    let input = EventsInputTests.input(directory.file("trace.csv")) {
      $0.trace?.thread = .position(3)
      $0.trace?.maximumStreams = 2
      $0.trace?.streamTimeout = .seconds(60)
    }
    EventsInputTests.drain(input, sink)
    #expect(sink.names == ["trace.t1", "trace.t2"])
    #expect(input.health.refused == 1)
    #expect(input.health.lastError?.contains("MaximumStreams=") == true)
    directory.append("e,1767571262,t3\nf,1767571263,t2\n", to: "trace.csv")
    EventsInputTests.drain(input, sink)
    #expect(sink.replaced == ["trace.t1"])
    #expect(sink.names == ["trace.t2", "trace.t3"])
    #expect(sink.ids(of: "trace.t3") == ["e"])
    #expect(sink.ids(of: "trace.t2") == ["b", "d", "f"])
  }

  @Test func `resumes after a restart without losing or repeating an event`() {
    let directory = CSVDirectory()
    directory.write("a,1767571200\nb,1767571200\n", to: "trace.csv")
    let sink = EventSink()
    let first = EventsInputTests.input(directory.file("trace.csv"))
    EventsInputTests.drain(first, sink)
    directory.append("c,1767571200\nd,1767571200\n", to: "trace.csv")
    let second = EventsInputTests.input(directory.file("trace.csv"))
    second.restorePosition(first.encodePosition())
    EventsInputTests.drain(second, sink)
    #expect(sink.ids(of: "trace") == ["a", "b", "c", "d"])
  }

  @Test func `a full table of metrics counts what it refuses`() {
    let directory = CSVDirectory()
    directory.write("a,1767571200,t1\nb,1767571201,t2\nc,1767571202,t1\n", to: "trace.csv")
    let sink = EventSink(capacity: 1)
    let input = EventsInputTests.input(directory.file("trace.csv")) {
      $0.trace?.thread = .position(3)
    }
    EventsInputTests.drain(input, sink)
    #expect(sink.names == ["trace.t1"])
    #expect(input.health.samples == 2)
    #expect(input.health.refused == 1)
  }

  @Test(
    arguments: [
      ("nosuch", nil, "expected a column 'nosuch'"), ("time", nil, "expected a column of events"),
      ("id", "id", "expected a column of events"),
    ] as [(String, String?, String)])
  func `invalid columns are reported`(event: String, thread: String?, text: String) {
    let directory = CSVDirectory()
    directory.write("id,time\n" + String(repeating: "a,1767571200\n", count: 40), to: "trace.csv")
    let input = EventsInputTests.input(directory.file("trace.csv")) {
      $0.trace?.event = .named(event)
      $0.trace?.thread = thread.map { .named($0) }
    }
    EventsInputTests.drain(input, EventSink())
    #expect(input.drainNotices().contains { $0.text.contains(text) })
    #expect(input.health.samples == 0)
  }
}
