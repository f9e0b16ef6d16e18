import Detection
import Events
import Series
import Testing

/// A job that ran every night, and then stops.
@Suite struct MissedVisitTests {
  private static let day = 86_400.0

  /// One visit that begins at a second of event time.
  private func visit(_ stream: inout EventStream, _ second: Double) {
    _ = stream.alarm(second, 20, score: 8)
    _ = stream.normal(second + 600)
  }

  private func nights(_ nights: [Int], _ rules: EventRules = EventRules()) -> EventStream {
    var stream = EventStream(rules)
    for night in nights { visit(&stream, Double(night) * MissedVisitTests.day) }
    return stream
  }

  /// A night from two hours before the usual time until two hours after, one sample a minute.
  private func quiet(
    _ stream: inout EventStream, _ night: Int, value: (Int) -> Double = { 10 + Double($0 % 3) }
  ) -> [EventTransition] {
    (-120..<120).flatMap { minute in
      stream.normal(Double(night) * MissedVisitTests.day + Double(minute) * 60, value(minute))
    }
  }

  @Test func `is reported once the tolerance is over, and once only`() throws {
    var stream = nights(Array(0..<6))
    let steps = quiet(&stream, 6)
    #expect(words(steps) == ["opened", "closed"])
    let event = try #require(steps.first?.event)
    #expect(event.cause == .missedVisit && event.severity == .info)
    // 22:13 and the tolerance of 45 minutes, in whole minutes.
    #expect(event.opened.iso8601.dropFirst(11).prefix(5) == "22:59")
    let said = "\(EventStream.metric) did not rise as usual (22:13 UTC, 6 times so far)"
    #expect(event.explanation == said)
    #expect(steps.last?.sentence == "\(said); reported once, until it has come again")
    #expect(event.recurrence?.standing == .missed)
    #expect(quiet(&stream, 7).isEmpty)
    #expect(quiet(&stream, 8).isEmpty)
  }

  @Test func `is expected again after it has come regularly again`() {
    var stream = nights(Array(0..<6))
    #expect(!quiet(&stream, 6).isEmpty)
    for night in 7..<11 { visit(&stream, Double(night) * MissedVisitTests.day) }
    // Four nights in a row are too few.
    #expect(quiet(&stream, 11).isEmpty)
    for night in 12..<17 { visit(&stream, Double(night) * MissedVisitTests.day) }
    #expect(words(quiet(&stream, 17)) == ["opened", "closed"])
  }

  @Test(arguments: [[0, 1, 2, 3], [0, 1, 2, 4, 5, 6], [0, 2, 4, 6, 8, 10]])
  func `is not expected unless it has come five nights in a row`(came: [Int]) throws {
    var stream = nights(came)
    #expect(quiet(&stream, try #require(came.last) + 1).isEmpty)
  }

  @Test func `an event of working days is not missed on Saturday`() {
    // 1.7e9 is a Tuesday: working days are 0...3, 6...10 and 13.
    var stream = nights([0, 1, 2, 3, 6, 7, 8, 9, 10])
    #expect(quiet(&stream, 11).isEmpty)
    #expect(quiet(&stream, 12).isEmpty)
    let steps = quiet(&stream, 13)
    #expect(
      steps.first?.event.explanation.contains("(weekdays 22:13 UTC, 9 times so far)") ?? false)
  }

  @Test func `a visit that the detector has adapted to counts as one`() {
    var stream = nights(Array(0..<6))
    #expect(quiet(&stream, 6) { (0..<10).contains($0) ? 20 : 10 }.isEmpty)
  }

  @Test func `nothing is reported after a gap, or if values are missing`() {
    var stream = nights(Array(0..<6))
    let night = 6 * MissedVisitTests.day
    let gap = EventStream.time(night - 300)...EventStream.time(night + 300)
    stream.tracker.noteGap(gap)
    #expect(quiet(&stream, 6).isEmpty)

    // One that ended before does no harm.
    stream = nights(Array(0..<6))
    stream.tracker.noteGap(EventStream.time(night - 40_000)...EventStream.time(night - 30_000))
    #expect(!quiet(&stream, 6).isEmpty)

    // Nothing is reported either if there were no samples at all.
    stream = nights(Array(0..<6))
    #expect(stream.normal(night + 9_000).isEmpty)
  }

  @Test func `an event that is open at the time hides it`() {
    var stream = nights(Array(0..<6))
    let night = 6 * MissedVisitTests.day
    _ = stream.alarm(night - 4_000, 11.5, score: 8)
    for minute in 0..<120 { _ = stream.held(night - 3_900 + Double(minute) * 60, 11) }
    #expect(words(stream.normal(night + 4_000)) == ["closed"])
    #expect(stream.normal(night + 5_000).isEmpty)
  }

  @Test func `the expectation survives a restart, even in the middle of the window`() throws {
    var stream = nights(Array(0..<6))
    try stream.restart()
    let night = 6 * MissedVisitTests.day
    for minute in -120..<0 { _ = stream.normal(night + Double(minute) * 60) }
    try stream.restart()
    let steps = (0..<120).flatMap { stream.normal(night + Double($0) * 60) }
    #expect(words(steps) == ["opened", "closed"])
    try stream.restart()
    #expect(quiet(&stream, 7).isEmpty)
  }

  @Test func `a configured severity holds`() {
    var rules = EventRules()
    rules.severity = .error
    var stream = nights(Array(0..<6), rules)
    #expect(quiet(&stream, 6).first?.event.severity == .error)
  }

  @Test func `no event continues it`() {
    var rules = EventRules()
    rules.merge = .seconds(7200)
    var stream = nights(Array(0..<6), rules)
    let event = quiet(&stream, 6).first?.event
    let next = stream.alarm(6 * MissedVisitTests.day + 7_300, 20, score: 8)
    #expect(words(next) == ["opened"])
    #expect(next.first?.event.id != event?.id)
  }
}
