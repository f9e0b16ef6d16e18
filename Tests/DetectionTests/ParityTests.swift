import Detection
import Networks
import Series
import Testing

/// The detector against an independent program that was written from its specification
/// (`Tests/Golden/detector.py`), seed 1.
@Suite struct ParityTests {
  @Test(
    arguments: ["daily", "walk", "bursts", "levels", "gaps", "tails", "weeks"],
    InstructionSet.available)
  func `events and scores agree with the reference`(name: String, set: InstructionSet) throws {
    try compare(with: try ReferenceSeries(golden: name), on: set)
  }

  /// The tolerances cover the effect of rounding, amplified by learning, on the reference under two
  /// compilers.
  private func compare(with reference: ReferenceSeries, on set: InstructionSet) throws {
    let kernels = try #require(Kernels(set))
    let detector = ValueDetector(scratch: TrainingScratch(kernels: kernels))
    var far = 0
    var events: [Int] = []
    for (index, row) in reference.rows.enumerated() {
      let verdict = detector.step(row.sample)
      if abs(verdict.score - row.score) > 0.3 { far += 1 }
      if verdict.opensEvent { events.append(index) }
    }
    let count = reference.rows.count
    #expect(count > 1000)
    #expect(Double(far) <= 0.01 * Double(count), "\(far) of \(count) scores are off")
    let expectedEvents = reference.rows.indices.filter { reference.rows[$0].opensEvent }
    #expect(!expectedEvents.isEmpty)
    #expect(abs(events.count - expectedEvents.count) <= 1)
    let unmatched = expectedEvents.filter { expected in
      !events.contains { abs($0 - expected) <= 30 }
    }
    #expect(unmatched.count <= 1, "missing: \(unmatched), found: \(events)")
  }
}
