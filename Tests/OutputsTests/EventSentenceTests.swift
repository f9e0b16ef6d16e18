import Detection
import Events
import Outputs
import Series
import Testing

@Suite struct EventSentenceTests {
  @Test(arguments: [
    (
      event(), "cpu.busy jumped to 97.13 where 12.5 was expected (8 to 17), since 22:13 UTC"
    ),
    (
      event(value: 3, direction: .low),
      "cpu.busy fell to 3 where 12.5 was expected (8 to 17), since 22:13 UTC"
    ),
    (
      event(cause: .evidence(.window48), direction: .unusual),
      "cpu.busy takes a course not seen before since 22:13 UTC, now at 97.13 where 12.5 was "
        + "expected (8 to 17)"
    ),
    (
      event(cause: .evidence(.drift), direction: .low, level: 69, usual: 100),
      "cpu.busy stays 31% below its usual level since 22:13 UTC: 69 where 100 is usual"
    ),
    (
      event(cause: .evidence(.drift), level: 5, usual: -0.5),
      "cpu.busy stays above its usual level since 22:13 UTC: 5 where -0.5 is usual"
    ),
    (
      event(lower: .nan, cause: .evidence(.quiet), direction: .unusual),
      "cpu.busy is far steadier than usual since 22:13 UTC, now at 97.13 where 12.5 was expected"
    ),
    (
      event(cause: .limit(bound: 95)),
      "cpu.busy went above its upper limit of 95: 97.13, since 22:13 UTC"
    ),
    (
      event(value: 3, cause: .limit(bound: 5), direction: .low),
      "cpu.busy went below its lower limit of 5: 3, since 22:13 UTC"
    ),
    (
      event(value: 12.5001, lower: 12.5, upper: 12.5),
      "cpu.busy jumped to 12.5001 where it had always been 12.5, since 22:13 UTC"
    ),
    (
      event(value: 12.5002, lower: 12.49, upper: 12.5001),
      "cpu.busy jumped to 12.5002 where 12.5 was expected (12.49 to 12.5001), since 22:13 UTC"
    ),
    (
      event(value: 95.00001, cause: .limit(bound: 95)),
      "cpu.busy went above its upper limit of 95: 95.00001, since 22:13 UTC"
    ),
    (
      event(value: 0.9634, cause: .hostLimit(9, bound: 0.95)),
      "cpu.busy is at 96%, above the limit of 95%: the filesystem is nearly full, since 22:13 UTC"
    ),
    (
      event(value: 2, cause: .hostLimit(7, bound: 0)),
      "cpu.busy is at 2/s: the kernel killed a process because memory ran out, since 22:13 UTC"
    ),
    (event(cause: .test), "TEST of an output of anomalyd: nothing is wrong (cpu.busy)"),
  ])
  func `describes what happened and since when`(event: Event, sentence: String) {
    #expect(event.explanation == sentence)
  }

  @Test(arguments: [
    (Evidence.symbol, "cpu.busy sent event 17 after 3 where 4 or 9 was expected, since 22:13 UTC"),
    (.interval, "cpu.busy sent event 17 after 3 in 340 ms where 2.0 ms is usual, since 22:13 UTC"),
    (
      .order8,
      "cpu.busy sent its last 8 events in an unusual order, now 17 after 3 where 4 or 9 was "
        + "expected, since 22:13 UTC"
    ),
    (
      .unknown,
      "cpu.busy sent event 17 after 3, never seen before where 4 or 9 was expected, since 22:13 UTC"
    ),
    (
      .mix64,
      "cpu.busy sent an unusual mix of events in its last 64, now 17 after 3, since 22:13 UTC"
    ),
    (
      .pace32,
      "cpu.busy sent its last 32 events at unusual times, now 17 after 3 in 340 ms where 2.0 ms is "
        + "usual, since 22:13 UTC"
    ),
  ])
  func `describes an event of a stream`(evidence: Evidence, sentence: String) {
    var event = event(cause: .evidence(evidence))
    event.symbols = SymbolFacts(
      id: "17", previous: "3", probability: 0.002,
      expected: [
        .init(id: "4", probability: 0.75), .init(id: "9", probability: 0.2),
        .init(id: "2", probability: 0.01),
      ], interval: 0.34, usualInterval: 0.002)
    #expect(event.explanation == sentence)
  }

