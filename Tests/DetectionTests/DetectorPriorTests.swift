import Detection
import Glibc
import Networks
import Series
import Testing

/// New detectors that start from what another one has learnt.
@Suite struct DetectorPriorTests {
  private let scratch = TrainingScratch()

  /// A daily wave of values five minutes apart, with its own level, size and noise.
  private func wave(_ count: Int, level: Double, size: Double, seed: UInt64) -> [Sample] {
    var random = XorShift(seed: seed)
    return (0..<count).map { index in
      let angle = Double(index) / 288 * 2 * .pi
      let course = sin(angle) + 0.5 * sin(3 * angle) + 0.4 * sin(Double(index) / 3)
      return Sample(
        timestamp: Timestamp(seconds: 1_700_000_000 + 300 * Double(index)),
        value: level + size * (course + 0.1 * random.gaussian()))
    }
  }

  private func learnt(_ samples: [Sample]) -> ValueDetector {
    let detector = ValueDetector(scratch: scratch)
    for sample in samples { _ = detector.step(sample) }
    return detector
  }

  @Test func `trusts its forecast from the beginning`() throws {
    let other = learnt(wave(5_000, level: 50, size: 10, seed: 1))
    #expect(other.learning.belief > 0.5)
    let fresh = ValueDetector(scratch: scratch)
    let begun = ValueDetector(
      configuration: .init(), scratch: scratch, prior: try #require(other.prior))
    for sample in wave(105, level: -3_000, size: 400, seed: 2) {
      _ = fresh.step(sample)
      _ = begun.step(sample)
    }
    #expect(begun.learning.belief > 0.5)
    #expect(fresh.learning.belief < 0.5 * begun.learning.belief)
  }

  @Test func `takes over no scale, calibration or threshold`() throws {
    let other = learnt(wave(5_000, level: 50, size: 10, seed: 1))
    let prior = try #require(other.prior)
    let begun = ValueDetector(configuration: .init(), scratch: scratch, prior: prior)
    #expect(begun.seen == 0)
    #expect(begun.learning.weights == other.learning.weights)
    #expect(begun.learning.usualEvidence.allSatisfy { $0 == 0 })
    let samples = wave(310, level: 1e6, size: 1, seed: 3)
    for (index, sample) in samples.enumerated() {
      let verdict = begun.step(sample)
      if index < ValueDetector.warmUpSamples - 1 {
        guard case .warmingUp = verdict.state else {
          Issue.record("no warm-up at sample \(index)")
          return
        }
      }
      #expect(!verdict.isAlarming)
    }
    #expect(abs((begun.learning.mean ?? 0) - 1e6) < 1)
  }

  /// On a host where alarms are so rare that a fresh detector warms up for 2,000 samples.
  @Test func `warms up for 300 samples, however rare alarms are to be`() throws {
    let prior = try #require(learnt(wave(1_500, level: 50, size: 10, seed: 1)).prior)
    let begun = ValueDetector(configuration: .init(), scratch: scratch, prior: prior)
    let fresh = ValueDetector(configuration: .init(), scratch: scratch)
    var context = StepContext(.values)
    context.budgetOffset = 3
    let samples = wave(2_001, level: -3_000, size: 400, seed: 2)
    for (index, sample) in samples.enumerated() {
      let states = [begun, fresh].map {
        $0.step(.value(sample.value), at: sample.timestamp, context, next: nil).state
      }
      for (state, needed) in zip(states, [300, 2_000]) where index + 1 < needed {
        #expect(state == .warmingUp(seen: index + 1, needed: needed))
      }
      if index + 1 >= 300 { #expect(states[0] == .normal, "sample \(index)") }
      if index + 1 == 2_000 { #expect(states[1] == .normal) }
    }
  }

  @Test func `the warm-up is as short after a restart`() throws {
    let prior = try #require(learnt(wave(1_500, level: 50, size: 10, seed: 1)).prior)
    let begun = ValueDetector(configuration: .init(), scratch: scratch, prior: prior)
    var context = StepContext(.values)
    context.budgetOffset = 3
    let samples = wave(202, level: 0, size: 1, seed: 2)
    for sample in samples.prefix(200) {
      _ = begun.step(.value(sample.value), at: sample.timestamp, context, next: nil)
    }
    let restored = try begun.restored(from: begun.encode(), configuration: .init())
    let verdict = restored.step(
      .value(samples[200].value), at: samples[200].timestamp, context, next: nil)
    #expect(verdict.state == .warmingUp(seen: 201, needed: 300))
  }

  @Test func `a detector that has learnt little provides none`() {
    #expect(learnt(wave(DetectorPrior.leastSamples - 1, level: 0, size: 1, seed: 1)).prior == nil)
  }

  @Test func `a restored state takes precedence over a prior`() throws {
    let prior = try #require(learnt(wave(1_500, level: 50, size: 10, seed: 1)).prior)
    let own = learnt(wave(1_200, level: 5, size: 1, seed: 4))
    let begun = ValueDetector(configuration: .init(), scratch: scratch, prior: prior)
    let restored = try begun.restored(from: own.encode(), configuration: .init())
    #expect(restored.encode() == own.encode())
  }
}
