import Delivery
import Formats
import FoundationEssentials
import Outbox
import Series
import Testing

@Suite struct AlertmanagerTests {
  struct Alert: Decodable, Equatable {
    var labels: [String: String]
    var startsAt: String
    var endsAt: String
  }

  private func alerts(_ request: Receiver.Request) throws -> [Alert] {
    try JSONDecoder().decode([Alert].self, from: Data((request.body ?? "").utf8))
  }

  @Test func `an open event is repeated until it closes, with the same labels`() throws {
    let receiver = try Receiver()
    let bench = Bench()
    try bench.connect(receiver, format: .alertmanager(lifetime: .seconds(4))) {
      $0.resendInterval = .milliseconds(50)
    }
    try bench.put(1)
    try bench.put(2)
    // Another process resumes where the first one was killed.
    try bench.run { ((try? receiver.requests().count) ?? 0) < 5 }
    #expect(bench.folder().count(.firing) == 2)
    try bench.run { ((try? receiver.requests().count) ?? 0) < 8 }
    try bench.put(1, .closed)
    try bench.put(2, .closed)
    try bench.run()
    #expect(bench.folder().count(.firing) == 0)
    let requests = try receiver.requests().map { try alerts($0) }
    let labels = Set(requests.flatMap { $0 }.map(\.labels))
    #expect(labels.count == 2)
    #expect(requests.contains { $0.count == 2 })
    let first = requests.flatMap { $0 }.filter { $0.labels["metric"] == "m1" }
    #expect(Set(first.map(\.startsAt)).count == 1)
    #expect(first.last?.endsAt == Timestamp(seconds: 1_700_000_150).iso8601)
    #expect(first.dropLast().allSatisfy { $0.endsAt > first.last?.endsAt ?? "" })
  }

  @Test func `open events are repeated after a failure`() throws {
    let receiver = try Receiver(["{}", "{\"status\":500}", "{}"])
    let bench = Bench()
    try bench.connect(receiver, format: .alertmanager(lifetime: .seconds(4))) {
      $0.resendInterval = .milliseconds(20)
    }
    try bench.put(1)
    try bench.run { ((try? receiver.requests().count) ?? 0) < 4 }
    #expect(bench.state().failures == 1)
    #expect(bench.folder().count(.firing) == 1)
  }
}
