import Config
import Control
import Daemon
import Events
import Monitor
import Outbox
import Outputs
import Series
import Support
import Testing

/// Incidents in a whole daemon: notifications, crashes, feedback.
@Suite struct IncidentDaemonTests {
  /// The sample at 591 opens an event; its incident opens with the next one, five minutes later.
  private let samples = wave(700)

  @Test(arguments: [true, false], [Stage.Ending.kill, .stop])
  func `an incident that is settling when the daemon ends is reported once, by the next run`(
    saves: Bool, ending: Stage.Ending
  ) throws {
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 700)

    let stage = Stage()
    stage.append(samples[..<592])
    try stage.run(until: 592, ending: ending) { agent in
      if saves { agent.checkpoints.saveNow() }
      #expect(stage.incidentStates.last != "opened")
      let listed = agent.report.status().incidents
      #expect(listed.map(\.state) == [.settling])
      return 592
    }
    let known = ending == .stop || saves ? 592 : 0
    stage.append(samples[592...])
    try stage.run(until: 700 - known)
    #expect(stage.incidents == whole.incidents)
    #expect(stage.incidentStates.suffix(2) == ["opened", "closed"])
    #expect(stage.lines == whole.lines)
  }

  @Test func `an incident is reported by the clock if its metric has no further sample`() throws {
    let stage = Stage()
    stage.append(samples[..<592])
    try stage.run(until: 592) { agent in
      agent.keepHouse()
      #expect(stage.incidentStates.last != "opened")
      stage.passed += .seconds(310)
      agent.keepHouse()
      agent.commitEvents()
      #expect(stage.incidentStates.last == "opened")
      let status = agent.report.status()
      #expect(status.openIncidentCount == 1)
      #expect(
        status.incidentSteps.reduce(0) { $0 + $1.opened }
          == stage.incidentStates.count { $0 == "opened" })
      return 592
    }
  }

  @Test func `outputs without members get incidents only`() throws {
    let stage = Stage()
    stage.append(samples)
    var webhook = WebhookSection()
    var file = stage.fileOutput("few")
    file.members = false
    stage.settings.outputs += [
      Settings.Component(name: "pager", section: webhook),
      Settings.Component(name: "few", section: file),
    ]
    webhook.members = true
    webhook.minimumSeverity = .warning
    stage.settings.outputs.append(Settings.Component(name: "all", section: webhook))
    try stage.run(until: 700)
    #expect(!stage.events.isEmpty && !stage.incidents.isEmpty)
    #expect(
      contents(stage.file("few")).split(separator: "\n").map(String.init) == stage.incidents)
    func ids(_ output: String) throws -> Set<String> {
      let folder = OutboxFolder(root: stage.file("state") + "/outbox", name: output)
      return Set(try folder.entries(.new).map(\.event))
    }
    #expect(try ids("pager") == Set(stage.incidentIDs))
    #expect(try ids("all").isSuperset(of: stage.incidentIDs.suffix(1)))
    #expect(try !ids("all").isDisjoint(with: stage.ids))
  }

  @Test func `incidents are listed and shown, and feedback on one reaches its events`() throws {
    let stage = Stage()
    stage.append(samples)
    let permit = ChangePermit(user: 1000)
    try stage.run(until: 700) { agent in
      let id = stage.incidentIDs.last ?? ""
      var listed: [IncidentMessage] = []
      if let stream = try? agent.report.listIncidents(IncidentListRequest(limit: 1)),
        case .part(let reply, _)? = try? stream.next()
      {
        listed = (reply as? IncidentsReply)?.incidents ?? []
      }
      #expect(listed.map(\.id.description) == [id])
      #expect(listed.first?.state == .closed)
      let shown = try? agent.report.showIncident(String(id.suffix(4)))
      #expect(shown?.incident == listed.first)
      #expect(shown?.events.map(\.event.id.description) == [stage.ids.last ?? ""])
      for request in [id, String(id.suffix(4))] {
        let reply = try? agent.report.setFeedback(
          FeedbackRequest(id: request, judgement: .falseAlarm), by: permit)
        #expect(reply?.event.feedback?.judgement == .falseAlarm)
        #expect(reply?.raised.isEmpty == false)
      }
      return 700
    }
  }

  @Test func `the units that account for an incident are looked up at its opening`() throws {
    let stage = Stage()
    stage.append(samples)
    var asked: [EventID] = []
    try stage.run(until: 0) { agent in
      agent.monitor.attributing = { incident in
        asked.append(incident.id)
        return [Attribution(unit: "backup.service", cpu: 1)]
      }
      return 700
    }
    #expect(asked.map(\.description) == Array(Set(stage.incidentIDs)).sorted())
    #expect(stage.incidents.allSatisfy { $0.contains(#""unit":"backup.service""#) })
    #expect(stage.incidents.allSatisfy { $0.contains("; backup.service: 1.0 processors") })
  }
}
