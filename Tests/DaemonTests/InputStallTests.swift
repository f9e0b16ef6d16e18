import Config
import Control
import Daemon
import Detection
import Events
import Glibc
import Inputs
import Monitor
import Series
import Support
import Testing

@Suite struct InputStallTests {
  let begin = Timestamp(seconds: 1_800_000_000)

  func makeStall(_ limit: Duration?) -> InputStall {
    InputStall(input: "pump", limit: limit, now: begin, awake: .seconds(7), hostSeed: 1)
  }

  @Test func `opens exactly after the limit, reports since when, and closes with the next sample`()
    throws
  {
    var stall = makeStall(.seconds(60))
    func at(_ seconds: Int) -> Timestamp { begin.advanced(by: .seconds(seconds)) }
    #expect(stall.noteDelivery(at: at(10), awake: .seconds(17)) == nil)
    #expect(stall.check(at: at(69), awake: .seconds(76)) == nil)
    guard case .opened(let event) = stall.check(at: at(70), awake: .seconds(77)) else {
      Issue.record("it should have opened")
      return
    }
    #expect(event.metric.text == "input.pump")
    #expect(event.cause == .silentInput)
    #expect(event.began == at(10))
    #expect(event.opened == at(70))
    #expect(stall.check(at: at(7000), awake: .seconds(7007)) == nil)
    guard case .closed(let closed) = stall.noteDelivery(at: at(7001), awake: .seconds(7008)) else {
      Issue.record("it should have closed")
      return
    }
    #expect(closed.id == event.id)
    #expect(closed.closed == at(7001))
    #expect(stall.openEvent == nil)
    #expect(stall.noteDelivery(at: at(7002), awake: .seconds(7009)) == nil)
  }

  @Test func `does not count time while the machine is suspended`() {
    var stall = makeStall(.seconds(60))
    #expect(stall.check(at: begin.advanced(by: .seconds(80_000)), awake: .seconds(20)) == nil)
  }

  @Test func `never opens without a limit, and closes an event left by another run`() throws {
    var stall = makeStall(nil)
    #expect(stall.check(at: begin, awake: .seconds(1_000_000)) == nil)
    var other = makeStall(.seconds(1))
    _ = other.check(at: begin, awake: .seconds(9))
    stall.resume(try #require(other.openEvent))
    guard case .closed = stall.check(at: begin, awake: .seconds(10)) else {
      Issue.record("it should have closed")
      return
    }
  }

  @Test func `tolerates a clock that was set back`() throws {
    var stall = makeStall(.seconds(60))
    let past = begin.advanced(by: .seconds(-5000))
    _ = stall.check(at: past, awake: .seconds(100))
    let event = try #require(stall.openEvent)
    #expect(event.began <= event.opened)
    guard
      case .closed(let closed) = stall.noteDelivery(
        at: past.advanced(by: .seconds(-9)), awake: .seconds(101))
    else { return }
    #expect(closed.closed == event.opened)
  }
}

/// Silent inputs of a whole daemon.
@Suite struct SilentInputTests {
  func stage() -> Stage {
    let stage = Stage()
    if var table = stage.settings.inputs[0].section as? TableSection {
      table.stallAfter = .seconds(3600)
      stage.settings.inputs[0].section = table
    }
    return stage
  }

  func has(_ samples: Int) -> (Daemon) -> Bool { { $0.monitor.samples >= samples } }

  func isSilent(_ agent: Daemon) -> Bool {
    agent.report.status().openEvents.map(\.metric) == ["input.table"]
  }

  func isWell(_ agent: Daemon) -> Bool { agent.report.status().openEventCount == 0 }

  /// The ids in what the file output wrote, by state.
  func ids(_ stage: Stage, _ state: String) -> [Substring] {
    stage.events.filter { $0.contains(#""state":"\#(state)""#) && $0.contains("input.table") }
      .compactMap { line in line.split(separator: #""id":""#).last?.prefix(36) }
  }

  @Test func `an input that stalls is an event until it delivers again`() throws {
    let stage = stage()
    stage.append(wave(10))
    try stage.run(steps: [
      has(10),
      { _ in
        stage.passed = .seconds(3700)
        return true
      },
      isSilent,
      { agent in
        let status = agent.report.status()
        #expect(status.inputs.map(\.state) == [.silent])
        #expect(status.inputs.map(\.stallAfter) == [3600])
        stage.append(wave(12).suffix(2))
        return true
      },
      isWell,
    ])
    #expect(ids(stage, "opened").count == 1)
    #expect(ids(stage, "closed") == ids(stage, "opened"))
    #expect(stage.events.first?.contains(#""reason":"silence""#) == true)
    #expect(stage.status?.inputs.map(\.state) == [.ok])
    #expect(
      stage.told.contains { $0.contains("; input table: has delivered nothing for longer than") })
  }

  @Test func `a stall continues across a restart with the same id`() throws {
    let stage = stage()
    stage.append(wave(10))
    try stage.run(steps: [
      has(10),
      { _ in
        stage.passed = .seconds(3700)
        return true
      },
      isSilent,
    ])
    try stage.run(steps: [
      isSilent,
      { _ in
        stage.append(wave(12).suffix(2))
        return true
      },
      isWell,
    ])
    #expect(ids(stage, "opened").count == 1)
    #expect(ids(stage, "closed") == ids(stage, "opened"))
  }

  @Test func `a silence ends with the input that is removed, not with one that is changed`() throws
  {
    let stage = stage()
    stage.append(wave(10))
    let section = stage.settings.inputs[0]
    try stage.run(steps: [
      has(10),
      { _ in
        stage.passed = .seconds(3700)
        return true
      },
      isSilent,
      { agent in
        if var table = section.section as? TableSection {
          table.interval = .milliseconds(6)
          stage.settings.inputs[0].section = table
        }
        agent.reload()
        #expect(isSilent(agent))
        stage.settings.inputs = [Settings.Component(name: "host", section: ProcfsSection())]
        agent.reload()
        return true
      },
      isWell,
    ])
    #expect(ids(stage, "opened").count == 1)
    #expect(ids(stage, "closed") == ids(stage, "opened"))
  }
}

@Suite struct InputStateTests {
  @Test func `an input that fails partly is degraded, for some time`() throws {
    let stage = Stage()
    write("time,wave\n", atEndOf: stage.csv)
    stage.append(wave(3))
    write("nonsense\n", atEndOf: stage.csv)
    stage.append(wave(5).suffix(2))
    try stage.run(until: 5) { agent in
      #expect(agent.report.status().inputs.map(\.state) == [.degraded])
      write("nonsense,\n", atEndOf: stage.csv)
      return 5
    }
    #expect(stage.status?.inputs.map(\.malformed).first ?? 0 >= 1)
  }
}
