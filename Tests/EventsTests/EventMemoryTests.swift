import Detection
import Series
import Testing

@testable import Events

/// Days of March 2026, which begins on a Sunday.
private func march(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Timestamp {
  Timestamp(seconds: 1_772_323_200 + Double((day - 1) * 86_400 + hour * 3600 + minute * 60))
}

private func event(
  _ opened: Timestamp, value: Double = 20, peak: Double? = nil, minutes: Int = 30,
  cause: EventCause = .evidence(.jump)
) -> Event {
  var event = Event(
    id: EventID(metric: EventStream.metric, opened: opened, hostSeed: 1),
    metric: EventStream.metric, cause: cause, direction: .high, severity: .error,
    opened: opened, closed: opened.advanced(by: .seconds(60 * minutes)), value: value,
    expected: 10, lower: 9, upper: 11)
  event.peakValue = peak ?? value
  return event
}

@Suite struct EventMemoryTests {
  private func memory(_ events: [Event]) -> EventMemory {
    var memory = EventMemory()
    for event in events { memory.note(event) }
    return memory
  }

  @Test func `a nightly job with jitter is scheduled from its fourth night on`() throws {
    let minutes = [5, 40, 15, 35, 20, 38, 10]
    var memory = EventMemory()
    for (index, minute) in minutes.enumerated() {
      let visit = event(march(2 + index, 3, minute), value: 20 + Double(index % 3))
      let recurrence = memory.recurrence(of: visit)
      if index < 3 {
        #expect(recurrence == nil)
      } else {
        #expect(recurrence?.standing == .scheduled)
        #expect(recurrence?.mostSevere == .info)
      }
      memory.note(visit)
    }
    let last = try #require(memory.recurrence(of: event(march(9, 3, 0))))
    #expect(last.remark == "the 8th time, usually 03:05-03:40 UTC")
  }

  @Test func `a job around midnight has one schedule`() {
    let nights = [march(2, 23, 50), march(4, 0, 5), march(4, 23, 58), march(6, 0, 10)]
    let recurrence = memory(nights.map { event($0) }).recurrence(of: event(march(7, 0, 1)))
    #expect(recurrence?.standing == .scheduled)
    #expect(recurrence?.schedule?.text == "23:50-00:10 UTC")
  }

  @Test func `working days and weekends are distinguished`() {
    // Two weeks from Monday, 2 March on.
    let days = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]
    let backups = memory(days.map { event(march($0, 3)) })
    let monday = backups.recurrence(of: event(march(16, 3)))
    #expect(monday?.standing == .scheduled)
    #expect(monday?.schedule?.days == .weekdays)
    let saturday = backups.recurrence(of: event(march(14, 3)))
    #expect(saturday?.standing == .unscheduled)
  }

  @Test func `a weekly job is scheduled on its day alone`() {
    let sundays = memory([1, 8, 15].map { event(march($0, 4)) })
    let next = sundays.recurrence(of: event(march(22, 4, 10)))
    #expect(next?.remark == "the 4th time, usually Sundays 04:00 UTC")
    #expect(sundays.recurrence(of: event(march(18, 4)))?.standing == .unscheduled)
  }

  @Test func `an event at another time of day reports the usual one`() {
    let nights = memory((2..<8).map { event(march($0, 3)) })
    let noon = nights.recurrence(of: event(march(8, 12)))
    #expect(noon?.standing == .unscheduled)
    #expect(noon?.mostSevere == .critical)
    #expect(noon?.remark == "seen 6 times before, usually 03:00 UTC")
  }

  @Test func `a visit that is higher from the start, or grows, is news`() throws {
    let nights = memory((2..<8).map { event(march($0, 3), peak: 25) })
    let high = nights.recurrence(of: event(march(8, 3), value: 80))
    #expect(high?.standing == .higher)
    #expect(high?.remark == "higher than 6 times before, usually 03:00 UTC")
    var growing = try #require(nights.recurrence(of: event(march(8, 3))))
    growing.follow(size: EventMemory.size(of: event(march(8, 3)), at: 40), lasting: .seconds(60))
    #expect(growing.standing == .scheduled)
    growing.follow(size: EventMemory.size(of: event(march(8, 3)), at: 60), lasting: .seconds(60))
    #expect(growing.standing == .higher)
  }

  @Test func `a visit that does not end is news`() throws {
    var visit = try #require(
      memory((2..<8).map { event(march($0, 3)) }).recurrence(of: event(march(8, 3))))
    visit.follow(size: 1, lasting: .seconds(104 * 60))
    #expect(visit.standing == .scheduled)
    visit.follow(size: 1, lasting: .seconds(106 * 60))
    #expect(visit.standing == .longer)
  }

  @Test func `irregular events at one time of day have no schedule`() {
    let days = memory([2, 5, 9, 12].map { event(march($0, 3)) })
    #expect(days.recurrence(of: event(march(14, 3))) == nil)
  }

  @Test func `many events of one size at any hour stay warnings`() {
    let hours = [1, 9, 4, 17, 12, 22, 6]
    let spikes = memory(hours.enumerated().map { event(march(2 + $0.offset / 3, $0.element)) })
    let next = spikes.recurrence(of: event(march(5, 15)))
    #expect(next?.standing == .unordered)
    #expect(next?.mostSevere == .warning)
    #expect(next?.remark == "seen 7 times before")
    #expect(spikes.recurrence(of: event(march(5, 15), value: 200)) == nil)
  }

  @Test func `limits and the other side are not compared`() {
    let nights = memory((2..<8).map { event(march($0, 3)) })
    #expect(nights.recurrence(of: event(march(8, 3), cause: .limit(bound: 15))) == nil)
    #expect(nights.recurrence(of: event(march(8, 3), value: 0)) == nil)
    #expect(nights.recurrence(of: event(march(8, 3), cause: .evidence(.quiet))) == nil)
  }

  @Test func `remembers a bounded number, and the same after a restart`() throws {
    let many = memory((0..<100).map { event(march(1, 0, $0 * 7)) })
    var writer = ByteWriter()
    many.encode(to: &writer)
    #expect(writer.bytes.count == 2 + 16 * EventMemory.capacity)
    var reader = ByteReader(writer.bytes)
    #expect(try EventMemory(from: &reader, hasWatch: true) == many)
    var damaged = writer.bytes
    damaged[0] = UInt8(EventMemory.capacity + 1)
    reader = ByteReader(damaged)
    #expect(throws: ByteReaderError.self) { try EventMemory(from: &reader, hasWatch: true) }
  }
}
