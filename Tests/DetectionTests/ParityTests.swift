import Detection
import Networks
import Series
import Support
import Testing

/// The detector against the output of the C++ reference (`Tests/Golden/parity.py`), seed 1.
@Suite struct ParityTests {
  @Test(
    arguments: ["daily", "walk", "bursts", "levels", "gaps", "tails"], InstructionSet.available)
  func `events and scores agree with the reference`(name: String, set: InstructionSet) throws {
    try compare(with: try ReferenceSeries(golden: name), on: set)
  }

  /// Series of the development half of NAB, longer than those in the project.
  static let recorded = [
    "ec2_cpu_utilization_5f5533", "art_daily_flatmiddle", "ec2_network_in_257a54", "nyc_taxi",
  ]

  @Test(
    .enabled(if: Needs.sharedData.isMet, "\(Needs.sharedData)"),
    arguments: recorded, InstructionSet.available)
  func `events and scores agree with the reference on recorded series`(
    name: String, set: InstructionSet
  ) throws {
    try compare(with: try ReferenceSeries(recorded: name), on: set)
  }

  /// The tolerances are what rounding, amplified by learning, made of the reference under two
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
