import Config
import Control
import Daemon
import Detection
import Glibc
import Monitor
import Series
import Store
import Support
import System
import Testing

/// User operations on models, through the control socket's side.
@Suite struct ModelsDaemonTests {
  let permit = ChangePermit(user: 1000)
  private let samples = wave(1_000)

  /// The learnt state of the detector of the table's only column.
  private static func facts(_ agent: Daemon) -> LearningFacts? {
    agent.monitor[name("table.wave")]?.learning
  }

  private func change(_ change: ModelChange, _ agent: Daemon) -> ModelChangeReply? {
    try? agent.report.changeModels(change, ModelChangeRequest(metrics: ["table.*"]), by: permit)
  }

  @Test func `a frozen model learns nothing, even across a restart, until it is unfrozen`()
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
    stage.append(samples[..<700])
    try stage.run(until: 700) { agent in
      #expect(change(.reset, agent)?.changed == 1)
      #expect(ModelsDaemonTests.facts(agent)?.seen == 0)
      return 700
    }
    #expect(stage.detail?.metric.state == .warming)
    #expect(stage.detail?.metric.samples == 700)
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

  // MARK: Snapshots

  /// The only reply of a stream; nil while there is none.
  private func reply<Reply>(_ stream: (any ReplyStream)?, _: Reply.Type) -> Reply? {
    guard let stream, stream.isReady, case .part(let reply, false)? = try? stream.next() else {
      return nil
    }
    return reply as? Reply
  }