  @Test(arguments: [
    (
      EventUpdate.worse,
      "cpu.busy got worse after 1d 1h: now at 98.25, peak 99.5; it jumped to 97.13 where 12.5 was "
        + "expected (8 to 17)"
    ),
    (
      .ongoing,
      "cpu.busy is still anomalous after 1d 1h, now at 98.25, peak 99.5; it jumped to 97.13 where "
        + "12.5 was expected (8 to 17)"
    ),
    (
      .again,
      "cpu.busy is anomalous again, now at 98.25, 1d 1h after it began; it jumped to 97.13 where 12.5 was "
        + "expected (8 to 17)"
    ),
  ])
  func `explains why an event is reported again`(update: EventUpdate, sentence: String) {
    var event = event()
    event.update = update
    event.updated = event.opened.advanced(by: .seconds(90_000))
    event.present.value = 98.25
    #expect(event.updateExplanation == sentence)
  }

  @Test(arguments: [
    (EventCause.evidence(.jump), "it jumped to 97.13 where 12.5 was expected (8 to 17)"),
    (
      .evidence(.window8),
      "it took a course not seen before from 22:13 UTC on, at 97.13 where 12.5 was expected "
        + "(8 to 17)"
    ),
    (
      .evidence(.drift),
      "it stayed 45% above its usual level from 22:13 UTC on: 145 where 100 is usual"
    ),
    (
      .evidence(.value),
      "it came to 97.13, far from every value seen before where 12.5 was expected (8 to 17)"
    ),
    (.limit(bound: 95), "it went above its upper limit of 95: 97.13"),
  ])
  func `reports the duration of a closed event`(cause: EventCause, end: String) {
    let event = event(cause: cause, level: 145, usual: 100, closedAfter: 20)
    #expect(
      event.closingExplanation
        == "cpu.busy is normal again after 30 s, peak 99.5; \(end)"
    )
  }

  @Test(arguments: [
    (EventEnding.ruleGone, "no longer has the limit that opened the event"),
    (.inputGone, "comes from an input that is no longer configured"),
    (.ignored, "is no longer watched (Ignore=yes)"), (.forgotten, "has had no samples for long"),
    (.lost, "was not seen again after the daemon was killed"),
    (.byHand, "closed by hand by user 1000 after 30 s: a test of the fan."),
  ])
  func `gives the reason for a close that is not a return to normal`(
    ending: EventEnding, reason: String
  ) {
    var event = event(closedAfter: 20)
    event.ending = ending
    event.closing = ManualClosing(user: 1000, reason: "a test of the fan")
    #expect(event.closingExplanation.contains(reason))
    #expect(!event.closingExplanation.contains("normal"))
  }

  @Test func `an update states the present value and that at the opening`() {
    var event = event(cause: .evidence(.window48), direction: .unusual)
    event.update = .worse
    event.updated = event.opened.advanced(by: .seconds(600))
    event.present = Event.Reading(value: 80, expected: 79, lower: 70, upper: 90)
    #expect(
      event.updateExplanation
        == "cpu.busy got worse after 10min 10s: now at 80, peak 99.5; it takes a course not "
        + "seen before since 22:13 UTC, then at 97.13 where 12.5 was expected (8 to 17)")
    #expect(EventTransition.updated(event).reading.value == 80)
    #expect(EventTransition.opened(event).reading.value == 97.125)
    #expect(EventTransition.closed(event).reading.value == 97.125)
  }

  @Test func `includes the date of a beginning on another day`() {
    var event = event(cause: .evidence(.drift), direction: .low, level: 69, usual: 100)
    event.update = .ongoing
    event.updated = event.opened.advanced(by: .seconds(90_000))
    #expect(event.updateExplanation.contains("since 2023-11-14 22:13 UTC"))
  }
}
