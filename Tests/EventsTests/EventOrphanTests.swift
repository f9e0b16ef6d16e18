import Detection
import Events
import Series
import Testing

/// Events that were open when the daemon was killed, after its last checkpoint.
@Suite struct EventOrphanTests {
  private static let name = MetricName(sanitizing: "cpu.busy")

  private static func sample(_ index: Int) -> Sample {
    Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index)), value: Double(index))
  }

  private static func verdict(
    _ state: DetectorState, opens: Bool = false, score: Float = 1
  ) -> Verdict {
    Verdict(
      expected: 1, lower: 0, upper: 2, score: score, threshold: 3, level: 0, state: state,
      alarm: score >= 3 ? opens ? .first : .further : .none, reason: .drift,
      evidence: EvidenceVector(.values))
  }

  /// A tracker with the samples that it has seen.
  private struct Subject {
    var tracker = EventTracker(metric: EventOrphanTests.name, hostSeed: 7)
    var history = RingBuffer(capacity: 64)

    mutating func step(
      _ index: Int, _ state: DetectorState, opens: Bool = false, score: Float = 1
    ) -> [EventTransition] {
      let sample = EventOrphanTests.sample(index)
      history.append(sample)
      let verdict = EventOrphanTests.verdict(state, opens: opens, score: score)
      return tracker.advance(sample, verdict, history: history)
    }
  }

  @Test func `an event orphaned by a crash ends when its metric is normal`() throws {
    let orphan = EventOrphanTests.orphan(openedAt: 20)
    var subject = Subject()
    _ = subject.step(10, .normal)
    subject.tracker.expect(orphan)
    #expect(subject.step(20, .normal) == [], "its own sample may still bring it")
    #expect(subject.step(21, .normal).map(\.event.id) == [orphan.id])
    #expect(subject.tracker.openEvent == nil)
    #expect(subject.step(22, .normal) == [])
  }

  @Test func `an orphan continues while its metric is anomalous, as the same event`() throws {
    let orphan = EventOrphanTests.orphan(openedAt: 20)
    var subject = Subject()
    subject.tracker.expect(orphan)
    #expect(subject.step(25, .anomalous, opens: true, score: 3).map(\.stateName) == [])
    #expect(subject.tracker.openEvent?.id == orphan.id)
    let closed = subject.step(40, .normal)
    #expect(closed.map(\.event.id) == [orphan.id])
    #expect(closed.first?.event.closed == EventOrphanTests.sample(40).timestamp)
  }

  @Test func `an event whose samples are reread is opened by them, not adopted`() throws {
    let orphan = EventOrphanTests.orphan(openedAt: 20)
    var subject = Subject()
    subject.tracker.expect(orphan)
    for index in 10..<20 { #expect(subject.step(index, .normal) == []) }
    let opened = subject.step(20, .anomalous, opens: true, score: 4)
    #expect(opened.map(\.event.id) == [orphan.id])
    #expect(opened.map(\.stateName) == ["opened"])
    #expect(subject.step(21, .normal).map(\.event.id) == [orphan.id])
  }

  @Test func `an orphan is closed if there is a later event`() throws {
    let orphan = EventOrphanTests.orphan(openedAt: 20)
    var subject = Subject()
    let other = subject.step(10, .anomalous, opens: true, score: 4)
    subject.tracker.expect(orphan)
    #expect(subject.step(30, .anomalous).map(\.event.id) == [orphan.id])
    #expect(subject.tracker.openEvent?.id == other.first?.event.id)
    subject.tracker.expect(EventOrphanTests.orphan(openedAt: 50))
    subject.tracker.dismiss(EventOrphanTests.orphan(openedAt: 50))
    #expect(subject.step(60, .anomalous) == [])
  }

  private static func orphan(openedAt index: Int) -> Event {
    let sample = sample(index)
    return Event(
      id: EventID(metric: name, opened: sample.timestamp, hostSeed: 7), metric: name,
      cause: .evidence(.drift), direction: .high, severity: .warning, opened: sample.timestamp,
      value: sample.value, expected: 1, lower: 0, upper: 2, score: 4)
  }
}
