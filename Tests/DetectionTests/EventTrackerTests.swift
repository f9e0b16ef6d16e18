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
      expected: 1, lower: 0, upper: 2, score: score, threshold: 3, level: 0, state: state,
      isAlarming: score >= 3, opensEvent: opens, reason: .drift, evidence: SIMD8(repeating: 0))
  }

  /// A tracker with the samples that it has seen.
  private struct Subject {
    var tracker = EventTracker(metric: EventTrackerTests.name, hostSeed: 7)
    var history = RingBuffer(capacity: 64)

    mutating func step(
      _ index: Int, _ state: DetectorState, opens: Bool = false, score: Float = 1
    ) -> [EventTransition] {
      let sample = EventTrackerTests.sample(index)
      history.append(sample)
      let verdict = EventTrackerTests.verdict(state, opens: opens, score: score)
      return tracker.advance(sample, verdict, history: history)
    }
  }

  @Test func `an event that a crash orphaned ends when its metric is seen normal`() throws {
    let orphan = EventTrackerTests.orphan(openedAt: 20)
    var subject = Subject()
    _ = subject.step(10, .normal)
    subject.tracker.expect(orphan)
    #expect(subject.step(20, .normal) == [], "its own sample may still bring it")
    #expect(subject.step(21, .normal).map(\.event.id) == [orphan.id])
    #expect(subject.tracker.openEvent == nil)
    #expect(subject.step(22, .normal) == [])
  }

  @Test func `an orphan goes on while its metric is anomalous, as the same event`() throws {
    let orphan = EventTrackerTests.orphan(openedAt: 20)
    var subject = Subject()
    subject.tracker.expect(orphan)
    #expect(subject.step(25, .anomalous, opens: true, score: 3).map(\.stateName) == [])
    #expect(subject.tracker.openEvent?.id == orphan.id)
    let closed = subject.step(40, .normal)
    #expect(closed.map(\.event.id) == [orphan.id])
    #expect(closed.first?.event.closed == EventTrackerTests.sample(40).timestamp)
  }

  @Test func `an event whose samples come again is opened by them, not adopted`() throws {
    let orphan = EventTrackerTests.orphan(openedAt: 20)
    var subject = Subject()
    subject.tracker.expect(orphan)
    for index in 10..<20 { #expect(subject.step(index, .normal) == []) }
    let opened = subject.step(20, .anomalous, opens: true, score: 4)
    #expect(opened.map(\.event.id) == [orphan.id])
    #expect(opened.map(\.stateName) == ["opened"])
    #expect(subject.step(21, .normal).map(\.event.id) == [orphan.id])
  }

  @Test func `an orphan beside a later event is over`() throws {
    let orphan = EventTrackerTests.orphan(openedAt: 20)
    var subject = Subject()
    let other = subject.step(10, .anomalous, opens: true, score: 4)
    subject.tracker.expect(orphan)
    #expect(subject.step(30, .anomalous).map(\.event.id) == [orphan.id])
    #expect(subject.tracker.openEvent?.id == other.first?.event.id)
    subject.tracker.expect(EventTrackerTests.orphan(openedAt: 50))
    subject.tracker.dismiss(EventTrackerTests.orphan(openedAt: 50))
    #expect(subject.step(60, .anomalous) == [])
  }

  private static func orphan(openedAt index: Int) -> Event {
    let sample = sample(index)
    return Event(
      id: EventID(metric: name, opened: sample.timestamp, hostSeed: 7), metric: name,
      cause: .evidence(.drift), direction: .high, severity: .warning, opened: sample.timestamp,
      value: sample.value, expected: 1, lower: 0, upper: 2, score: 4)
  }

  @Test func `opens, keeps the peak, closes when the detector is normal again`() throws {
    var subject = Subject()
    #expect(subject.step(0, .normal) == [])
    let opened = subject.step(5, .anomalous, opens: true, score: 4)
    guard case .opened(let event)? = opened.first else {
      Issue.record("expected an opening, found \(opened)")
      return
    }
    #expect(event.opened == EventTrackerTests.sample(5).timestamp)
    #expect(event.cause == .evidence(.drift))
    #expect(event.direction == .high)
    #expect(event.severity == .warning)
    #expect(event.samples.map(\.value) == [0, 5])
    #expect(subject.step(8, .anomalous, score: 9).map(\.stateName) == ["updated"])
    _ = subject.step(6, .anomalous, score: 5)
    let closed = try #require(subject.step(9, .normal).first)
    guard case .closed(let end) = closed else {
      Issue.record("expected a close, found \(closed)")
      return
    }
    #expect(end.id == event.id)
    #expect(end.score == 4)
    #expect(end.peakScore == 9)
    #expect(end.peakValue == 8)
    #expect(end.peakAt == EventTrackerTests.sample(8).timestamp)
    #expect(end.severity == .critical)
    #expect(end.closed == EventTrackerTests.sample(9).timestamp)
    #expect(subject.tracker.openEvent == nil)
  }

  @Test func `an event that begins while one is open closes the old one first`() {
    var subject = Subject()
    let first = subject.step(1, .anomalous, opens: true)
    let second = subject.step(9, .anomalous, opens: true)
    #expect(second.map(\.stateName) == ["closed", "opened"])
    #expect(second.first?.event.id == first.first?.event.id)
    #expect(second.last?.event.id != first.first?.event.id)
  }

  @Test func `an open event survives being stored`() throws {
    var subject = Subject()
    _ = subject.step(1, .anomalous, opens: true, score: 5)
    _ = subject.step(2, .anomalous, score: 11)
    let bytes = subject.tracker.encode()
    let restored = try EventTracker(
      decoding: bytes, metric: EventTrackerTests.name, hostSeed: 7)
    #expect(restored.openEvent == subject.tracker.openEvent)
    #expect(restored.encode() == bytes)
    for length in 0..<bytes.count {
      #expect(throws: DetectorDecodingError.self) {
        try EventTracker(
          decoding: Array(bytes.prefix(length)), metric: EventTrackerTests.name, hostSeed: 7)
      }
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
