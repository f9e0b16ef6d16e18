import Config
import Control
import Daemon
import Detection
import Glibc
import Monitor
import Outputs
import Series
import Store
import Support
import Testing

/// Checkpoints made between iterations of the loop, while samples keep coming.
@Suite struct SlicedCheckpointTests {
  private static let metrics = 6

  /// Rows of a table with several columns: the same wave, with different phases.
  private static func rows(_ range: Range<Int>) -> String {
    let samples = wave(1_000)
    return range.reduce(into: "") { text, row in
      text += samples[row].timestamp.iso8601
      for metric in 0..<metrics {
        text += ",\(samples[(row + 61 * metric) % samples.count].value)"
      }
      text += "\n"
    }
  }

  private static func stage() -> Stage {
    let stage = Stage()
    write(
      "time," + (0..<metrics).map { "m\($0)" }.joined(separator: ",") + "\n",
      atEndOf: stage.csv)
    // One metric a slice.
    stage.checkpointSlice = .zero
    return stage
  }

  /// The contents of a state directory for each metric.
  private static func models(_ stage: Stage) throws -> [String: [UInt8]] {
    var models: [String: [UInt8]] = [:]
    let report = try StateDirectory(path: stage.file("state")).restore { record in
      if record.kind == .metric { models[record.name] = record.payload }
    }
    #expect(report?.newestUnusable == nil)
    return models
  }

  /// The results of an uninterrupted run of 700 rows.
  private static let whole = Result { () throws -> (models: [String: [UInt8]], events: [String]) in
    let stage = SlicedCheckpointTests.stage()
    write(rows(0..<700), atEndOf: stage.csv)
    try stage.run(until: 700 * metrics)
    return (try models(stage), stage.events)
  }

  /// Killed after each slice, and once everything is on disk: with the previous checkpoint, or with
  /// this one, the daemon reaches the same state and events as an uninterrupted run.
  @Test(arguments: 0...(metrics + 3))
  func `a crash after any slice costs nothing`(slices: Int) throws {
    let (models, events) = try SlicedCheckpointTests.whole.get()
    #expect(events.count >= 4, "the series were to hold some events")
    #expect(models.count == SlicedCheckpointTests.metrics)
    let stage = SlicedCheckpointTests.stage()
    write(SlicedCheckpointTests.rows(0..<430), atEndOf: stage.csv)
    try stage.run(until: 430 * SlicedCheckpointTests.metrics)

    write(SlicedCheckpointTests.rows(430..<470), atEndOf: stage.csv)
    var made = 0
    try stage.run(
      ending: .kill,
      steps: [
        { agent in agent.monitor.samples == 40 * SlicedCheckpointTests.metrics },
        { agent in
          agent.commitEvents()
          agent.checkpoints.begin()
          // They come while the checkpoint is being made.
          write(SlicedCheckpointTests.rows(470..<520), atEndOf: stage.csv)
          for runner in 0..<slices {
            agent.inputs.poll()
            agent.checkpoints.advance()
            made = runner + 1
          }
          if slices > SlicedCheckpointTests.metrics + 2 {
            while agent.checkpoints.isInProgress { agent.checkpoints.advance() }
          }
          agent.commitEvents()
          return true
        },
      ])
    #expect(made == slices)
    write(SlicedCheckpointTests.rows(520..<700), atEndOf: stage.csv)
    try stage.run(steps: [{ $0.position == 700 }])
    let found = try SlicedCheckpointTests.models(stage)
    for (name, model) in models {
      #expect(found[name] == model, "\(name) has another state than without the crash")
    }
    #expect(stage.events == events)
  }

  @Test func `samples wait while it is made, and none is lost or reordered`() throws {
    let (models, events) = try SlicedCheckpointTests.whole.get()
    let stage = SlicedCheckpointTests.stage()
    write(SlicedCheckpointTests.rows(0..<430), atEndOf: stage.csv)
    var fed = 430
    try stage.run(steps: [
      { $0.monitor.samples == 430 * SlicedCheckpointTests.metrics },
      { agent in
        // More of them come in each iteration, through several checkpoints one after the other.
        if fed == 700 { return agent.position == 700 }
        if !agent.checkpoints.isInProgress { agent.checkpoints.begin() }
        write(SlicedCheckpointTests.rows(fed..<fed + 10), atEndOf: stage.csv)
        fed += 10
        return false
      },
    ])
    #expect(stage.status?.checkpoint?.bytes ?? 0 > 0)
    #expect(try SlicedCheckpointTests.models(stage) == models)
    #expect(stage.events == events)
  }

