import Detection
import Evaluation
import Events
import Series
import Testing

/// A noisy wave, one sample a minute, with a spike at 1,200, a gap of 40 samples before 1,400 and
/// a shift of level at 1,600.
private func recording() -> [Sample] {
  var state: UInt32 = 1
  return (0..<1_800).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    let noise = Double(state >> 8) / Double(1 << 24) - 0.5
    let phase = Double(index % 120) / 120
    var value = 50 + 10 * abs(phase - 0.5) + noise
    if index == 1_200 { value += 60 }
    if (1_360..<1_400).contains(index) { value = .nan }
    if index >= 1_600 { value += 40 }
    return Sample(timestamp: minute(index), value: value)
  }
}

@Suite struct BacktestTests {
  private let metric = MetricName(sanitizing: "wave")

  private func steps() -> (steps: [Backtest.Step], open: Event?) {
    var backtest = Backtest(metric: metric, scratch: TrainingScratch())
    let steps = recording().map { backtest.step($0) }
    return (steps, backtest.openEvent)
  }

  @Test func `yields the verdicts and events of a detector and a tracker stepped by hand`() {
    let detector = ValueDetector(configuration: .init(), scratch: TrainingScratch())
    var tracker = EventTracker(metric: metric, hostSeed: 0)
    var history = RingBuffer(capacity: 256)
    for (sample, step) in zip(recording(), steps().steps) {
      let verdict = detector.step(sample)
      history.append(sample)
      #expect("\(verdict)" == "\(step.verdict)")  // NaN bands are equal as text only
      #expect("\(tracker.advance(sample, verdict, history: history))" == "\(step.transitions)")
    }
  }

  @Test func `opens an event at the spike and closes it when the hold-off has ended`() throws {
    let (steps, _) = steps()
    let opened = try #require(steps[1_200].transitions.first?.event)
    #expect(steps[1_200].transitions == [.opened(opened)])
    #expect(opened.opened == minute(1_200))
    let later = steps[1_201...].flatMap(\.transitions)
    let closed = try #require(later.first { $0.stateName == "closed" }?.event)
    #expect(closed.id == opened.id)
    #expect(try #require(closed.closed) >= minute(1_230))
  }

  @Test func `decides from scores alone at the same budget as the detector did`() {
    let steps = steps().steps
    let scores = zip(recording(), steps).map { $0.value.isNaN ? Float.nan : $1.verdict.score }
    let opened = steps.indices.filter { steps[$0].verdict.opensEvent }
    #expect(!opened.isEmpty)
    #expect(AlarmReplay(scores: scores).alarms(budget: 5_000) == opened)
  }

  @Test func `opens no event under a budget that no score reaches`() {
    let steps = steps().steps
    let replay = AlarmReplay(scores: steps.map(\.verdict.score))
    #expect(replay.alarms(budget: 1e13).isEmpty)
    #expect(!replay.alarms(budget: 100).isEmpty)
  }
}
