import Detection
import Events
import Series
import Testing

@Suite struct IncidentTrackerTests {
  /// A tracker, and the newest sample of every metric.
  private struct Host {
    var tracker = IncidentTracker()
    var now = 0.0

    mutating func open(
      _ metric: String, _ opened: Double, began: Double? = nil, severity: Severity = .warning
    ) -> IncidentMembership {
      note(.opened(IncidentTrackerTests.event(metric, opened, began: began, severity: severity)))
    }

    mutating func close(_ metric: String, _ opened: Double, at closed: Double) -> IncidentMembership
    {
      var event = IncidentTrackerTests.event(metric, opened)
      event.closed = EventStream.time(closed)
      return note(.closed(event))
    }

    mutating func note(_ transition: EventTransition) -> IncidentMembership {
      let moment = EventStream.time(now)
      return tracker.note(transition) { _ in max(moment, transition.moment) }
    }
  }

  private static func event(
    _ metric: String, _ opened: Double, began: Double? = nil, severity: Severity = .warning
  ) -> Event {
    let name = MetricName(sanitizing: metric)
    let moment = EventStream.time(opened)
    return Event(
      id: EventID(metric: name, opened: moment, hostSeed: 1), metric: name,
      cause: .evidence(.jump), direction: .high, severity: severity,
      began: began.map(EventStream.time), opened: moment, value: 1)
  }

  @Test func `events that overlap share an incident, in the order in which they began`() throws {
    var host = Host()
    let first = host.open("disk.busy", 100)
    let opening = IncidentTrackerTests.event("disk.busy", 100)
    #expect(first.id == EventID(incidentOf: opening.id, at: opening.opened))
    #expect(first.id != opening.id)
    #expect((first.position, first.size, first.open) == (1, 1, 1))
    let second = host.open("cpu.iowait", 200, began: 50, severity: .critical)
    #expect(second.id == first.id, "its id stays, though it did not begin first")
    #expect((second.position, second.size, second.open) == (1, 2, 2))
    #expect(second.events.map(\.metric.text) == ["cpu.iowait", "disk.busy"])
    let update = host.note(.updated(IncidentTrackerTests.event("disk.busy", 100)))
    #expect((update.position, update.size) == (2, 2))
    let incident = try #require(host.tracker.all.first)
    #expect(incident.began == EventStream.time(50))
    #expect(host.close("cpu.iowait", 200, at: 300).open == 1)
    let last = host.close("disk.busy", 100, at: 400)
    #expect((last.size, last.open) == (2, 0))
    #expect(last.events.count == 2, "the close carries all")
  }

  @Test(arguments: [(700.0, true), (701, false)])
  func `an incident ends a joining gap after its last close`(began: Double, joins: Bool) {
    var host = Host()
    let first = host.open("a", 100)
    _ = host.close("a", 100, at: 400)
    let second = host.open("b", 900, began: began)
    #expect((second.id == first.id) == joins)
    #expect(second.size == (joins ? 2 : 1))
  }

  @Test func `an event long before an incident does not join it`() {
    var host = Host()
    let first = host.open("live", 1e6)
    let old = host.open("recorded", 100)
    #expect(old.id != first.id)
    #expect(host.open("recorded.too", 150).id == old.id)
  }

  @Test func `an event of a metric without samples does not keep an incident open`() {
    var tracker = IncidentTracker()
    let first = tracker.note(.opened(IncidentTrackerTests.event("gone", 100))) { _ in nil }
    let second = tracker.note(.opened(IncidentTrackerTests.event("b", 5000))) { metric in
      metric.text == "gone" ? EventStream.time(200) : EventStream.time(5000)
    }
    #expect(first.id != second.id)
  }

  @Test func `an incident accepts events for a day, then a new one begins beside it`() {
    var host = Host()
    let first = host.open("chronic", 0)
    host.now = 86_399
    #expect(host.open("b", 86_399).id == first.id)
    host.now = 86_400
    let other = host.open("c", 86_400)
    #expect(other.id != first.id)
    host.now = 86_500
    #expect(host.open("d", 86_500).id == other.id)
    #expect(host.close("chronic", 0, at: 90_000).id == first.id)
  }

  @Test func `a repeated event of an incident is not counted twice`() {
    var host = Host()
    let first = host.open("a", 100)
    _ = host.close("a", 100, at: 150)
    var again = IncidentTrackerTests.event("a", 100)
    again.update = .again
    let membership = host.note(.updated(again))
    #expect(membership.id == first.id)
    #expect((membership.size, membership.open) == (1, 1))
  }

  @Test func `32 events are listed, all are counted`() {
    var host = Host()
    for index in 0..<40 {
      let membership = host.open("m\(index)", 100 + Double(index))
      #expect(membership.size == index + 1)
      #expect(membership.events.count == min(index + 1, IncidentMembership.maximumListed))
      #expect(membership.position == index + 1)
    }
    for index in 0..<40 {
      #expect(host.close("m\(index)", 100 + Double(index), at: 200).open == 39 - index)
    }
  }

  @Test func `the oldest of too many incidents is forgotten, and its event stands alone`() {
    var tracker = IncidentTracker()
    for index in 0...IncidentTracker.maximumIncidents {
      _ = tracker.note(.opened(IncidentTrackerTests.event("m\(index)", Double(index) * 1e4))) { _ in
        nil
      }
    }
    #expect(tracker.all.count == IncidentTracker.maximumIncidents)
    var lost = IncidentTrackerTests.event("m0", 0)
    #expect(tracker.membership(of: lost.id) == nil)
    lost.closed = EventStream.time(1e7)
    let alone = tracker.note(.closed(lost)) { _ in nil }
    let id = EventID(incidentOf: lost.id, at: lost.opened)
    #expect((alone.id, alone.size, alone.open) == (id, 1, 0))
  }

  @Test func `incidents survive a restart, bytes that are cut are refused`() throws {
    var host = Host()
    _ = host.open("a", 100)
    _ = host.open("b", 150, began: 20)
    _ = host.close("a", 100, at: 180)
    _ = host.open("c", 1e6)
    let bytes = host.tracker.encode()
    var restored = host
    restored.tracker = try IncidentTracker(decoding: bytes)
    #expect(restored.tracker.all == host.tracker.all)
    #expect(restored.open("d", 1e6 + 1) == host.open("d", 1e6 + 1))
    #expect(restored.close("b", 150, at: 200) == host.close("b", 150, at: 200))
    #expect(restored.tracker.encode() == host.tracker.encode())
    for length in 0..<bytes.count {
      #expect(throws: ByteReaderError.self) {
        try IncidentTracker(decoding: Array(bytes.prefix(length)))
      }
    }
    restored.tracker.retain([])
    #expect(restored.tracker.all.allSatisfy { $0.open.isEmpty })
  }

  @Test func `an event carries its incident when it is stored`() throws {
    var host = Host()
    _ = host.open("b", 50)
    var event = IncidentTrackerTests.event("a", 100)
    event.incident = host.open("a", 100)
    var writer = ByteWriter()
    event.encode(to: &writer)
    var reader = ByteReader(writer.bytes)
    let read = try Event(metric: event.metric, from: &reader)
    #expect(read == event)
    #expect(read.incident?.events.count == 2)
  }
}
