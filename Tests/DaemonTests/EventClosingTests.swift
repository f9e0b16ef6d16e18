import Detection
import Events
import Monitor
import Series
import Testing

/// Events whose reason no longer exists are closed for that reason.
@Suite struct EventClosingTests {
  private let limits = HostMonitor.Limits(metrics: 4, history: 16)

  private static func range(_ upper: Double) -> EventRules {
    var rules = EventRules()
    rules.upperLimit = upper
    return rules
  }

  private static func watch(_ rules: EventRules) -> MetricPolicy {
    .watch(DetectorConfiguration(), rules)
  }

  private static func sample(_ second: Int, _ value: Double) -> Sample {
    Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(second)), value: value)
  }

  /// A monitor in which `pump.flow`, from the input `table`, lies beyond its limit of 90.
  private func monitor(_ upper: Double = 90) -> HostMonitor {
    let monitor = HostMonitor(limits: limits, hostSeed: 1) { _ in
      EventClosingTests.watch(EventClosingTests.range(upper))
    }
    monitor.setTime(EventClosingTests.sample(0, 0).timestamp, awake: .zero)
    monitor.beginInput("table", stallAfter: nil)
    let sink = InputSink(monitor, input: "table")
    if let id = sink.metric(named: name("pump.flow")) {
      for second in 0..<3 { sink.receive(EventClosingTests.sample(second, 95), of: id) }
    }
    return monitor
  }

  private func endings(_ monitor: HostMonitor) -> [EventEnding] {
    monitor.takeTransitions().compactMap {
      if case .closed(let event) = $0 { event.ending } else { nil }
    }
  }

  @Test(arguments: [
    (EventClosingTests.watch(EventRules()), [EventEnding.ruleGone]),
    (EventClosingTests.watch(EventClosingTests.range(97)), [.ruleGone]),
    (EventClosingTests.watch(EventClosingTests.range(93)), []),
    (EventClosingTests.watch(EventClosingTests.range(90)), []), (.ignore, [.ignored]),
  ])
  func `a reload closes events whose reason it removes`(
    policy: MetricPolicy, expected: [EventEnding]
  ) throws {
    let monitor = monitor()
    #expect(monitor.openEvents.count == 1)
    _ = monitor.takeSteps()
    _ = monitor.reconfigure(limits: limits) { _ in policy }
    #expect(endings(monitor) == expected)
    #expect(monitor.openEvents.count == 1 - expected.count)
  }

  @Test func `removing an input closes its events`() {
    let monitor = monitor()
    _ = monitor.takeSteps()
    monitor.endInput("other")
    #expect(monitor.openEvents.count == 1)
    monitor.endInput("table")
    #expect(endings(monitor) == [.inputGone])
    #expect(monitor.openEvents.isEmpty)
  }

  @Test func `a metric without samples for an hour has no open event`() {
    let monitor = monitor()
    let start = EventClosingTests.sample(2, 0).timestamp
    for (minutes, expected) in [(59, []), (62, [EventEnding.forgotten]), (200, [])] {
      _ = monitor.takeSteps()
      monitor.setTime(start.advanced(by: .seconds(minutes * 60)), awake: .seconds(minutes * 60))
      monitor.keepHouse()
      #expect(endings(monitor) == expected, "after \(minutes) minutes")
    }
    #expect(monitor[name("pump.flow")] != nil, "what was learnt stays")
  }

  @Test(arguments: [
    (EventClosingTests.watch(EventRules()), "table", [EventEnding.ruleGone]),
    (EventClosingTests.watch(EventClosingTests.range(90)), "table", []),
    (EventClosingTests.watch(EventClosingTests.range(90)), "other", [.inputGone]),
    (.ignore, "table", [.ignored]),
  ])
  func `a start closes such events as well`(
    policy: MetricPolicy, input: String, expected: [EventEnding]
  ) throws {
    let first = monitor()
    let event = try #require(first.openEvents.first)
    let second = HostMonitor(limits: limits, hostSeed: 1) { _ in policy }
    second.setTime(first.now, awake: .zero)
    second.beginInput(input, stallAfter: nil)
    #expect(second.restore(name("pump.flow"), from: first.metrics[0].encode()) == nil)
    #expect(second.restoreOwners(first.encodeOwners()) == nil)
    #expect(second.restoreOpenEvents([event]).isEmpty)
    #expect(endings(second) == expected)
    #expect(second.openEvents.count == 1 - expected.count)
  }

  @Test func `a stall ends with its input, or its limit, for that reason`() {
    for (limit, expected) in [(Duration.seconds(60), nil), (nil, EventEnding.ruleGone)] {
      let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
      monitor.setTime(EventClosingTests.sample(0, 0).timestamp, awake: .zero)
      monitor.beginInput("table", stallAfter: .seconds(60))
      monitor.setTime(EventClosingTests.sample(61, 0).timestamp, awake: .seconds(61))
      monitor.keepHouse()
      #expect(monitor.openEvents.count == 1)
      monitor.beginInput("table", stallAfter: limit)
      #expect(endings(monitor) == [expected].compactMap(\.self))
      monitor.endInput("table")
      #expect(endings(monitor) == (expected == nil ? [.inputGone] : []))
    }
  }

  @Test func `a step that the history lost is repeated`() throws {
    // Its close: the state knows that it is over.
    let first = monitor()
    let event = try #require(first.openEvents.first)
    first.feed([EventClosingTests.sample(100, 50)], to: name("pump.flow"))
    #expect(first.openEvents.isEmpty)
    let second = HostMonitor(limits: limits, hostSeed: 1) { _ in
      EventClosingTests.watch(EventClosingTests.range(90))
    }
    #expect(second.restore(name("pump.flow"), from: first.metrics[0].encode()) == nil)
    #expect(second.restoreOpenEvents([event], superseded: [event.id]).isEmpty)
    let closed = try #require(second.takeTransitions().first)
    #expect(closed.event.id == event.id)
    #expect(closed.event.closed == EventClosingTests.sample(100, 0).timestamp)
    // Its opening: it is reported again.
    let third = HostMonitor(limits: limits, hostSeed: 1) { _ in
      EventClosingTests.watch(EventClosingTests.range(90))
    }
    #expect(third.restore(name("pump.flow"), from: monitor().metrics[0].encode()) == nil)
    _ = third.restoreOpenEvents([], isRecorded: { _ in false })
    #expect(third.takeTransitions().map(\.stateName) == ["opened"])
    #expect(third.openEvents.map(\.id) == [event.id])
  }

  @Test func `expected values are shown within the possible values of the metric`() throws {
    var rules = EventRules()
    rules.possible = 0...1
    let monitor = HostMonitor(limits: limits, hostSeed: 1) { _ in EventClosingTests.watch(rules) }
    for (index, sample) in wave(600).enumerated() {
      monitor.feed(
        [Sample(timestamp: sample.timestamp, value: index % 10 == 0 ? 1 : 0.45)], to: name("busy"))
      guard let verdict = monitor[name("busy")]?.verdict, verdict.upper.isFinite else { continue }
      #expect(verdict.lower >= 0 && verdict.upper <= 1)
      #expect((0...1).contains(verdict.expected))
    }
  }
}
