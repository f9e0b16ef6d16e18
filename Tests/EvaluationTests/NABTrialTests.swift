import Detection
import Evaluation
import Monitor
import Series
import Testing

/// A noisy wave, one sample a minute, with a spike at 1,200, a gap of 40 samples before 1,400 and
/// a shift of level at 1,600.
private func wave() -> [Sample] {
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

@Suite struct NABTrialTests {
  /// The verdicts of a detector stepped by hand.
  private func verdicts() -> [Verdict] {
    let detector = ValueDetector(configuration: .init(), scratch: TrainingScratch())
    return wave().map { detector.step($0) }
  }

  @Test func `alarms where a detector stepped by hand opens an event`() {
    let verdicts = verdicts()
    let opened = verdicts.indices.filter { verdicts[$0].opensEvent }
    #expect(opened.contains(1_200))
    #expect(NABTrial(budget: 5_000).run(wave(), seed: 1).alarms == opened)
  }

  @Test func `decides from verdicts alone at the same budget as the detector did`() {
    let verdicts = verdicts()
    let opened = verdicts.indices.filter { verdicts[$0].opensEvent }
    #expect(replay(verdicts).alarms(budget: 5_000) == opened)
  }

  private func replay(_ verdicts: [Verdict]) -> AlarmReplay {
    verdicts.reduce(into: AlarmReplay()) { $0.append($1) }
  }

  @Test func `opens no event with a budget that no score reaches`() {
    let replay = replay(verdicts())
    #expect(replay.alarms(budget: 1e13).isEmpty)
    #expect(!replay.alarms(budget: 100).isEmpty)
  }
}
