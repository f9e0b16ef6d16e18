import Control
import Daemon
import Detection
import Glibc
import Monitor
import Series
import Store
import Testing

/// What users do to models, through the control socket's side.
@Suite struct ModelsDaemonTests {
  let permit = ChangePermit(user: 1000)
  private let samples = wave(1_000)

  /// What the detector of the table's only column has learnt.
  private static func facts(_ agent: Daemon) -> LearningFacts? {
    agent.monitor[name("table.wave")]?.learning
  }

  private func change(_ change: ModelChange, _ agent: Daemon) -> ModelChangeReply? {
    try? agent.report.changeModels(change, ModelChangeRequest(metrics: ["table.*"]), by: permit)
  }

  @Test func `a frozen model learns nothing, over a restart too, until it is told otherwise`()
    throws
  {
    let stage = Stage()
    stage.append(samples[..<700])
    var frozen: LearningFacts?
    try stage.run(steps: [
      { $0.monitor.samples == 700 },
      { agent in
        let reply = change(.freeze, agent)
        #expect(reply?.metrics == ["table.wave"] && reply?.changed == 1 && reply?.warming == 0)
        #expect(change(.freeze, agent)?.unchanged == 1)
        frozen = ModelsDaemonTests.facts(agent)
        stage.append(samples[700..<800])
        return true
      },
      { $0.monitor.samples == 800 },
    ])
    #expect(stage.status?.metrics.frozen == 1)
    let since = try #require(stage.detail?.metric.frozenSince)
    #expect(
      stage.log.contains { $0.contains("user 1000 froze the models of 1 metric: table.wave") })
    let before = try #require(frozen)
    stage.append(samples[800..<900])
    try stage.run(steps: [
      { $0.monitor.samples == 100 },
      { agent in
        let after = ModelsDaemonTests.facts(agent)
        #expect(after?.seen == before.seen + 200, "it judges all the same")
        #expect(after?.weights == before.weights && after?.usualEvidence == before.usualEvidence)
        #expect(after?.mean == before.mean && after?.updates == before.updates)
        #expect((try? agent.report.showMetric("table.wave"))?.metric.frozenSince == since)
        #expect(change(.unfreeze, agent)?.changed == 1)
        stage.append(samples[900...])
        return true
      },
      { $0.monitor.samples == 200 },
      { agent in
        let after = ModelsDaemonTests.facts(agent)
        #expect(after?.weights != before.weights && after?.updates ?? 0 > before.updates)
        return true
      },
    ])
    #expect(stage.detail?.metric.frozenSince == nil)
  }

  @Test func `a model that is frozen while it warms up learns until it is warm`() throws {
    let stage = Stage()
    stage.append(samples[..<10])
    try stage.run(until: 10) { agent in
      #expect(change(.freeze, agent)?.warming == 1)
      stage.append(samples[10...])
      return 1_000
    }
    #expect(stage.detail?.metric.state != .warming)
  }

  @Test func `a model that is reset warms up again`() throws {
    let stage = Stage()
    stage.append(samples)
    try stage.run(until: 1_000) { agent in
      #expect(change(.reset, agent)?.changed == 1)
      #expect(ModelsDaemonTests.facts(agent)?.seen == 0)
      return 1_000
    }
    #expect(stage.detail?.metric.state == .warming)
    #expect(stage.detail?.metric.samples == 1_000)
  }

  @Test func `a name or pattern that matches nothing changes nothing`() throws {
    let stage = Stage()
    stage.append(samples[..<10])
    try stage.run(until: 10) { agent in
      for (metrics, error) in [
        (["table.wave", "x"], ControlError.noSuchMetric("x")),
        (["table.wave", "y*"], .noSuchMetric("y*")), (["["], .invalidParameter("metrics")),
        ([], .invalidParameter("metrics")),
      ] {
        #expect(throws: error) {
          try agent.report.changeModels(.freeze, ModelChangeRequest(metrics: metrics), by: permit)
        }
      }
      return 10
    }
    #expect(stage.status?.metrics.frozen == 0)
  }

  @Test func `of a newer version's state, only the metric that is not understood starts afresh`()
    throws
  {
    let stage = Stage()
    let rows = samples.prefix(400).map {
      "\($0.timestamp.iso8601),\($0.value),\($0.value * 2)\n"
    }
    write("time,wave,double\n" + rows.joined(), atEndOf: stage.csv)
    try stage.run(until: 800)
    do {
      // As written by a version with another detector, whose layout this one can read.
      let directory = try StateDirectory(path: stage.file("state"))
      var records: [CheckpointRecord] = []
      _ = try directory.restore { records.append($0) }
      let writer = try directory.beginCheckpoint(at: .now)
      for record in records {
        var payload = record.payload
        if record.name == "table.wave" { payload = newer(payload, part: 8) }
        try writer.append(record.kind, name: record.name, payload: payload)
      }
      try writer.commit()
      unlink(stage.file("state/checkpoint.old"))
    }
    try stage.run(until: 0) { agent in
      #expect(agent.monitor.metrics.map(\.name.text) == ["table.double"])
      #expect(agent.monitor[name("table.double")]?.samples == 400)
      return 0
    }
    let restored = try #require(stage.status?.checkpoint?.restored)
    #expect(restored.metrics == 1 && restored.lost == 1)
    let reason = "table.wave: its detector is stored in format version 2, expected at most 1"
    #expect(restored.firstLost == reason)
    #expect(stage.log.contains { $0.contains(reason) })
  }

  /// A stored metric, one part of which has a version that nobody knows.
  private func newer(_ bytes: [UInt8], part: UInt8) -> [UInt8] {
    var bytes = bytes
    var offset = 1
    while offset < bytes.count {
      if bytes[offset] == part { bytes[offset + 1] += 1 }
      offset += 6 + (0..<4).reduce(0) { $0 | Int(bytes[offset + 2 + $1]) << (8 * $1) }
    }
    return bytes
  }
}
