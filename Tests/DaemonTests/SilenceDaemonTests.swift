import Calendar
import Config
import Control
import Daemon
import FoundationEssentials
import Monitor
import Series
import Support
import Testing

/// Silences in a whole daemon: what outputs are notified of, and what persists after the end.
@Suite struct SilenceDaemonTests {
  /// A step in the life of an event, as the file output has it.
  struct Step: Equatable {
    var id: String
    var state: String
    var since: String
    var until: String?

    init(_ line: String) throws {
      struct Line: Decodable {
        var id: String
        var state: String
        var opened: String
        var closed: String?
      }
      let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      (id, state, since, until) = (line.id, line.state, line.opened, line.closed)
    }
  }

  let samples = wave(1_500)

  /// A daemon whose thresholds do not depend on notifications.
  func makeStage() -> Stage {
    let stage = Stage()
    stage.settings.detector.alarmBudget = .samples(5_000)
    return stage
  }

  func steps(_ stage: Stage) throws -> [Step] { try stage.events.map(Step.init) }

  /// The notifications without silences.
  func everything() throws -> [Step] {
    let stage = makeStage()
    stage.append(samples)
    try stage.run(until: samples.count)
    let steps = try steps(stage)
    #expect(steps.count >= 4, "the series was to hold some events")
    return steps
  }

  /// A silence of the configuration around a time, given in the format of outputs.
  func silence(from moment: String, seconds: Int = 2) throws -> SilenceSection {
    var silence = SilenceSection(name: "here")
    let text = String(moment.prefix(19)).replacing("T", with: " ") + " UTC"
    silence.schedule = [try CalendarExpression(parsing: text) { _ in nil }]
    silence.duration = .seconds(seconds)
    return silence
  }

  @Test func `an event that opens and closes in a silence is muted`() throws {
    let all = try everything()
    let first = all.filter { $0.id == all[0].id }
    let stage = makeStage()
    stage.settings.silences = [try silence(from: first[0].since, seconds: 300 * 100)]
    stage.append(samples)
    try stage.run(until: samples.count)
    #expect(try steps(stage) == all.filter { $0.id != first[0].id })
  }

  @Test func `a silence of other metrics mutes nothing`() throws {
    let all = try everything()
    let stage = makeStage()
    var silence = try silence(from: all[0].since, seconds: 300 * 100)
    silence.metrics = ["table.other", "disk.*"]
    stage.settings.silences = [silence]
    stage.append(samples)
    try stage.run(until: samples.count)
    #expect(try steps(stage) == all)
  }

