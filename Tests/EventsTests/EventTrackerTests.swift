import Detection
import Events
import Series
import Testing

@Suite struct EventTrackerTests {
  @Test func `opens, keeps the peak, closes when the detector is normal again`() throws {
    var stream = EventStream()
    #expect(stream.normal(0) == [])
    let event = try #require(stream.alarm(5, 20, score: 4).first?.event)
    #expect(event.opened == EventStream.time(5))
    #expect(event.began == EventStream.time(5))
    #expect(event.cause == .evidence(.jump))
    #expect(event.direction == .high)
    #expect(event.severity == .warning)
    #expect(event.samples.map(\.value) == [10, 20])
    #expect(words(stream.alarm(8, 30, score: 9, opens: false)) == ["updated worse"])
    #expect(stream.held(9, 25) == [])
    let end = try #require(stream.normal(10, 11).first?.event)
    #expect(end.id == event.id)
    #expect(end.score == 4)
    #expect(end.peakScore == 9)
    #expect(end.peakValue == 30)
    #expect(end.peakAt == EventStream.time(8))
    #expect(end.severity == .error)
    #expect(end.closed == EventStream.time(10))
    #expect(end.duration == .seconds(5))
    #expect(end.samples.map(\.value) == [10, 20, 30, 25, 11])
    #expect(stream.tracker.openEvent == nil)
  }

  @Test func `a new alarm of the detector belongs to the open event`() {
    var stream = EventStream()
    _ = stream.alarm(0)
    #expect(stream.alarm(9) == [])
    #expect(words(stream.normal(10)) == ["closed"])
  }

  @Test func `a jump out of a calm within an event is another event`() throws {
    var stream = EventStream()
    let first = try #require(stream.alarm(0).first?.event)
    #expect(stream.held(9) == [])
    let steps = stream.renewed(10)
    #expect(words(steps) == ["closed", "opened"])
    #expect(steps.first?.event.id == first.id)
    #expect(steps.first?.event.closed == EventStream.time(10))
    #expect(steps.last?.event.opened == EventStream.time(10))
    #expect(stream.tracker.openEvent?.id == steps.last?.event.id)
  }

  @Test func `it is the same event if rules join them`() {
    var (merging, holding) = (EventRules(), EventRules())
    merging.merge = .seconds(60)
    holding.holdOff = .seconds(60)
    for rules in [merging, holding] {
      var stream = EventStream(rules)
      _ = stream.alarm(0)
      #expect(stream.held(9) == [])
      #expect(stream.renewed(10) == [])
    }
  }

  @Test func `a close waits until the metric has been normal for the hold-off`() {
    var rules = EventRules()
    rules.holdOff = .seconds(60)
    var stream = EventStream(rules)
    _ = stream.alarm(0)
    #expect(stream.normal(30) == [])
    #expect(stream.normal(59) == [])
    #expect(stream.alarm(59.5) == [], "still the same event")
    #expect(stream.normal(119) == [])
    #expect(stream.step(119.5, .nan, EventStream.verdict(.normal)) == [], "a gap is not normal")
    #expect(words(stream.normal(119.5)) == ["closed"])
  }

