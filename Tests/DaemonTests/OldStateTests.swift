import Detection
import Events
import FoundationEssentials
import Monitor
import Series
import Store
import Support
import Testing

/// State that earlier versions left behind: anomalyd 0.1 (a5b8fe6) in Tests/Fixtures/state-0.1, and
/// 0.2 (a09dbe9), the last before metrics were stored in parts with versions, in Tests/Fixtures/state-0.2.
///
/// They had read 700 samples of `SyntheticSeries.dailyWave` as `wave.wave` and 700 trace events as
/// `trace`, with `AlarmBudget=5000`, `HoldOff=0` and `HistorySamples=16`; the series jumps at
/// sample 690, and event 695 has a new id. That of 0.2 has feedback on the event of `wave.wave`,
/// and three times the series as `shared.wave`: it shares the host's budget, and a silence
/// suppresses its learning from sample 650 on.
@Suite struct OldStateTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  /// A state directory with what a version left behind.
  private static func directory(
    _ version: String, _ body: (StateDirectory) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory.path + "/old-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try StateDirectory(path: path)
    let folder = folder.appending(path: "state-\(version)")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let data = try Data(contentsOf: folder.appending(path: name))
      try data.write(to: URL(filePath: path + "/" + name))
    }
    try body(directory)
  }

  private let scratch = DetectorScratch()

  private func restored(_ version: String) throws -> [MonitoredMetric] {
    var metrics: [MonitoredMetric] = []
    try OldStateTests.directory(version) { directory in
      var failure: (any Error)?
      let report = try directory.restore { record in
        guard record.kind == .metric else { return }
        do {
          metrics.append(try metric(record.name, decoding: record.payload))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      #expect(report?.lost == 0 && report?.newestUnusable == nil)
    }
    return metrics
  }

  private func metric(
    _ name: String, decoding bytes: [UInt8]
  ) throws -> MonitoredMetric {
    try MonitoredMetric(
      decoding: bytes, name: MetricName(sanitizing: name),
      configuration: DetectorConfiguration(alarmBudget: 5_000), sharesHostBudget: false,
      rules: EventRules(), scratch: scratch, hostSeed: 0, historyCapacity: 16, heard: .zero,
      learningSnapshots: LearningSnapshotAccount())
  }

  private func fresh(_ family: Evidence.Family) -> MonitoredMetric {
    MonitoredMetric(
      detector: scratch.detector(
        of: family, configuration: DetectorConfiguration(alarmBudget: 5_000)),
      tracker: EventTracker(metric: MetricName(sanitizing: "x"), hostSeed: 0), share: nil,
      historyCapacity: 16, heard: .zero)
  }

  private static func symbol(_ index: Int) -> (id: [UInt8], at: Timestamp) {
    let id = index == 695 ? "assert" : ["a", "b", "c", "d"][index % 4]
    return (Array(id.utf8), Timestamp(seconds: Double(1_767_571_200 + index)))
  }

  @Test(arguments: ["0.1", "0.2"])
  func `a metric continues as if it had always been monitored by this version`(
    version: String
  ) throws {
    var budget = HostBudget(alarmsPerDay: 2)
    var old = try #require(restored(version).first { $0.name.text == "wave.wave" })
    for entry in old.feedback.entries { old.withdraw(entry.event) }
    var new = fresh(.values)
    let samples = SyntheticSeries.dailyWave(count: 900, jumpAt: 690)
    for sample in samples.prefix(700) {
      _ = new.advance(.value(sample.value), at: sample.timestamp, budget: &budget)
    }
    #expect(old.samples == 700 && old.newest == new.newest && old.history.count == 16)
    #expect(old.verdict?.reason == new.verdict?.reason && old.verdict?.reach == new.verdict?.reach)
    #expect(old.openEvent?.opened == samples[690].timestamp)
    for sample in samples.suffix(200) {
      _ = old.advance(.value(sample.value), at: sample.timestamp, budget: &budget)
      _ = new.advance(.value(sample.value), at: sample.timestamp, budget: &budget)
      let (left, right) = (try #require(old.verdict), try #require(new.verdict))
      // The state may have been learnt on another instruction set.
      #expect(abs(left.score - right.score) < 0.05, "\(sample.timestamp)")
      #expect(left.state == right.state && left.alarm == right.alarm)
    }
    #expect(old.openEvent == nil)
  }

  @Test(arguments: ["0.1", "0.2"]) func `a trace continues in the same way`(version: String) throws
  {
    var budget = HostBudget(alarmsPerDay: 2)
    var old = try #require(restored(version).first { $0.family == .symbols })
    var new = fresh(.symbols)
    for index in 0..<900 {
      let (id, at) = OldStateTests.symbol(index)
      _ = new.advance(.symbol(id.span), at: at, budget: &budget)
      guard index >= 700 else { continue }
      _ = old.advance(.symbol(id.span), at: at, budget: &budget)
      let (left, right) = (try #require(old.verdict), try #require(new.verdict))
      #expect(abs(left.score - right.score) < 0.05, "event \(index)")
      #expect(left.state == right.state && left.alarm == right.alarm)
    }
    #expect(old.symbols?.alphabetSize == 5)
    #expect(old.samples == 900)
  }

  @Test(arguments: ["0.1", "0.2"])
  func `it is saved in this version's format`(version: String) throws {
    for old in try restored(version) {
      let again = try metric(old.name.text, decoding: old.encode())
      #expect(again.encode() == old.encode())
      #expect(again.detector.encode() == old.detector.encode())
    }
  }

  @Test func `nothing of a metric of 0.2 is lost`() throws {
    let metrics = try restored("0.2")
    let judged = try #require(metrics.first { $0.name.text == "wave.wave" })
    #expect(judged.feedback.entries.map(\.judgement) == [.falseAlarm])
    #expect(judged.openEvent != nil && judged.share == nil && judged.frozenSince == nil)
    let shared = try #require(metrics.first { $0.name.text == "shared.wave" })
    #expect(shared.kept != nil && shared.silences == 0 && shared.usualInterval == .seconds(300))
    #expect(shared.newest?.timestamp == judged.newest?.timestamp)
  }

  @Test func `only the metric with a part of a newer format starts afresh`() throws {
    let bytes = try #require(restored("0.2").first).encode()
    var known = 0
    // Iterates over the parts: id, version, length, content.
    var offset = 1
    while offset < bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 2 + $1]) << (8 * $1) }
      var newer = bytes
      newer[offset + 1] += 1
      #expect(throws: MetricDecodingError.self) { try metric("wave.wave", decoding: newer) }
      var unknown = bytes
      unknown.insert(contentsOf: [200, 9, 3, 0, 0, 0, 1, 2, 3], at: offset)
      #expect(try metric("wave.wave", decoding: unknown).encode() == bytes)
      offset += 6 + length
      known += 1
    }
    #expect(offset == bytes.count && known >= 7)
  }

  @Test func `events keep their history and their evidence`() throws {
    try OldStateTests.directory("0.1") { directory in
      let history = try EventHistory(in: directory, maximumBytes: 1 << 20)
      #expect(history.drainNotices().isEmpty)
      #expect(history.count == 3)
      let open = history.openEvents.map(\.step.transition.event)
      #expect(Set(open.map(\.metric.text)) == ["trace", "wave.wave"])
      for event in open {
        let evidence = try #require(history.evidence(of: event.id))
        guard case .evidence(let kind) = event.cause else {
          Issue.record("\(event.cause) is no evidence")
          continue
        }
        #expect(evidence.family == kind.family)
        #expect(evidence[kind] > 2)
      }
    }
  }
}