  @Test func `an event that is open when its silence ends is emitted then`() throws {
    let all = try everything()
    let stage = makeStage()
    stage.settings.silences = [try silence(from: all[0].since)]
    stage.append(samples)
    try stage.run(until: samples.count)
    // An update would be its opening.
    #expect(
      try steps(stage).filter { $0.state != "updated" } == all.filter { $0.state != "updated" })
  }

  @Test func `an event that opened before a silence is closed in all outputs`() throws {
    let all = try everything()
    let close = try #require(all.first { $0.state == "closed" })
    let stage = makeStage()
    stage.settings.silences = [try silence(from: try #require(close.until))]
    stage.append(samples)
    try stage.run(until: samples.count)
    #expect(
      try steps(stage).filter { $0.state != "updated" } == all.filter { $0.state != "updated" })
  }

  @Test func `an added silence is active by the clock, across a kill, until it is removed`()
    throws
  {
    let stage = makeStage()
    stage.append(samples[..<100])
    let permit = ChangePermit(user: 7)
    let request = SilenceRequest(
      metrics: ["table.*"], from: nil, seconds: 3600, suppressesAlarms: true,
      suppressesLearning: false, reason: "backup")
    try stage.run(until: 100, ending: .kill) { agent in
      let added = try? agent.report.addSilence(request, permit)
      #expect(added?.id == "1")
      #expect(added?.state == .active)
      #expect(added?.user == 7)
      return 100
    }
    #expect(stage.log.contains { $0.contains("user 7 silenced table.* from") })
    stage.append(samples[100...])
    try stage.run(until: samples.count)
    #expect(stage.events == [])
    #expect(stage.status?.silences.map(\.id) == ["1"])
    #expect(stage.detail?.silences.map(\.reason) == ["backup"])

    try stage.run(until: 0) { agent in
      #expect(throws: ControlError.noSuchSilence("2")) {
        try agent.report.removeSilence("2", permit)
      }
      let removed = try? agent.report.removeSilence("1", permit)
      #expect(removed?.state == .ended)
      #expect(agent.report.status().silences == [])
      return 0
    }
    try stage.run(until: 0) { agent in
      #expect(agent.report.silences().map(\.state) == [.ended])
      return 0
    }
  }

  @Test func `a muted event is emitted after a restart that removes the silence`()
    throws
  {
    let all = try everything()
    let open = try #require(samples.firstIndex { $0.timestamp.iso8601 == all[0].since })
    let stage = makeStage()
    stage.settings.silences = [try silence(from: all[0].since, seconds: 86_400)]
    stage.append(samples[...open])
    try stage.run(until: open + 1)
    #expect(stage.events == [])
    #expect(stage.status?.openEventCount == 1)
    #expect(stage.status?.openEvents.first?.silencedBy == "here")

    stage.settings.silences = []
    stage.append(samples[(open + 1)...])
    try stage.run(until: samples.count - open - 1)
    #expect(
      try steps(stage).filter { $0.state != "updated" } == all.filter { $0.state != "updated" })
  }

  @Test(arguments: [
    (["["], 60, true, "", ControlError.invalidParameter("metrics")),
    (["a"], 0, true, "", .invalidParameter("seconds")),
    (["a"], 367 * 86_400, true, "", .invalidParameter("seconds")),
    (["a"], 60, true, String(repeating: "x", count: 257), .invalidParameter("reason")),
    (
      ["a"], 60, false, "",
      .silenceRefused("a silence that suppresses neither alarms nor learning does nothing")
    ),
  ])
  func `an invalid request is rejected`(
    metrics: [String], seconds: Int, alarms: Bool, reason: String, error: ControlError
  ) throws {
    let request = SilenceRequest(
      metrics: metrics, from: nil, seconds: seconds, suppressesAlarms: alarms,
      suppressesLearning: false, reason: reason)
    try Stage().run(until: 0) { agent in
      #expect(throws: error) { try agent.report.addSilence(request, ChangePermit(user: 0)) }
      #expect(agent.report.silences() == [])
      return 0
    }
  }

  @Test func `a configured silence can be removed only in the configuration`() throws {
    let stage = makeStage()
    stage.settings.silences = [try silence(from: "2030-01-01T00:00:00.000Z")]
    try stage.run(until: 0) { agent in
      #expect(
        throws: ControlError.silenceRefused(
          "silence 'here' is configured: remove it there, then systemctl reload anomalyd")
      ) {
        try agent.report.removeSilence("here", ChangePermit(user: 0))
      }
      #expect(agent.report.silences().map(\.state) == [.waiting])
      stage.settings.silences = []
      agent.reload()
      #expect(agent.report.silences() == [])
      return 0
    }
  }

  @Test func `unreadable silences are reported and set aside`() throws {
    let stage = makeStage()
    try stage.run(until: 0) { agent in
      let request = SilenceRequest(
        metrics: [], from: nil, seconds: 60, suppressesAlarms: true, suppressesLearning: false,
        reason: "")
      _ = try? agent.report.addSilence(request, ChangePermit(user: 0))
      return 0
    }
    write("x", atEndOf: stage.file("state/silences"))
    try stage.run(until: 0) { agent in
      #expect(agent.report.silences() == [])
      return 0
    }
    #expect(stage.log.contains { $0.contains("none is active") && $0.contains("checksum") })
    #expect(contents(stage.file("state/silences.damaged")).hasSuffix("x"))
  }
}
