import Delivery
import Formats
import FoundationEssentials
import Glibc
import Outbox
import Series
import System
import Testing

/// Heartbeats on their way to an endpoint.
@Suite struct HeartbeatDeliveryTests {
  private let body =
    #"{"at":"x","incidents":0,"interval_seconds":60,"kind":"heartbeat","metrics":3}"#

  private func put(_ bench: Bench, at moment: Timestamp = .now) throws {
    let entry = OutboxEntry.heartbeat(at: moment)
    try bench.folder().write(entry, Array((body + "\n").utf8))
  }

  private func bench(_ receiver: Receiver, _ format: MessageFormat) throws -> Bench {
    let bench = Bench()
    try bench.connect(receiver, format: format) { $0.heartbeat = .seconds(60) }
    return bench
  }

  @Test(arguments: ["POST", "GET"])
  func `a ping is an empty request`(method: String) throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver, format: .ping) {
      $0.heartbeat = .seconds(60)
      $0.route.method = method
    }
    try put(bench)
    try bench.run()
    let requests = try receiver.requests()
    #expect(requests.map(\.method) == [method] && requests.map { $0.body ?? "" } == [""])
    let state = bench.state()
    #expect(state.lastHeartbeatAt != nil && state.delivered == 0)
    #expect(bench.folder().count(.new) == 0)
  }

  @Test func `Alertmanager gets an alert that fires for longer than the interval`() throws {
    let receiver = try Receiver()
    let bench = try bench(receiver, .alertmanager(lifetime: .seconds(240)))
    try put(bench)
    try bench.run()
    let text = try receiver.requests().first?.body ?? ""
    let alerts = try JSONDecoder().decode([AlertmanagerTests.Alert].self, from: Data(text.utf8))
    #expect(
      alerts.map(\.labels) == [
        ["alertname": "Watchdog", "instance": "web1", "job": "anomalyd", "severity": "none"]
      ])
    #expect(alerts.allSatisfy { $0.endsAt > Timestamp.now.advanced(by: .seconds(200)).iso8601 })
    #expect(bench.folder().count(.firing) == 0, "it is not repeated without the daemon")
  }

  @Test func `Standard Webhooks get a signed event of a type of its own`() throws {
    let receiver = try Receiver()
    let secret = try SigningSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let bench = try bench(receiver, .standardWebhooks(secret))
    try put(bench)
    try bench.run()
    let request = try #require(try receiver.requests().first)
    #expect(request.body?.contains(#""type":"io.anomalyd.heartbeat""#) ?? false)
    #expect(request.body?.contains(#""data":\#(body)"#) ?? false)
    #expect(request.headers?["webhook-signature"]?.hasPrefix("v1,") ?? false)
  }

  @Test func `one that is older than the interval is discarded`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver, format: .ping) { $0.heartbeat = .milliseconds(1) }
    try put(bench)
    usleep(20_000)
    try bench.run()
    #expect(try receiver.requests().isEmpty)
    #expect(bench.folder().count(.new) == 0 && bench.state().lastHeartbeatAt == nil)
  }

  @Test func `a refused one is not kept, and does not count as a failed message`() throws {
    let receiver = try Receiver([#"{"status":400}"#, "{}"])
    let bench = try bench(receiver, .ping)
    try put(bench)
    try bench.run { ((try? receiver.requests().count) ?? 0) < 1 }
    #expect(bench.folder().count(.failed) == 0 && bench.state().setAside == 0)
    #expect(bench.texts().count == 1)
    try put(bench)
    try bench.run()
    #expect(bench.state().lastHeartbeatAt != nil)
  }

  @Test func `a format without heartbeats drops one that a change of configuration left`() throws {
    let receiver = try Receiver()
    let bench = try bench(receiver, .slack)
    try put(bench)
    try bench.run()
    #expect(try receiver.requests().isEmpty && bench.folder().count(.new) == 0)
  }
}
