import CommandLine
import Detection
import Events
import FoundationEssentials
import Outbox
import Outputs
import Series
import Support
import Testing

/// How outputs present the steps of an incident.
@Suite struct IncidentOutputTests {
  /// An event of another metric, `seconds` after the first one.
  private func other(
    _ metric: String, after seconds: Int = 5, severity: Severity = .warning
  ) -> Event {
    let name = MetricName(sanitizing: metric)
    let opened = event().opened.advanced(by: .seconds(seconds))
    return Event(
      id: EventID(metric: name, opened: opened, hostSeed: 1), metric: name,
      cause: .evidence(.jump), direction: .high, severity: severity, opened: opened, value: 9,
      expected: 1, score: 4)
  }

  private struct JSON: Decodable {
    struct Member: Decodable {
      var metric, severity, subsystem: String
    }

    var kind, id, metric, state, explanation, severity, headline: String
    var closed: String?
    var metrics, size, open: Int
    var subsystems: [String]
    var members: [Member]
    var value: Double?
  }

  @Test func `an incident of one metric reads as its event does`() throws {
    let steps = incident(event())
    #expect(steps.map(\.stateName) == ["opened", "closed"])
    #expect(steps[0].sentence == event().explanation)
    var closed = event()
    closed.closed = event().opened.advanced(by: .seconds(20))
    #expect(steps[1].sentence == closed.closingExplanation)
    let style = Style.plain
    #expect(
      TerminalOutput.line(steps[0], style: style).hasSuffix("ANOMALY \(event().explanation)"))
  }

  @Test func `the JSON of an incident has the keys of an event, and its members`() throws {
    let steps = incident(event(), other("disk.vda.reads_per_second"))
    let lines = try steps.map { try EventJSON($0).line() }
    let opened = try JSONDecoder().decode(JSON.self, from: Data(lines[0].utf8))
    #expect(opened.kind == "incident")
    #expect(opened.id == steps[0].incident.id.description)
    #expect(opened.id != event().id.description)
    #expect((opened.metric, opened.value) == ("cpu.busy", 97.125))
    #expect((opened.metrics, opened.size, opened.open) == (2, 2, 2))
    #expect(opened.subsystems == ["cpu", "disk vda"])
    #expect(opened.members.map(\.metric) == ["cpu.busy", "disk.vda.reads_per_second"])
    #expect(opened.members.map(\.subsystem) == ["cpu", "disk vda"])
    #expect(opened.headline == "cpu busy, disk vda with it")
    #expect(opened.explanation.contains(opened.headline))
    let closed = try JSONDecoder().decode(JSON.self, from: Data(try #require(lines.last).utf8))
    #expect((closed.state, closed.open, closed.closed != nil) == ("closed", 0, true))
  }

  @Test func `the journal names the incident, its subsystems and what accounts for it`() {
    var step = incident(event(), other("disk.vda.reads_per_second"))[0]
    step.incident.attributions = [Attribution(unit: "apt.service", readRate: 2e8)]
    let fields = JournalRecord(step).fields
    for field in [
      "MESSAGE=\(step.sentence)", "MESSAGE_ID=\(JournalMessageID.incidentOpened.rawValue)",
      "ANOMALYD_INCIDENT_ID=\(step.incident.id)", "ANOMALYD_STATE=opened", "ANOMALYD_METRICS=2",
      "ANOMALYD_SUBSYSTEM=cpu", "ANOMALYD_SUBSYSTEM=disk vda", "ANOMALYD_UNIT=apt.service",
      "ANOMALYD_METRIC=cpu.busy", "ANOMALYD_VALUE=97.125", "ANOMALYD_REASON=jump",
    ] { #expect(fields.contains(field), "\(field)") }
    #expect(step.sentence.hasSuffix("; apt.service: 200 MB/s read"))
  }

  /// The messages of one run of steps, as their steps.
  private func told(
    _ steps: [IncidentTransition], minimum: Severity = .info, restartAfter: Int? = nil,
    repeating: Int = 0
  ) throws -> [String] {
    let scratch = Scratch()
    func output() -> OutboxOutput {
      OutboxOutput(name: "pager", root: scratch.path, minimumSeverity: minimum, clock: noTime)
    }
    var current = output()
    for (index, step) in steps.enumerated() {
      if index == restartAfter {
        current = output()
        // As the daemon does after a crash: steps that it is not sure of are repeated.
        for step in steps[max(0, index - repeating)..<index] { current.emit(step) }
      }
      current.emit(step)
    }
    current.flush()
    let entries = try OutboxFolder(root: scratch.path, name: "pager").entries(.new)
    #expect(entries.allSatisfy { $0.event == steps[0].incident.id.description })
    return entries.map(\.step.rawValue)
  }

  @Test(arguments: [nil, 1, 2], [0, 1, 3])
  func `an incident is one subject with one id, across crashes as well`(
    restart: Int?, repeating: Int
  ) throws {
    let steps = incident(event(), other("a.b", after: 60, severity: .error), other("c", after: 200))
    #expect(steps.map(\.stateName) == ["opened", "worsened", "worsened", "closed"])
    #expect(
      try told(steps, restartAfter: restart, repeating: repeating)
        == ["opened", "worsened", "worsened", "closed"])
  }

  @Test func `an incident is opened by the first step that is severe enough`() throws {
    let steps = incident(event(), other("a.b", after: 60, severity: .error), other("c", after: 200))
    #expect(try told(steps, minimum: .error) == ["opened", "worsened", "closed"])
    #expect(try told(steps, minimum: .critical) == [])
  }
}
