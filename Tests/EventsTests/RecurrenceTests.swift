import Detection
import Events
import Series
import Testing

/// A metric on which a job runs every night.
@Suite struct RecurrenceTests {
  private static let day = 86_400.0

  /// One visit at a second of event time: it rises to `value`, then to `peak`, and ends.
  private func visit(
    _ stream: inout EventStream, _ second: Double, _ value: Double = 20, peak: Double? = nil
  ) -> [Event] {
    var steps = stream.alarm(second, value, score: 8)
    steps += stream.alarm(second + 60, peak ?? value, score: 8, opens: false)
    steps += stream.normal(second + 600)
    return steps.map(\.event)
  }

  private func nights(_ count: Int, _ rules: EventRules = EventRules()) -> EventStream {
    var stream = EventStream(rules)
    for night in 0..<count { _ = visit(&stream, Double(night) * RecurrenceTests.day) }
    return stream
  }

  @Test func `the first three nights alarm, the others are recorded`() {
    var stream = EventStream()
    let severities = (0..<6).map { night in
      visit(&stream, Double(night) * RecurrenceTests.day + Double(night % 3) * 900)
        .last?.severity
    }
    #expect(severities == [.error, .error, .error, .info, .info, .info])
  }

  @Test func `the sentence says since when it is usual`() throws {
    var stream = nights(4)
    let event = try #require(visit(&stream, 4 * RecurrenceTests.day).first)
    #expect(event.explanation.hasSuffix("; the 5th time, usually 22:13 UTC"))
  }

  @Test func `a visit that grows beyond all earlier ones becomes an alarm`() throws {
    var stream = nights(4)
    let steps = visit(&stream, 4 * RecurrenceTests.day, peak: 60)
    #expect(steps.map(\.severity) == [.info, .error, .error])
    #expect(steps[1].updateExplanation.hasSuffix("; higher than 4 times before, usually 22:13 UTC"))
  }

  @Test func `a visit that does not end becomes an alarm, though the detector has adapted to it`() {
    var stream = nights(4)
    let night = 4 * RecurrenceTests.day
    #expect(stream.alarm(night, 20, score: 8).map(\.event.severity) == [.info])
    // The earlier ones took ten minutes; twice that and the jitter are allowed.
    let steps = (1...70).flatMap { stream.held(night + Double($0) * 60, 20) }
    #expect(words(steps) == ["updated worse"])
    #expect(steps.first?.event.severity == .error)
    #expect(steps.first?.event.recurrence?.standing == .longer)
    #expect(steps.first?.event.updated == EventStream.time(night + 66 * 60))
  }

  @Test func `a visit at noon alarms`() {
    var stream = nights(4)
    let event = visit(&stream, 4.5 * RecurrenceTests.day).first
    #expect(event?.severity == .error)
    #expect(event?.recurrence?.standing == .unscheduled)
  }

  @Test func `a configured severity holds`() {
    var rules = EventRules()
    rules.severity = .error
    var stream = nights(4, rules)
    #expect(visit(&stream, 4 * RecurrenceTests.day).last?.severity == .error)
  }

  @Test func `a restart forgets nothing, even in the middle of a visit`() throws {
    var stream = nights(4)
    let night = 4 * RecurrenceTests.day
    _ = stream.alarm(night, 20, score: 8)
    try stream.restart()
    #expect(stream.tracker.openEvent?.recurrence?.earlier == 4)
    let worse = stream.alarm(night + 60, 60, score: 8, opens: false)
    #expect(worse.first?.event.recurrence?.standing == .higher)
    _ = stream.normal(night + 600)
    try stream.restart()
    #expect(visit(&stream, night + RecurrenceTests.day).first?.recurrence?.earlier == 5)
  }

  @Test func `an event confirmed as a fault alarms again`() {
    var stream = nights(4)
    stream.tracker.forgetEarlierEvents()
    #expect(visit(&stream, 4 * RecurrenceTests.day).last?.severity == .error)
  }
}
