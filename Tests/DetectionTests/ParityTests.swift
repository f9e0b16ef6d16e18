import Detection
import Networks
import Series
import Support
import Testing

/// The detector against the reference's own output for six real series, seed 1.
@Suite struct ParityTests {
  static let names = [
    "machine_temperature_system_failure", "ec2_cpu_utilization_5f5533", "art_daily_flatmiddle",
    "ec2_network_in_257a54", "nyc_taxi", "speed_7578",
  ]
  static let folder = "reference/detector/expected/"

  @Test(
    .enabled(if: SharedData.has(folder), "\(SharedData.absent)"), arguments: names,
    InstructionSet.available)
  func `events and scores agree with the reference`(name: String, set: InstructionSet) throws {
    let rows = try SharedData.rows(ParityTests.folder + name + ".csv")
    let kernels = try #require(Kernels(set))
    let detector = ValueDetector(scratch: TrainingScratch(kernels: kernels))
    var far = 0
    var events: [Int] = []
    var expectedEvents: [Int] = []
    for (index, row) in rows.enumerated() {
      let verdict = detector.step(
        Sample(
          timestamp: Timestamp(seconds: try #require(Double(row[0]))),
          value: Double(row[1]) ?? .nan))
      if abs(verdict.score - (try #require(Float(row[2])))) > 0.3 { far += 1 }
      if verdict.opensEvent { events.append(index) }
      if row[6] == "1" { expectedEvents.append(index) }
    }
    #expect(rows.count > 1000)
    #expect(Double(far) <= 0.01 * Double(rows.count), "\(far) of \(rows.count) scores are off")
    #expect(abs(events.count - expectedEvents.count) <= 1)
    let unmatched = expectedEvents.filter { expected in
      !events.contains { abs($0 - expected) <= 30 }
    }
    #expect(unmatched.count <= 1, "missing: \(unmatched), found: \(events)")
  }
}
