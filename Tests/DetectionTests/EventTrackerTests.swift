import Detection
import Series
import Testing

@Suite struct EventTrackerTests {
  private static let name = MetricName(sanitizing: "cpu.busy")

  private static func sample(_ index: Int) -> Sample {
    Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index)), value: Double(index))
  }

  private static func verdict(
    _ state: DetectorState, opens: Bool = false, score: Float = 1
  ) -> Verdict {
    Verdict(
      expected: 1, lower: 0, upper: 2, score: score, level: 0, state: state, opensEvent: opens,
      reason: .drift, evidence: SIMD8(repeating: 0))
  }

  @Test func `opens, keeps the peak, closes when the detector is normal again`() throws {
    var tracker = EventTracker(metric: EventTrackerTests.name, hostSeed: 7)
    #expect(
      tracker.advance(EventTrackerTests.sample(0), EventTrackerTests.verdict(.normal)) == .init())
    let opened = tracker.advance(
      EventTrackerTests.sample(1), EventTrackerTests.verdict(.anomalous, opens: true, score: 4))
    #expect(opened.opened?.opened == EventTrackerTests.sample(1).timestamp)
    #expect(opened.opened?.reason == .drift)
    _ = tracker.advance(
      EventTrackerTests.sample(2), EventTrackerTests.verdict(.anomalous, score: 9))
    _ = tracker.advance(
      EventTrackerTests.sample(3), EventTrackerTests.verdict(.anomalous, score: 5))
    let closed = tracker.advance(EventTrackerTests.sample(4), EventTrackerTests.verdict(.normal))
      .closed
    #expect(closed?.id == opened.opened?.id)
    #expect(closed?.peakScore == 9)
    #expect(closed?.score == 4)
    #expect(closed?.closed == EventTrackerTests.sample(4).timestamp)
    #expect(tracker.openEvent == nil)
  }

  @Test func `an event that begins while one is open closes the old one first`() {
    var tracker = EventTracker(metric: EventTrackerTests.name, hostSeed: 7)
    let first = tracker.advance(
      EventTrackerTests.sample(1), EventTrackerTests.verdict(.anomalous, opens: true))
    let second = tracker.advance(
      EventTrackerTests.sample(9), EventTrackerTests.verdict(.anomalous, opens: true))
    #expect(second.closed?.id == first.opened?.id)
    #expect(second.opened?.id != first.opened?.id)
  }

  @Test func `an open event survives being stored`() throws {
    var tracker = EventTracker(metric: EventTrackerTests.name, hostSeed: 7)
    _ = tracker.advance(
      EventTrackerTests.sample(1), EventTrackerTests.verdict(.anomalous, opens: true, score: 5))
    let restored = try EventTracker(
      decoding: tracker.encode(), metric: EventTrackerTests.name, hostSeed: 7)
    #expect(restored.openEvent == tracker.openEvent)
    #expect(throws: DetectorDecodingError.self) {
      try EventTracker(
        decoding: Array(tracker.encode().dropLast()), metric: EventTrackerTests.name, hostSeed: 7)
    }
  }

  @Test func `an id is a UUID of version 7 made of host, metric and time`() {
    let moment = Timestamp(seconds: 1_795_183_329.25)
    let id = EventID(metric: EventTrackerTests.name, opened: moment, hostSeed: 1)
    let text = id.description
    #expect(text.count == 36)
    #expect(text.split(separator: "-")[2].first == "7")
    #expect("89ab".contains(text.split(separator: "-")[3].first ?? "x"))
    #expect(id.high >> 16 == 1_795_183_329_250)
    #expect(id == EventID(metric: EventTrackerTests.name, opened: moment, hostSeed: 1))
    let others = [
      EventID(metric: EventTrackerTests.name, opened: moment, hostSeed: 2),
      EventID(metric: MetricName(sanitizing: "cpu.idle"), opened: moment, hostSeed: 1),
      EventID(
        metric: EventTrackerTests.name, opened: moment.advanced(by: .milliseconds(1)), hostSeed: 1),
    ]
    #expect(Set(others + [id]).count == 4)
  }
}
