import Config
import Control
import Daemon
import Events
import Outbox
import Outputs
import Series
import Support
import Testing

@Suite struct WebhookOutputTests {
  @Test func `an invalid template makes the configuration invalid`() {
    let scratch = Scratch()
    write("{\n\"text\": \"{{metrik}}\"}", atEndOf: scratch.file("body"))
    var settings = Settings(.all)
    var webhook = WebhookSection()
    webhook.format = .template
    webhook.template = scratch.file("body")
    settings.outputs = [Settings.Component(name: "chat", section: webhook)]
    let refusals = settings.refusals.map(\.description)
    #expect(refusals.count == 1)
    let place = "[Output chat] Template=: \(scratch.file("body")):2: expected a field out of "
    #expect(refusals.first?.hasPrefix(place) == true)
  }

  @Test func `a test event waits only for the delivery program`() throws {
    let stage = Stage()
    stage.append(wave(10))
    stage.settings.outputs.append(
      Settings.Component(name: "pager", section: WebhookSection()))
    var test: OutputTest?
    var refused: ControlError?
    try stage.run(until: 10) { agent in
      do throws(ControlError) {
        test = try agent.events.test("pager")
        _ = try agent.events.test("pagger")
      } catch {
        refused = error
      }
      return 10
    }
    #expect(refused == .noSuchOutput("pagger"))
    let root = stage.file("state") + "/outbox"
    let entries = try OutboxFolder(root: root, name: "pager").entries(.new)
    #expect(entries.map(\.step) == [.opened, .closed])
    #expect(entries.map(\.isTest) == [true, true])
    #expect(test == OutputTest(messages: entries.map(\.messageID), taken: true, error: nil))
    #expect(OutboxBell(root: root).answer())
    let status = try #require(stage.status?.outputs.first { $0.name == "pager" })
    #expect(status.type == "webhook")
    #expect(status.healthy)
    #expect(status.queued == 2)
    #expect(status.delivery?.waiting == 2)
    #expect(status.minimumSeverity == .warning)
    #expect(stage.events.isEmpty)
  }

  @Test func `incidents go to a webhook's outbox, and rejected ones are shown`() throws {
    let stage = Stage()
    stage.append(wave(1_000))
    stage.settings.outputs.append(
      Settings.Component(name: "pager", section: WebhookSection()))
    let root = stage.file("state") + "/outbox"
    let folder = OutboxFolder(root: root, name: "pager")
    try stage.run(until: 1_000) { _ in
      var state = DeliveryState()
      state.stopped = "the endpoint is gone"
      state.lastAnswer = DeliveryAnswer(
        message: "m", at: Timestamp(seconds: 1), status: 410, body: "", error: nil, seconds: 0.5)
      try? state.save(to: folder)
      return 1_000
    }
    #expect(try folder.entries(.new).map(\.event) == stage.incidentIDs)
    #expect(stage.incidents.count > 0)
    let status = try #require(stage.status?.outputs.first { $0.name == "pager" })
    #expect(!status.healthy)
    #expect(status.lastError == "the endpoint is gone")
    #expect(status.delivery?.lastAnswer == "410 after 500 ms")
  }
}
