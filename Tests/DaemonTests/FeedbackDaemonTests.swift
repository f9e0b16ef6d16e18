import Control
import Daemon
import Events
import Series
import Testing

/// Feedback from the control socket's side.
@Suite struct FeedbackDaemonTests {
  let permit = ChangePermit(user: 1000)

  @Test func `feedback survives a crash without a checkpoint, and is withdrawn for good`()
    throws
  {
    let stage = Stage()
    stage.append(wave(700))
    var id = ""
    try stage.run(until: 700, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      id = String(stage.ids[0].suffix(8))
      let reply = try? agent.report.setFeedback(
        FeedbackRequest(id: id, judgement: .falseAlarm, note: "a test"), by: permit)
      #expect(reply?.event.feedback?.judgement == .falseAlarm)
      #expect(reply?.raised.isEmpty == false)
      #expect(reply?.wouldStillOpen != nil)
      return 700
    }
    let raised = try #require(stage.detail?.raised)
    #expect(!raised.isEmpty)
    #expect(stage.log.contains { $0.contains("feedback of user 1000 on event") })

    try stage.run(until: 0, ending: .kill) { agent in
      let detail = try? agent.report.showMetric("table.wave")
      #expect(detail?.raised.map(\.kind) == raised.map(\.kind))
      #expect(detail?.feedback.map(\.judgement) == [.falseAlarm])
      #expect((try? agent.report.showEvent(id))?.event.feedback?.note == "a test")
      agent.checkpoints.saveNow()
      _ = try? agent.report.setFeedback(
        FeedbackRequest(id: id, judgement: .withdrawn), by: permit)
      return 0
    }
    try stage.run(until: 0) { agent in
      let detail = try? agent.report.showMetric("table.wave")
      #expect(detail?.raised == [])
      #expect(detail?.feedback == [])
      #expect((try? agent.report.showEvent(id))?.event.feedback == nil)
      return 0
    }
  }

  @Test func `an event closed by hand says who did it and why, and stays closed`() throws {
    let stage = Stage()
    let samples = wave(700)
    stage.append(samples[..<595])
    // The sample at 591 opens an event.
    try stage.run(until: 595) { agent in
      let id = stage.ids.last ?? ""
      let request = CloseEventRequest(id: id, reason: "fan test")
      #expect((try? agent.report.closeEvent(request, by: permit))?.closed == true)
      #expect((try? agent.report.closeEvent(request, by: permit))?.closed == false)
      #expect(agent.report.status().openEventCount == 0)
      let shown = try? agent.report.showEvent(id)
      #expect(shown?.event.sentence.contains("closed by hand by user 1000") == true)
      #expect(shown?.event.sentence.contains("fan test") == true)
      let long = CloseEventRequest(id: id, reason: String(repeating: "x", count: 501))
      #expect(throws: ControlError.invalidParameter("reason")) {
        try agent.report.closeEvent(long, by: permit)
      }
      return 595
    }
    #expect(stage.steps.last == "closed")
    try stage.run(until: 0) { agent in
      #expect(agent.report.status().openEventCount == 0)
      return 0
    }
  }

  @Test func `a malformed, unknown or ambiguous id is rejected as such`() throws {
    let stage = Stage()
    stage.append(wave(1_000))
    try stage.run(until: 1_000) { agent in
      let report = agent.report
      #expect(throws: ControlError.invalidParameter("id")) { try report.showEvent("x") }
      #expect(throws: ControlError.noSuchEvent("ffffffff")) { try report.showEvent("ffffffff") }
      let beginning = String(stage.ids[0].prefix(4))
      #expect(throws: ControlError.ambiguousEvent(beginning)) { try report.showEvent(beginning) }
      let long = FeedbackRequest(
        id: stage.ids[0], judgement: .confirmed, note: String(repeating: "x", count: 1_001))
      #expect(throws: ControlError.invalidParameter("note")) {
        try report.setFeedback(long, by: permit)
      }
      return 1_000
    }
  }

  @Test func `past events are listed, and new ones are followed as they come`() throws {
    let stage = Stage()
    stage.append(wave(1_000))
    try stage.run(until: 1_000) { agent in
      let report = agent.report
      var listed: [String] = []
      if let stream = try? report.listEvents(EventListRequest()) {
        while case .part(let reply, let continues)? = try? stream.next() {
          listed += (reply as? EventsReply)?.events.map(\.event.id.description) ?? []
          if !continues { break }
        }
      }
      #expect(Set(listed) == Set(stage.ids))
      #expect(listed == listed.sorted().reversed())
      return 1_000
    }
    var followed: [String] = []
    let told = stage.events.count
    try stage.run(until: 0) { agent in
      guard let stream = try? agent.report.followEvents(EventListRequest(open: nil)) else {
        return 0
      }
      #expect(!stream.isReady)
      stage.append(wave(1_300)[1_000...])
      stage.afterRun = {
        while case .part(let reply, _)? = try? stream.next() {
          followed += (reply as? EventsReply)?.events.map(\.state) ?? []
        }
        stream.end()
      }
      return 300
    }
    #expect(!followed.isEmpty)
    #expect(followed == Array(stage.steps.dropFirst(told)))
  }

  @Test func `following continues where a list ended`() throws {
    let stage = Stage()
    stage.append(wave(1_000))
    var from: Int?
    try stage.run(until: 1_000) { agent in
      let stream = try? agent.report.listEvents(EventListRequest(limit: 1))
      if case .part(let reply, _)? = try? stream?.next() { from = (reply as? EventsReply)?.step }
      return 1_000
    }
    let step = try #require(from)
    let told = stage.steps.count
    stage.append(wave(1_300)[1_000...])
    var followed: [String] = []
    try stage.run(until: 300) { agent in
      let report = agent.report
      // Called only now, after the steps in between have happened.
      guard let stream = try? report.followEvents(EventListRequest(after: step)) else { return 300 }
      while stream.isReady, case .part(let reply, _)? = try? stream.next() {
        followed += (reply as? EventsReply)?.events.map(\.state) ?? []
      }
      #expect(throws: ControlError.invalidParameter("after")) {
        try report.followEvents(EventListRequest(after: step + 1_000_000))
      }
      #expect(throws: ControlError.invalidParameter("after")) {
        try report.listEvents(EventListRequest(after: step))
      }
      return 300
    }
    #expect(!followed.isEmpty)
    #expect(followed == Array(stage.steps.dropFirst(told)))
  }
}
