import Config
import Control
import Daemon
import Inputs
import Monitor
import Outputs
import Series
import Support
import Testing

/// When a whole daemon sends heartbeats.
@Suite struct HeartbeatDaemonTests {
  private let begin = Timestamp(seconds: 1_800_000_000)

  private func stage() -> Stage {
    let stage = Stage()
    var section = stage.fileOutput("events")
    section.heartbeat = .seconds(300)
    stage.settings.outputs = [Settings.Component(name: "events", section: section)]
    return stage
  }

  private func beats(_ stage: Stage) -> Int {
    stage.lines.count { $0.contains(#""kind":"heartbeat""#) }
  }

  @Test func `one comes a minute after the start, then one per interval`() throws {
    let stage = stage()
    stage.append(wave(10))
    var now = begin
    stage.clock = { now }
    var found: [Int] = []
    let moments = [0, 59, 60, 200, 359, 360, 1_000, 1_001]
    try stage.run(
      steps: moments.map { seconds in
        { (agent: Daemon) -> Bool in
          now = begin.advanced(by: .seconds(seconds))
          agent.keepHouse()
          found.append(beats(stage))
          return true
        }
      })
    #expect(found == [0, 0, 1, 1, 1, 2, 3, 3])
    let line = stage.lines.last { $0.contains("heartbeat") } ?? ""
    #expect(line.contains(#""interval_seconds":300.0"#))
    let output = stage.status?.outputs.first { $0.name == "events" }
    #expect(output?.emitted == 0, "it is no event")
    // The next run begins with a pause of a minute again, not of the interval.
    now = begin.advanced(by: .seconds(1_100))
    try stage.run(
      steps: [
        { (agent: Daemon) -> Bool in
          now = begin.advanced(by: .seconds(1_160))
          agent.keepHouse()
          return true
        }
      ])
    #expect(beats(stage) == 4)
  }

  @Test func `a clock that was set back does not delay it`() throws {
    let stage = stage()
    stage.append(wave(10))
    var now = begin
    stage.clock = { now }
    try stage.run(
      steps: [60, -86_400, -86_000].map { seconds in
        { (agent: Daemon) -> Bool in
          now = begin.advanced(by: .seconds(seconds))
          agent.keepHouse()
          return true
        }
      })
    #expect(beats(stage) == 3)
  }

  @Test func `none comes while every input is silent`() throws {
    let stage = stage()
    stage.append(wave(10))
    var table = TableSection(paths: stage.csv)
    table.interval = .milliseconds(5)
    table.stallAfter = .seconds(3600)
    stage.settings.inputs = [Settings.Component(name: "table", section: table)]
    var now = begin
    stage.clock = { now }
    var found: [Int] = []
    try stage.run(
      steps: [
        { (agent: Daemon) -> Bool in
          guard agent.monitor.samples >= 10 else { return false }
          now = begin.advanced(by: .seconds(60))
          agent.keepHouse()
          found.append(beats(stage))
          return true
        },
        { (_: Daemon) -> Bool in
          stage.passed = .seconds(3700)
          return true
        },
        { (agent: Daemon) -> Bool in agent.report.status().inputs.map(\.state) == [.silent] },
        { (agent: Daemon) -> Bool in
          now = begin.advanced(by: .seconds(4_000))
          agent.keepHouse()
          found.append(beats(stage))
          stage.append(wave(20).dropFirst(10))
          return true
        },
        { (agent: Daemon) -> Bool in
          guard agent.monitor.samples >= 20,
            agent.report.status().inputs.map(\.state) == [.ok]
          else { return false }
          agent.keepHouse()
          found.append(beats(stage))
          return true
        },
      ])
    #expect(found == [1, 1, 2])
  }
}