  @Test func `models return to a snapshot, and stay there after a crash`() throws {
    let stage = Stage()
    stage.append(samples[..<700])
    var stream: (any ReplyStream)?
    var then: LearningFacts?
    var result: RollbackReply?
    try stage.run(
      ending: .kill,
      steps: [
        { $0.monitor.samples == 700 },
        { agent in
          then = ModelsDaemonTests.facts(agent)
          stream = try? agent.report.snapshotModels(
            SnapshotRequest(name: "mine", metrics: []), by: permit)
          return true
        },
        { _ in reply(stream, SnapshotReply.self)?.snapshot.name == "mine" },
        { agent in
          #expect(throws: ControlError.self, "the name is taken") {
            try agent.report.snapshotModels(
              SnapshotRequest(name: "mine", metrics: []), by: permit)
          }
          stage.append(samples[700..<900])
          return true
        },
        { $0.monitor.samples == 900 },
        { agent in
          #expect(ModelsDaemonTests.facts(agent)?.weights != then?.weights)
          stream = try? agent.report.rollBackModels(
            RollbackRequest(metrics: ["table.*"], snapshot: "mine"), by: permit)
          return true
        },
        { _ in
          result = reply(stream, RollbackReply.self)
          return result != nil
        },
        { agent in
          #expect(result?.metrics == 1 && result?.failed == 0 && result?.newer == 0)
          #expect(ModelsDaemonTests.facts(agent) == then)
          #expect(agent.monitor[name("table.wave")]?.samples == 900, "counters stay")
          return true
        },
        { !$0.checkpoints.isInProgress && $0.checkpoints.hasSavedRollback },
      ])
    #expect(
      stage.log.contains { $0.contains("user 1000 took 1 metric back to snapshot mine of") })
    try stage.run(until: 0) { agent in
      #expect(ModelsDaemonTests.facts(agent) == then)
      let snapshots = agent.report.snapshots().snapshots
      #expect(snapshots.contains { $0.name == "mine" && $0.origin == .user })
      #expect((try? agent.report.deleteSnapshot("mine", by: permit))?.snapshot.name == "mine")
      #expect(throws: ControlError.noSuchSnapshot("mine")) {
        try agent.report.deleteSnapshot("mine", by: permit)
      }
      return 0
    }
  }

  @Test func `a crash during a roll-back leaves all metrics unchanged`() throws {
    let stage = Stage()
    let rows = samples.map { sample in
      "\(sample.timestamp.iso8601),\(sample.value),\(sample.value * 2)\n"
    }
    write("time,wave,double\n" + rows[..<600].joined(), atEndOf: stage.csv)
    stage.checkpointSlice = .zero
    var stream: (any ReplyStream)?
    var before: [LearningFacts] = []
    var isMixed = false
    try stage.run(
      ending: .kill,
      steps: [
        { $0.monitor.samples == 1_200 },
        { agent in
          stream = try? agent.report.snapshotModels(
            SnapshotRequest(name: "old", metrics: []), by: permit)
          return true
        },
        { _ in reply(stream, SnapshotReply.self) != nil },
        { _ in
          write(rows[600..<700].joined(), atEndOf: stage.csv)
          return true
        },
        { $0.monitor.samples == 1_400 },
        { agent in
          agent.checkpoints.saveNow()
          before = agent.monitor.metrics.map(\.learning)
          let library = agent.models
          stream = try? agent.report.rollBackModels(
            RollbackRequest(metrics: [], snapshot: "old"), by: permit)
          while !isMixed, !library.isIdle {
            library.advance()
            agent.checkpoints.begin()
            let now = agent.monitor.metrics.map(\.learning)
            isMixed = now[0] != before[0] && now[1] == before[1]
          }
          #expect(!agent.checkpoints.isInProgress)
          return true
        },
      ])
    #expect(isMixed, "it was to be killed between two metrics")
    try stage.run(until: 0) { agent in
      #expect(agent.monitor.metrics.map(\.learning) == before)
      return 0
    }
  }

  @Test func `a snapshot of some metrics contains those only, and a time finds it`() throws {
    let stage = Stage()
    let rows = samples.prefix(400).map {
      "\($0.timestamp.iso8601),\($0.value),\($0.value * 2)\n"
    }
    write("time,wave,double\n" + rows.joined(), atEndOf: stage.csv)
    var stream: (any ReplyStream)?
    var result: RollbackReply?
    try stage.run(steps: [
      { $0.monitor.samples == 800 },
      { agent in
        stream = try? agent.report.snapshotModels(
          SnapshotRequest(name: "some", metrics: ["*.wave"]), by: permit)
        return true
      },
      { _ in reply(stream, SnapshotReply.self) != nil },
      { agent in
        #expect(throws: ControlError.self) {
          try agent.report.rollBackModels(
            RollbackRequest(metrics: [], before: Timestamp(seconds: 1)), by: permit)
        }
        stream = try? agent.report.rollBackModels(
          RollbackRequest(metrics: [], before: .now), by: permit)
        return true
      },
      { _ in
        result = reply(stream, RollbackReply.self)
        return result != nil
      },
    ])
    #expect(result?.metrics == 1 && result?.newer == 1)
  }

  @Test func `an incident keeps the models from before it`() throws {
    let stage = Stage()
    stage.append(samples[..<580])
    try stage.run(steps: [
      { $0.monitor.samples == 580 },
      { agent in
        agent.checkpoints.saveNow()
        agent.models.keepHouse()
        #expect(agent.report.snapshots().snapshots.map(\.origin) == [.schedule])
        return true
      },
      { agent in
        agent.checkpoints.saveNow()
        // The sample at 591 opens an event.
        stage.append(samples[580..<600])
        return true
      },
      { $0.monitor.samples == 600 && $0.report.status().openEventCount == 1 },
      { agent in
        agent.models.keepHouse()
        let kept = agent.report.snapshots().snapshots.last
        #expect(kept?.origin == .incident)
        agent.models.keepHouse()
        #expect(agent.report.snapshots().snapshots.count { $0.origin == .incident } == 1)
        return true
      },
    ])
    #expect(stage.log.contains { $0.contains("an incident has opened: the models of") })
  }

  @Test func `an exported metric continues in another daemon, and differences are reported`() throws
  {
    let (first, second) = (Stage(), Stage())
    first.append(samples[..<700])
    var bytes: [UInt8] = []
    var facts: LearningFacts?
    try first.run(until: 700) { agent in
      facts = ModelsDaemonTests.facts(agent)
      let stream = try? agent.report.exportModel(ExportRequest(name: "table.wave"))
      while case .part(let part as ExportReply, let continues)? = try? stream?.next() {
        bytes += part.data.bytes
        if !continues { break }
      }
      return 700
    }
    second.append(samples[..<10])
    var section = MetricSection(builtIn: "table.*") { $0.minimumDeviation = 5 }
    section.holdOff = .seconds(60)
    second.settings.metrics = [section]
    try second.run(until: 10) { agent in
      let reply = try? agent.report.importModel(
        ImportRequest(bytes, name: "table.wave"), by: permit)
      #expect(reply?.metric == "table.wave" && reply?.source == "table.wave")
      #expect(
        reply?.differences.contains("MinimumDeviation=5 here, not there") == true,
        "\(reply?.differences ?? [])")
      #expect(ModelsDaemonTests.facts(agent) == facts)
      let damaged = ImportRequest(Array(bytes.dropLast()), name: nil)
      #expect(throws: ControlError.self) {
        try agent.report.importModel(damaged, by: permit)
      }
      return 10
    }
    #expect(second.detail?.metric.samples == 10, "a metric that exists keeps its counters")
  }

  @Test func `of a newer version's state, only an unreadable metric starts afresh`()
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

  /// A stored metric, one part of which has an unknown version.
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

extension CheckpointKeeper {
  /// Whether a checkpoint was made after the snapshot's own.
  fileprivate var hasSavedRollback: Bool { made > 1 }
}
