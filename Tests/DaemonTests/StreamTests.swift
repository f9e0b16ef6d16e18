import Daemon
import Detection
import Events
import Monitor
import Series
import Support
import Testing

@Suite struct StreamTests {
  private let limits = HostMonitor.Limits(metrics: 3, history: 64)

  private func feed(
    _ events: some Sequence<EmbeddedTrace.Event>, to stream: String, of monitor: HostMonitor
  ) {
    guard let id = monitor.stream(named: name(stream), inPlaceOf: nil) else { return }
    for event in events {
      var text = event.id
      text.withUTF8 {
        monitor.receive(event: Span(_unsafeElements: $0), at: event.timestamp, of: id)
      }
    }
  }

  private func events(_ count: Int) -> [EmbeddedTrace.Event] {
    EmbeddedTrace(events: count, seed: 3, withFaults: false).threads[0].events
  }

  @Test func `a stream is a metric whose value is its surprise, and its events name the id`()
    throws
  {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    var trace = events(2_600)
    let place = try #require((2_500...).first { trace[$0].id == "compute" })
    trace[place].id = "confirm"
    feed(trace[..<place], to: "trace.control", of: monitor)
    _ = monitor.takeSteps()
    feed(trace[place...place], to: "trace.control", of: monitor)
    let event = try #require(monitor.takeTransitions().first?.event)
    #expect(event.metric == name("trace.control"))
    #expect(event.symbols?.id == "confirm")
    #expect(event.symbols?.previous == "filter")
    #expect(event.direction == .high)
    let metric = try #require(monitor[name("trace.control")])
    #expect(metric.family == .symbols)
    #expect(metric.samples == place + 1)
    #expect(metric.newest?.value == event.value)
    #expect(metric.history.samples().last?.timestamp == trace[place].timestamp)
  }

  @Test func `a stream resumes after a restart as if nothing had happened`() throws {
    let trace = events(2_000)
    let whole = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(trace, to: "t", of: whole)
    let first = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(trace[..<1_001], to: "t", of: first)
    let bytes = try #require(first[name("t")]).encode()
    let second = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    #expect(second.restore(name("t"), from: bytes) == nil)
    feed(trace[1_001...], to: "t", of: second)
    let one = try #require(whole[name("t")])
    let other = try #require(second[name("t")])
    #expect(one.encode() == other.encode())
  }

  @Test func `an idle stream is replaced, and its open event is closed`() throws {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    var trace = events(2_600)
    let place = try #require((2_500...).first { trace[$0].id == "compute" })
    trace[place].id = "confirm"
    feed(trace[...place], to: "t.old", of: monitor)
    #expect(monitor[name("t.old")]?.openEvent != nil)
    let old = try #require(monitor.stream(named: name("t.old"), inPlaceOf: nil))
    _ = monitor.takeSteps()
    #expect(monitor.stream(named: name("t.new"), inPlaceOf: old)?.index == old.index)
    #expect(monitor.takeTransitions().map(\.stateName) == ["closed"])
    #expect(monitor[name("t.old")] == nil)
    #expect(monitor[name("t.new")]?.samples == 0)
    #expect(monitor.metrics.count == 1)
  }

  @Test func `a name that changes from values to events starts afresh`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    monitor.feed(wave(20), to: name("x"))
    feed(events(10), to: "x", of: monitor)
    #expect(monitor[name("x")]?.family == .symbols)
    #expect(monitor[name("x")]?.samples == 10)
    monitor.feed(wave(5), to: name("x"))
    #expect(monitor[name("x")]?.family == .values)
    #expect(monitor.metrics.count == 1)
  }

  @Test func `another budget keeps a stream's learnt state`() throws {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(events(500), to: "t", of: monitor)
    let refused = monitor.reconfigure(limits: limits) { _ in
      .watch(DetectorConfiguration(alarmBudget: 20_000))
    }
    #expect(refused.isEmpty)
    feed(events(1), to: "t", of: monitor)
    #expect(monitor[name("t")]?.samples == 501)
    if case .warmingUp = monitor[name("t")]?.verdict?.state {
      Issue.record("begins to learn anew")
    }
  }
}
