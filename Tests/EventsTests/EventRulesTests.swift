import Detection
import Events
import Series
import Testing

@Suite struct EventRulesTests {
  private static func rules(_ change: (inout EventRules) -> Void) -> EventRules {
    var rules = EventRules()
    change(&rules)
    return rules
  }

  /// The detector of these expects 10 within 8 to 12.
  @Test(arguments: [
    (rules { $0.side = .high }, 20.0, true), (rules { $0.side = .high }, 2, false),
    (rules { $0.side = .high }, 11, false), (rules { $0.side = .low }, 2, true),
    (rules { $0.side = .low }, 20, false), (rules { $0.side = .both }, 11, true),
    (rules { $0.minimumDeviation = 5 }, 14.9, false),
    (rules { $0.minimumDeviation = 5 }, 5, true),
    (rules { $0.minimumRelativeDeviation = 0.5 }, 14.9, false),
    (rules { $0.minimumRelativeDeviation = 0.5 }, 15, true),
    (
      rules {
        $0.minimumDeviation = 1
        $0.minimumRelativeDeviation = 0.5
      }, 13, false
    ),
  ])
  func `only events that the rules allow open`(rules: EventRules, value: Double, opens: Bool) {
    var stream = EventStream(rules)
    #expect(words(stream.alarm(0, value)) == (opens ? ["opened"] : []))
    #expect((stream.tracker.openEvent != nil) == opens)
  }

  @Test func `an event that the rules held back opens as soon as they allow it`() {
    var stream = EventStream(EventRulesTests.rules { $0.minimumDeviation = 5 })
    #expect(stream.alarm(0, 12) == [])
    #expect(stream.held(1, 30) == [], "it does not alarm")
    #expect(words(stream.alarm(2, 30, opens: false)) == ["opened"])
    #expect(words(stream.normal(3)) == ["closed"])
  }

  @Test func `for a drift the level counts, not the newest value`() {
    var stream = EventStream(
      EventRulesTests.rules {
        $0.side = .low
        $0.minimumRelativeDeviation = 0.3
      })
    for second in 0..<9 { _ = stream.normal(Double(second), 6) }
    let drift = EventStream.verdict(
      .anomalous, opens: true, score: 5, reason: .drift, reach: 9, usual: 10)
    #expect(words(stream.step(9, 10, drift)) == ["opened"])
  }

  @Test(arguments: [(96.0, 95.0, Direction.high), (-1, 0, .low)])
  func `a value beyond a limit opens an event immediately, even during warm-up`(
    value: Double, bound: Double, direction: Direction
  ) throws {
    let rules = EventRulesTests.rules {
      $0.lowerLimit = 0
      $0.upperLimit = 95
      $0.minimumDeviation = 1e9
      $0.side = direction == .high ? .low : .high
    }
    var stream = EventStream(rules)
    let warming = EventStream.verdict(.warmingUp(seen: 1, needed: 300))
    #expect(stream.step(0, 95, warming) == [])
    #expect(stream.step(1, 0, warming) == [])
    let event = try #require(stream.step(2, value, warming).first?.event)
    #expect(event.cause == .limit(bound: bound))
    #expect(event.direction == direction)
    #expect(event.severity == .error)
    #expect(stream.step(3, value, warming) == [])
    #expect(words(stream.step(4, 50, warming)) == ["closed"])
  }

  @Test func `back inside the limits, an event is over after the hold-off`() {
    let rules = EventRulesTests.rules {
      $0.upperLimit = 95
      $0.holdOff = .seconds(30)
    }
    var stream = EventStream(rules)
    _ = stream.normal(0, 99)
    #expect(stream.normal(10) == [])
    #expect(stream.normal(20, 99) == [])
    #expect(stream.normal(49) == [])
    #expect(words(stream.normal(50)) == ["closed"])
  }

  @Test func `a limit that an open event crosses is reported once and stays its cause`() throws {
    var stream = EventStream(EventRulesTests.rules { $0.upperLimit = 95 })
    let opened = try #require(stream.alarm(0, 90).first?.event)
    let crossed = stream.alarm(1, 96, opens: false)
    #expect(words(crossed) == ["updated worse"])
    #expect(crossed.first?.event.id == opened.id)
    #expect(crossed.first?.event.cause == .limit(bound: 95))
    #expect(crossed.first?.event.severity == .error)
    #expect(stream.alarm(2, 97, opens: false) == [])
    #expect(stream.held(3, 90) == [], "the detector has not closed")
    #expect(words(stream.normal(4, 90)) == ["closed"])
  }

  @Test func `severity follows the configured values, whether they alarm or not`() {
    var stream = EventStream(
      EventRulesTests.rules {
        $0.severity = SeverityRule(
          [.init(.warning, 80...Double.infinity), .init(.critical, 95...100)], otherwise: .info)
      })
    #expect(stream.alarm(0, 20, score: 12).first?.event.severity == .info)
    #expect(stream.held(1, 85).isEmpty)
    #expect(stream.tracker.openEvent?.severity == .warning)
    #expect(words(stream.alarm(2, 97, score: 4, opens: false)) == ["updated worse"])
    #expect(stream.tracker.openEvent?.severity == .critical)
    #expect(stream.normal(3, 10).first?.event.severity == .critical, "the highest counts")
  }

  @Test func `values without a severity are judged by rarity, up to a warning`() {
    let rules = EventRulesTests.rules {
      $0.severity = SeverityRule([.init(.critical, 95...100)])
      $0.upperLimit = 50
    }
    for (value, score, severity) in [
      (20.0, 12, Severity.warning), (20, 3.2, .info), (96, 4, .critical),
    ] {
      var stream = EventStream(rules)
      #expect(stream.alarm(0, value, score: Float(score)).first?.event.severity == severity)
    }
    // Beyond Range= it is an error, as it always was.
    var stream = EventStream(rules)
    #expect(stream.alarm(0, 60, score: 4).first?.event.severity == .error)
  }

  @Test func `changed rules take effect with the next sample`() {
    var stream = EventStream()
    _ = stream.normal(0, 99)
    stream.tracker.rules.upperLimit = 95
    #expect(words(stream.normal(1, 99)) == ["opened"])
    stream.tracker.rules.upperLimit = 100
    #expect(words(stream.normal(2, 99)) == ["closed"])
  }
}
