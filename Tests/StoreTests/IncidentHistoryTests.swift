import Detection
import Events
import Series
import Store
import Testing

private let now = Timestamp(seconds: 1.8e9)

/// Incidents in the history of events.
@Suite struct IncidentHistoryTests {
  let scratch = Scratch()

  private func open<Result>(
    maximumBytes: Int = 1 << 20, _ body: (EventHistory) throws -> Result
  ) throws -> Result {
    let state = try scratch.open()
    return try body(try EventHistory(in: state, maximumBytes: maximumBytes))
  }

  private static func event(
    _ number: Int, metric: String = "cpu.busy", severity: Severity = .warning
  ) -> Event {
    let metric = MetricName(sanitizing: metric)
    let opened = Timestamp(seconds: 1.7e9 + Double(number) * 3600)
    return Event(
      id: EventID(metric: metric, opened: opened, hostSeed: 1), metric: metric,
      cause: .evidence(.jump), direction: .high, severity: severity, opened: opened,
      value: Double(number), expected: 1, score: 4)
  }

  /// The opening, a worsening and the close of an incident of two metrics.
  private static func life(_ number: Int) -> [IncidentTransition] {
    var tracker = IncidentTracker()
    var steps: [IncidentTransition] = []
    func take(_ transition: EventTransition) {
      let moment = transition.moment
      _ = tracker.note(transition) { _ in moment }
      tracker.count(transition, interval: nil)
    }
    let first = event(number)
    take(.opened(first))
    steps += tracker.settle()
    let second = event(number, metric: "disk.vda.reads_per_second", severity: .error)
    take(.opened(second))
    steps += tracker.settle()
    for var event in [first, second] {
      event.closed = event.opened.advanced(by: .seconds(60))
      take(.closed(event))
    }
    return steps + tracker.settle()
  }

  @Test func `repeated steps after a crash are recognised, events are distinguished`() throws {
    let life = Self.life(1)
    #expect(life.map(\.stateName) == ["opened", "worsened", "closed"])
    try open { record in
      _ = record.take(.opened(Self.event(1)), at: now)
      for step in life.dropLast() {
        #expect(record.take(step, at: now)?.transition == step)
        #expect(record.take(step, at: now) == nil)
      }
      record.commit()
    }
    try open { record in
      for step in life.dropLast() { #expect(record.take(step, at: now) == nil) }
      #expect(record.count == 1, "incidents are no events")
      #expect(record.openEvents.count == 1)
      #expect(record.openIncidents.map(\.transition) == [life[1]])
      let close = try #require(life.last)
      #expect(record.take(close, at: now) != nil)
      for step in life { #expect(record.take(step, at: now) == nil) }
      #expect(record.openIncidents.isEmpty)
      let id = close.incident.id
      #expect(record.incident(id)?.transition == close)
      #expect(record.findIncident(String(id.description.suffix(4))) == .one(id))
      #expect(record.find(id.description) == .none)
      #expect(record.findIncident(Self.event(1).id.description) == .none)
      #expect(record.event(id) == nil)
    }
  }

  @Test func `steps of events and incidents are read in their order`() throws {
    try open { record in
      _ = record.take(.opened(Self.event(1)), at: now)
      for step in Self.life(1) { _ = record.take(step, at: now) }
      record.commit()
      var cursor = record.steps(after: 0)
      var kinds: [Bool] = []
      while let entry = record.next(&cursor) { kinds.append(entry.event != nil) }
      #expect(kinds == [true, false, false, false])
      #expect(cursor.sequence == record.newestStep)
    }
  }

  @Test func `incidents are listed newest first, page by page`() throws {
    try open { record in
      for number in 0..<5 {
        _ = record.take(.opened(Self.event(number)), at: now)
        for step in Self.life(number).prefix(number == 3 ? 1 : 3) { _ = record.take(step, at: now) }
      }
      var found: [EventID] = []
      var next: UInt64?
      repeat {
        let page = record.incidents(EventQuery(), before: next, limit: 2)
        found += page.incidents.map(\.transition.incident.id)
        next = page.next
      } while next != nil
      #expect(found == (0..<5).reversed().map { Self.life($0)[0].incident.id })
      var query = EventQuery()
      query.isOpen = true
      #expect(record.incidents(query, before: nil, limit: 9).incidents.count == 1)
      query.severity = .error
      #expect(record.incidents(query, before: nil, limit: 9).incidents.isEmpty)
      #expect(record.page(EventQuery(), before: nil, limit: 99).events.count == 5)
    }
  }

  @Test func `an open incident outlives the removal of old segments`() throws {
    try open(maximumBytes: 64 << 10) { record in
      _ = record.take(Self.life(0)[0], at: now)
      for number in 1..<200 {
        for step in Self.life(number) { _ = record.take(step, at: now) }
        record.commit()
      }
    }
    try open(maximumBytes: 64 << 10) { record in
      #expect(record.openIncidents.map(\.transition.incident.id) == [Self.life(0)[0].incident.id])
      #expect(record.incident(Self.life(1)[0].incident.id) == nil)
      #expect(record.count == 0)
      #expect(record.take(Self.life(0)[0], at: now) == nil)
    }
  }

  @Test func `an incident with the most and longest names fits into an entry`() throws {
    var tracker = IncidentTracker()
    for number in 0..<100 {
      let text = String(repeating: "n", count: 190) + ".\(number).x\(number)"
      let transition = EventTransition.opened(Self.event(1, metric: text))
      _ = tracker.note(transition) { _ in transition.moment }
      tracker.count(transition, interval: nil)
    }
    var step = try #require(tracker.settle().first)
    step.incident.attributions = (0..<Attribution.maximum).map { _ in
      Attribution(unit: String(repeating: "u", count: 255))
    }
    #expect(step.incident.size == 100 && step.incident.members.count == Incident.maximumListed)
    try open { record in
      #expect(record.take(step, at: now) != nil)
      #expect(record.commit())
    }
    try open { record in #expect(record.openIncidents.first?.transition == step) }
  }
}
