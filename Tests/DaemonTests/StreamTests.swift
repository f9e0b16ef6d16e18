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
    _ events: some Sequence<EmbeddedTrace.Event>, to stream: String, of pipeline: HostMonitor
  ) {
    guard let id = pipeline.stream(named: name(stream), inPlaceOf: nil) else { return }
    for event in events {
      var text = event.id
      text.withUTF8 {
        pipeline.receive(event: Span(_unsafeElements: $0), at: event.timestamp, of: id)
      }
    }
  }

  private func events(_ count: Int) -> [EmbeddedTrace.Event] {
    EmbeddedTrace(events: count, seed: 3, withFaults: false).threads[0].events
  }

  @Test func `a stream is a metric whose value is its surprise, and its events say what came`()
    throws
  {
    let pipeline = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    var opened: [Event] = []
    pipeline.onTransition = { if case .opened(let event) = $0 { opened.append(event) } }
    var trace = events(2_600)
    let place = try #require((2_500...).first { trace[$0].id == "compute" })
    trace[place].id = "confirm"
    feed(trace[..<place], to: "trace.control", of: pipeline)
    opened = []
    feed(trace[place...place], to: "trace.control", of: pipeline)
    let event = try #require(opened.first)
    #expect(event.metric == name("trace.control"))
    #expect(event.symbols?.id == "confirm")
    #expect(event.symbols?.previous == "filter")
    #expect(event.direction == .high)
    let track = try #require(pipeline.track(named: name("trace.control")))
    #expect(track.family == .symbols)
    #expect(track.samples == place + 1)
    #expect(track.newest?.value == event.value)
    #expect(track.history.samples().last?.timestamp == trace[place].timestamp)
  }

  @Test func `a stream goes on after a restart as if nothing had happened`() throws {
    let trace = events(2_000)
    let whole = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(trace, to: "t", of: whole)
    let first = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(trace[..<1_001], to: "t", of: first)
    let bytes = try #require(first.track(named: name("t"))).encode()
    let second = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    #expect(second.restore(name("t"), from: bytes) == nil)
    feed(trace[1_001...], to: "t", of: second)
    let one = try #require(whole.track(named: name("t")))
    let other = try #require(second.track(named: name("t")))
    #expect(one.encode() == other.encode())
  }

  @Test func `an idle stream gives up its place, and its open event is closed`() throws {
    let pipeline = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    var steps: [EventTransition] = []
    pipeline.onTransition = { steps.append($0) }
    var trace = events(2_600)
    let place = try #require((2_500...).first { trace[$0].id == "compute" })
    trace[place].id = "confirm"
    feed(trace[...place], to: "t.old", of: pipeline)
    #expect(pipeline.track(named: name("t.old"))?.openEvent != nil)
    let old = try #require(pipeline.stream(named: name("t.old"), inPlaceOf: nil))
    let count = steps.count
    #expect(pipeline.stream(named: name("t.new"), inPlaceOf: old)?.index == old.index)
    #expect(steps.count == count + 1)
    #expect(steps.last?.stateName == "closed")
    #expect(pipeline.track(named: name("t.old")) == nil)
    #expect(pipeline.track(named: name("t.new"))?.samples == 0)
    #expect(pipeline.tracks.count == 1)
  }

  @Test func `a name that turns from values to events begins afresh`() {
    let pipeline = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    pipeline.feed(wave(20), to: name("x"))
    feed(events(10), to: "x", of: pipeline)
    #expect(pipeline.track(named: name("x"))?.family == .symbols)
    #expect(pipeline.track(named: name("x"))?.samples == 10)
    pipeline.feed(wave(5), to: name("x"))
    #expect(pipeline.track(named: name("x"))?.family == .values)
    #expect(pipeline.tracks.count == 1)
  }

  @Test func `another budget keeps what a stream has learnt`() throws {
    let pipeline = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    feed(events(500), to: "t", of: pipeline)
    let refused = pipeline.reconfigure(limits: limits) { _ in
      .watch(DetectorConfiguration(alarmBudget: 20_000))
    }
    #expect(refused.isEmpty)
    feed(events(1), to: "t", of: pipeline)
    #expect(pipeline.track(named: name("t"))?.samples == 501)
    if case .warmingUp = pipeline.track(named: name("t"))?.verdict?.state {
      Issue.record("begins to learn anew")
    }
  }
}
