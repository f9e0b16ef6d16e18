import Detection
import Series
import Support
import Testing

@Suite struct EvidenceTests {
  @Test func `every kind has an id, a name and a lane of its own`() {
    let all = Evidence.all
    #expect(Set(all.map(\.id)).count == all.count)
    #expect(Set(all.map(\.name)).count == all.count)
    for family in [Evidence.Family.values, .symbols] {
      #expect(family.kinds.map(\.kind.lane) == Array(0..<family.kinds.count))
      #expect(family.kinds.allSatisfy { $0.family == family })
    }
    for evidence in all {
      #expect(Evidence(id: evidence.id) == evidence)
      #expect(Evidence(name: evidence.name) == evidence)
    }
    #expect(Evidence(id: 200) == nil && Evidence(name: "none") == nil)
  }

  @Test func `ids are those of version 0.1, in which events are stored`() {
    let names = [
      "jump", "window8", "window48", "window144", "drift", "value", "value3", "quiet", "symbol",
      "interval", "order8", "order32", "mix64", "pace32", "unknown",
    ]
    #expect(names.map { Evidence(name: $0)?.id } == Array(0..<15))
  }

  private static func decoded(_ bytes: [UInt8]) throws -> EvidenceVector {
    var reader = ByteReader(bytes)
    let vector = try EvidenceVector(from: &reader)
    try reader.requireEnd()
    return vector
  }

  @Test(arguments: [Evidence.Family.values, .symbols])
  func `a vector is read as it was written`(family: Evidence.Family) throws {
    var vector = EvidenceVector(family)
    for (index, kind) in family.kinds.enumerated() { vector[kind] = Float(index) + 0.25 }
    var writer = ByteWriter()
    vector.encode(to: &writer)
    #expect(try EvidenceTests.decoded(writer.bytes) == vector)
  }

  @Test func `a kind added by a later version is left out, a missing one is zero`() throws {
    var writer = ByteWriter()
    writer.write(UInt8(2))
    writer.write(UInt8(99))
    writer.write(Float(7))
    writer.write(Evidence.interval.id)
    writer.write(Float(3))
    let vector = try EvidenceTests.decoded(writer.bytes)
    #expect(vector.family == .symbols)
    #expect(vector.family.kinds.map { vector[$0] } == [0, 3, 0, 0, 0, 0, 0])
  }

  @Test(arguments: [[17], [2, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0], [1, 0, 0]] as [[UInt8]])
  func `bytes that are not a vector are refused`(bytes: [UInt8]) {
    #expect(throws: ByteReaderError.self) { try EvidenceTests.decoded(bytes) }
  }

  /// A stored state with its list of sources, or of calibrators, as another version would have it.
  @Test func `evidence added by a later version does not invalidate stored state`() throws {
    let scratch = TrainingScratch()
    let detector = ValueDetector(scratch: scratch)
    for sample in SyntheticSeries.dailyWave(count: 400) { _ = detector.step(sample) }
    let bytes = detector.encode()
    var changed = bytes
    // Both lists begin with their count, the jump's id, and the length of its part.
    for (count, length): (UInt8, UInt32) in [(7, 588), (10, 89)] {
      var start = ByteWriter()
      for number in [Int(count), 0] { start.write(number) }
      start.write(length)
      let place = try #require(changed.firstRange(of: start.bytes)).lowerBound
      changed[place] += 1
      changed.insert(
        contentsOf: [200, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3], at: place + 8)
    }
    let other = try ValueDetector(decoding: changed, configuration: .init(), scratch: scratch)
    #expect(other.encode() == bytes)
  }

  @Test func `a frozen detector keeps judging with its learnt state`() {
    let scratch = TrainingScratch()
    let samples = SyntheticSeries.dailyWave(count: 4_000, jumpAt: 4_000)
    func anomalies(learns: Bool) -> Int {
      let detector = ValueDetector(scratch: scratch)
      for sample in samples.prefix(2_000) { _ = detector.step(sample) }
      var context = StepContext(.values)
      context.learns = learns
      // A second metric, ten times as large: a learning detector soon adapts to it.
      return samples.suffix(2_000).suffix(1_000).reduce(into: 0) { count, sample in
        let verdict = detector.step(
          .value(sample.value * 10 + 1_000), at: sample.timestamp, context, next: nil)
        if verdict.score > 3 { count += 1 }
      }
    }
    let (frozen, learning) = (anomalies(learns: false), anomalies(learns: true))
    #expect(frozen > 900, "\(frozen)")
    #expect(learning < 300, "\(learning)")
  }
}