  @Test func `enough samples without an alarm end an event before the hold-off has passed`() throws
  {
    var rules = EventRules()
    rules.holdOff = .seconds(60)
    var stream = EventStream(rules, quietSamples: 3)
    #expect(words(stream.alarm(0)) == ["opened"])
    for moment in [0.001, 0.002] { #expect(stream.normal(moment) == []) }
    #expect(stream.alarm(0.003) == [])
    for moment in [0.004, 0.005] { #expect(stream.normal(moment) == []) }
    stream.tracker = try EventTracker(
      decoding: stream.tracker.encode(), metric: EventStream.metric, hostSeed: 7, rules: rules,
      quietSamples: 3)
    #expect(words(stream.normal(0.006)) == ["closed"])
  }

  @Test func `the hold-off of the detector counts beside that of the rules`() {
    var rules = EventRules()
    rules.holdOff = .seconds(60)
    var stream = EventStream(rules)
    _ = stream.alarm(0)
    #expect(stream.held(3600) == [], "a slow metric: the detector's 30 samples take longer")
    #expect(words(stream.normal(7200)) == ["closed"])
  }

  @Test func `an opening soon after a close continues the closed event`() throws {
    var rules = EventRules()
    rules.merge = .seconds(100)
    var stream = EventStream(rules)
    let first = try #require(stream.alarm(0).first?.event)
    _ = stream.normal(10)
    let again = stream.alarm(109, 40, score: 5)
    #expect(words(again) == ["updated again"])
    #expect(again.first?.event.id == first.id)
    #expect(again.first?.event.closed == nil)
    #expect(again.first?.event.peakValue == 40)
    #expect(stream.tracker.openEvent?.id == first.id)
    #expect(words(stream.normal(120)) == ["closed"])
    let second = stream.alarm(220)
    #expect(words(second) == ["opened"], "100 s have passed")
    #expect(second.first?.event.id != first.id)
  }

  @Test func `without a merge time every opening is an event of its own`() {
    var stream = EventStream()
    _ = stream.alarm(0)
    _ = stream.normal(1)
    #expect(words(stream.alarm(1)) == ["opened"])
  }

  @Test func `an open event is reported after an hour, four hours and then daily while it alarms`()
  {
    var stream = EventStream()
    _ = stream.alarm(0)
    var told: [Int] = []
    for minute in 1...(5 * 1440) {
      let transitions = stream.alarm(Double(minute) * 60, opens: false)
      #expect(words(transitions) == [] || words(transitions) == ["updated ongoing"])
      if !transitions.isEmpty { told.append(minute) }
    }
    #expect(told == [60, 240, 1440, 2880, 4320, 5760, 7200])
  }

  @Test func `one update stands for all that were due in a gap, and none is reported while normal`()
  {
    var stream = EventStream()
    _ = stream.alarm(0)
    #expect(stream.held(2 * 3600) == [], "it does not alarm now")
    #expect(words(stream.alarm(30 * 3600, opens: false)) == ["updated ongoing"])
    #expect(stream.alarm(31 * 3600, opens: false) == [])
  }

  @Test func `worse is a decade more, at most once a minute, or a higher severity immediately`() {
    var stream = EventStream()
    _ = stream.alarm(0, score: 3.6)
    #expect(stream.alarm(1, score: 4.55, opens: false) == [], "less than a decade")
    #expect(stream.alarm(2, score: 4.7, opens: false) == [], "within the minute")
    #expect(words(stream.alarm(60, score: 3.5, opens: false)) == ["updated worse"])
    #expect(words(stream.alarm(61, score: 5.1, opens: false)) == ["updated worse"], "error now")
    #expect(stream.alarm(62, score: 5.2, opens: false) == [])
  }

  @Test(
    arguments:
      zip([3.2, 3.5, 5, 8] as [Float], [Severity.info, .warning, .error, .error]))
  func `severity follows the height of the score above the threshold`(
    score: Float, severity: Severity
  ) {
    var stream = EventStream()
    #expect(stream.alarm(0, score: score).first?.event.severity == severity)
    var rules = EventRules()
    rules.severity = .critical
    var fixed = EventStream(rules)
    #expect(fixed.alarm(0, score: score).first?.event.severity == .critical)
  }

  @Test func `an event began where its evidence did, but not before the last one ended`() throws {
    var stream = EventStream()
    for second in 0..<10 { _ = stream.normal(Double(second), 10) }
    for second in 10..<19 { _ = stream.normal(Double(second), 6) }
    let drift = EventStream.verdict(
      .anomalous, opens: true, score: 5, reason: .drift, reach: 9, usual: 10)
    let event = try #require(stream.step(19, 6, drift).first?.event)
    #expect(event.began == EventStream.time(10))
    #expect(event.level == 6)
    #expect(event.usual == 10)
    #expect(event.direction == .low)
    _ = stream.normal(25)
    let second = try #require(stream.step(30, 6, drift).first?.event)
    #expect(second.began == EventStream.time(25))
    var long = EventStream()
    for second in 0..<200 { _ = long.normal(Double(second)) }
    let far = EventStream.verdict(.anomalous, opens: true, score: 5, reach: 150)
    #expect(long.step(200, 6, far).first?.event.began == EventStream.time(137), "64 are kept")
  }

  @Test func `an event keeps 24 samples before its opening and 48 in all`() throws {
    var stream = EventStream()
    for second in 0..<40 { _ = stream.normal(Double(second), Double(second)) }
    let event = try #require(stream.alarm(40, 40).first?.event)
    #expect(event.samples.map(\.value) == (16...40).map(Double.init))
    for second in 41..<100 { _ = stream.held(Double(second), Double(second)) }
    #expect(stream.tracker.openEvent?.samples.map(\.value) == (16..<64).map(Double.init))
  }

  @Test func `a clock that is set back neither traps nor keeps an event open for ever`() {
    var rules = EventRules()
    rules.holdOff = .seconds(60)
    var stream = EventStream(rules)
    _ = stream.alarm(1e6)
    #expect(stream.normal(0) == [])
    #expect(stream.normal(59) == [])
    let closed = stream.normal(60)
    #expect(words(closed) == ["closed"])
    #expect(closed.first?.event.duration == .zero)
    for extreme in [Int64.min, .max, .min] {
      let sample = Sample(timestamp: Timestamp(nanoseconds: extreme), value: 20)
      let alarm = EventStream.verdict(.anomalous, opens: true, score: 4)
      _ = stream.tracker.advance(sample, alarm, history: stream.history)
      _ = stream.tracker.advance(sample, EventStream.verdict(.normal), history: stream.history)
    }
  }

  @Test func `an id is a UUID of version 7 made of host, metric and time`() {
    let moment = Timestamp(seconds: 1_795_183_329.25)
    let id = EventID(metric: EventStream.metric, opened: moment, hostSeed: 1)
    let text = id.description
    #expect(text.count == 36)
    #expect(text.split(separator: "-")[2].first == "7")
    #expect("89ab".contains(text.split(separator: "-")[3].first ?? "x"))
    #expect(id.high >> 16 == 1_795_183_329_250)
    #expect(id == EventID(metric: EventStream.metric, opened: moment, hostSeed: 1))
    let others = [
      EventID(metric: EventStream.metric, opened: moment, hostSeed: 2),
      EventID(metric: MetricName(sanitizing: "cpu.idle"), opened: moment, hostSeed: 1),
      EventID(
        metric: EventStream.metric, opened: moment.advanced(by: .milliseconds(1)), hostSeed: 1),
    ]
    #expect(Set(others + [id]).count == 4)
  }
}