  @Test func `saved state does not change until it is copied`() throws {
    let stage = SlicedCheckpointTests.stage()
    write(SlicedCheckpointTests.rows(0..<100), atEndOf: stage.csv)
    try stage.run(
      ending: .kill,
      steps: [
        { $0.position == 100 },
        { agent in
          let before = agent.monitor.metrics.map { $0.encode() }
          agent.checkpoints.begin()
          write(SlicedCheckpointTests.rows(100..<110), atEndOf: stage.csv)
          for _ in 0..<SlicedCheckpointTests.metrics {
            agent.inputs.poll()
            #expect(agent.monitor.metrics.map { $0.encode() } == before)
            agent.checkpoints.advance()
          }
          while agent.checkpoints.isInProgress { agent.checkpoints.advance() }
          return true
        },
        { $0.position == 110 },
      ])
    #expect(try SlicedCheckpointTests.models(stage).count == SlicedCheckpointTests.metrics)
  }

  @Test func `a reload aborts it, and waiting samples are processed`() throws {
    let stage = SlicedCheckpointTests.stage()
    write(SlicedCheckpointTests.rows(0..<100), atEndOf: stage.csv)
    try stage.run(steps: [
      { $0.position == 100 },
      { agent in
        agent.checkpoints.begin()
        write(SlicedCheckpointTests.rows(100..<110), atEndOf: stage.csv)
        agent.inputs.poll()
        agent.checkpoints.advance()
        #expect(agent.checkpoints.isInProgress)
        #expect(agent.monitor.samples == 100 * SlicedCheckpointTests.metrics)
        stage.settings.agent.historySamples = 32
        agent.reload()
        #expect(!agent.checkpoints.isInProgress)
        #expect(agent.monitor.samples == 110 * SlicedCheckpointTests.metrics)
        #expect(access(stage.file("state/checkpoint.new"), F_OK) != 0)
        return true
      },
    ])
    #expect(try SlicedCheckpointTests.models(stage).count == SlicedCheckpointTests.metrics)
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `a full disk is reported, and samples are still processed`() throws {
    let stage = SlicedCheckpointTests.stage()
    write(SlicedCheckpointTests.rows(0..<400), atEndOf: stage.csv)
    mkdir(stage.file("state"), 0o700)
    #expect(mount("tmpfs", stage.file("state"), "tmpfs", 0, "size=64k") == 0)
    defer { umount2(stage.file("state"), Int32(MNT_DETACH)) }
    try stage.run(steps: [
      { $0.position == 400 },
      { agent in
        agent.checkpoints.begin()
        write(SlicedCheckpointTests.rows(400..<500), atEndOf: stage.csv)
        return true
      },
      { $0.position == 500 && !$0.checkpoints.isInProgress },
      { agent in
        let told = agent.report.status().checkpoint?.lastError
        #expect(told?.contains("No space left on device") == true)
        #expect(mount("tmpfs", stage.file("state"), "tmpfs", UInt(MS_REMOUNT), "size=8m") == 0)
        agent.checkpoints.begin()
        return true
      },
      { !$0.checkpoints.isInProgress },
      { agent in
        #expect(agent.report.status().checkpoint?.lastError == nil)
        stage.passed += ProblemWatch.hysteresis
        agent.keepHouse()
        return true
      },
    ])
    #expect(stage.log.filter { $0.contains(": state: the state could not be saved") }.count == 1)
    #expect(stage.log.filter { $0.contains("state: over after") }.count == 1)
  }
}

extension Daemon {
  /// Rows that have become samples of all metrics, in this run and those before.
  fileprivate var position: Int {
    let metrics = monitor.metrics
    return metrics.isEmpty ? 0 : metrics.reduce(Int.max) { min($0, $1.samples) }
  }
}
