import AllocationCounter
import Detection
import Models
import Series
import Support
import Testing

/// Trained models that judge rows as they arrive.
@Suite struct ModelDetectorTests {
  static let names = Recordings.variants

  private func loaded(_ name: String) throws -> LoadedModel {
    try LoadedModel(bytes: Recordings.model(name).bytes)
  }

  private func verdicts(
    _ detector: inout any Detector, _ table: RecordedTable, cutAt cuts: Set<Int> = []
  ) throws -> (verdicts: [Verdict], facts: [Int: [ColumnFact]]) {
    var verdicts: [Verdict] = []
    var facts: [Int: [ColumnFact]] = [:]
    for row in 0..<table.count {
      if cuts.contains(row) {
        detector = try detector.restored(
          from: detector.encode(), configuration: detector.configuration)
      }
      let values = [table[row, 0], table[row, 1]]
      verdicts.append(
        detector.step(.row(values.span), at: table.timestamps[row], StepContext(.rows), next: nil))
      if !detector.columnFacts.isEmpty { facts[row] = detector.columnFacts }
    }
    return (verdicts, facts)
  }

  @Test(arguments: names)
  func `alarms when columns no longer match each other, and names the one that deviates`(
    name: String
  ) throws {
    let broken = 2400..<2460
    let table = Recordings.waves(rows: 2600, broken: broken, seed: 9)
    var detector: any Detector = ModelDetector(
      try loaded(name), configuration: DetectorConfiguration(alarmBudget: 1000))
    let (verdicts, facts) = try verdicts(&detector, table)
    let alarms = verdicts.indices.filter { verdicts[$0].isAlarming }
    #expect(alarms.contains { broken.contains($0) })
    #expect(alarms.count { $0 < broken.lowerBound } <= 20)
    let first = try #require(facts.keys.filter(broken.contains).min())
    let columns = try #require(facts[first])
    #expect(columns.first?.metric == "two", "\(columns)")
    #expect(columns.first?.value == table[first, 1])
    #expect(columns.first?.usual.isFinite == true)
  }

  @Test(arguments: names)
  func `continues from its stored state to the bit`(name: String) throws {
    let table = Recordings.waves(rows: 700, broken: 600..<640, seed: 4)
    let loaded = try loaded(name)
    var whole: any Detector = ModelDetector(loaded, configuration: .init())
    var cut: any Detector = ModelDetector(loaded, configuration: .init())
    let expected = try verdicts(&whole, table)
    let found = try verdicts(&cut, table, cutAt: [1, 5, 17, 350, 601, 620])
    for row in expected.verdicts.indices {
      let (a, b) = (expected.verdicts[row], found.verdicts[row])
      #expect(a.score == b.score && a.evidence == b.evidence && a.state == b.state, "row \(row)")
      #expect(a.value == b.value || a.value.isNaN && b.value.isNaN, "row \(row)")
    }
    #expect(expected.facts == found.facts)
  }

  @Test(arguments: names)
  func `rows at the ends of time are further apart than a difference can say`(name: String) throws {
    let detector = ModelDetector(try loaded(name), configuration: .init())
    for moment in [Int64.min, 0, .max, .max] {
      let values = [1.0, 2]
      let verdict = detector.step(
        .row(values.span), at: Timestamp(nanoseconds: moment), StepContext(.rows), next: nil)
      #expect(!verdict.score.isNaN)
    }
  }

  @Test(arguments: names)
  func `the time of a row is measured when the model is loaded`(name: String) throws {
    let bytes = try Recordings.model(name).bytes
    #expect(try LoadedModel(bytes: bytes).rowTime == nil)
    var runs = 0
    let loaded = try LoadedModel(bytes: bytes) { row in
      row()
      runs += 1
      return .milliseconds(3)
    }
    #expect(loaded.rowTime == .milliseconds(3) && runs == 1)
    // If the network did not run, a row would take almost no time.
    let measured = try LoadedModel(bytes: bytes) { ContinuousClock().measure($0) }
    let time = try #require(measured.rowTime)
    #expect(time > .nanoseconds(500) && time < .seconds(1), "\(time)")
  }

  @Test func `does not continue from the state of another model file`() throws {
    var first: any Detector = ModelDetector(try loaded("window"), configuration: .init())
    _ = try verdicts(&first, Recordings.waves(rows: 50))
    let stored = first.encode()
    let other = try loaded("forecaster")
    let second = ModelDetector(other, configuration: .init())
    #expect(throws: StateDecodingError.self) {
      try second.restored(from: stored, configuration: .init())
    }
  }

  @Test(arguments: names)
  func `a frozen one judges without calibrating`(name: String) throws {
    var detector: any Detector = ModelDetector(try loaded(name), configuration: .init())
    let table = Recordings.waves(rows: 500)
    _ = try verdicts(&detector, table)
    let usual = detector.learning.usualEvidence
    var context = StepContext(.rows)
    context.learns = false
    let values = [1000.0, 1000.0]
    let moment = table.timestamps[499].advanced(by: .seconds(60))
    _ = detector.step(.row(values.span), at: moment, context, next: nil)
    #expect(detector.learning.usualEvidence == usual)
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"), arguments: names)
  func `a row allocates nothing once it is warm`(name: String) throws {
    let detector = ModelDetector(try loaded(name), configuration: .init())
    let table = Recordings.waves(rows: 700)
    let context = StepContext(.rows)
    var values = [0.0, 0.0]
    func step(_ row: Int) {
      for column in 0..<2 {
        let sample = Sample(timestamp: table.timestamps[row], value: table[row, column])
        if detector.rows.put(sample, in: column, usual: .seconds(60)) {
          let moment = detector.rows.take()
          for column in 0..<2 { values[column] = detector.rows.row[column] }
          _ = detector.step(.row(values.span), at: moment, context, next: nil)
        }
      }
    }
    for row in 0..<600 { step(row) }
    let before = allocation_counter_current()
    for row in 600..<700 { step(row) }
    #expect(allocation_counter_current() == before)
  }
}
