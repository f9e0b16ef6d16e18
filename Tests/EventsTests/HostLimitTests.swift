import Detection
import Events
import FoundationEssentials
import Series
import Testing

@Suite struct HostLimitTests {
  /// The rules of metrics with the built-in limit of that pattern.
  private static func rules(_ pattern: String) throws -> EventRules {
    var rules = EventRules()
    rules.hostLimit = try #require(HostLimit.all.first { $0.pattern == pattern }).id
    rules.impact = rules.hostLimit
    return rules
  }

  /// Feeds a value every five seconds.
  /// - Returns: the steps, each with the second in which it came.
  private static func feed(
    _ stream: inout EventStream, from start: Int, to end: Int,
    state: DetectorState = .warmingUp(seen: 1, needed: 300), _ value: (Int) -> Double
  ) -> [(second: Int, step: EventTransition)] {
    stride(from: start, to: end, by: 5).flatMap { second in
      stream.step(Double(second), value(second), EventStream.verdict(state)).map { (second, $0) }
    }
  }

  @Test func `the table is consistent`() {
    #expect(Set(HostLimit.all.map(\.id)).count == HostLimit.all.count)
    for limit in HostLimit.all {
      // Every row has an effect: through its levels, or on severity by rarity.
      #expect(limit.levels.count <= 3, "\(limit.pattern)")
      #expect(limit.isJudged || !limit.levels.isEmpty, "\(limit.pattern)")
      let sign: Double = limit.side == .above ? 1 : -1
      let end = sign > 0 ? limit.harmless?.upperBound : limit.harmless?.lowerBound
      #expect(
        limit.levels.isEmpty || (end.map { $0 * sign <= limit.levels[0].bound * sign } ?? true))
      var bound = limit.levels.isEmpty ? -.infinity : limit.clear * sign
      var severity: Severity?
      for level in limit.levels {
        #expect(level.bound * sign >= bound, "\(limit.pattern): bounds rise from the clear one")
        #expect(severity.map { $0 < level.severity } ?? true, "\(limit.pattern)")
        #expect(level.holdWhileLearning <= level.hold, "\(limit.pattern)")
        (bound, severity) = (level.bound * sign, level.severity)
      }
    }
  }

  @Test func `documents every built-in limit in the manual`() throws {
    let manual = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/host-metrics.md")
    let text = String(decoding: try Data(contentsOf: manual), as: UTF8.self)
    let rows = HostLimit.all.map { HostLimitTests.row($0) }.joined(separator: "\n")
    #expect(text.contains(rows), "expected this table in docs/host-metrics.md:\n\(rows)")
  }

  /// A limit as a row of the table in the manual.
  private static func row(_ limit: HostLimit) -> String {
    func time(_ duration: Duration) -> String {
      duration == .zero ? "at once" : HumanNumber.duration(duration)
    }
    let side = limit.side == .above ? "above" : "below"
    let levels = limit.levels.map { level in
      let learning =
        level.hold == level.holdWhileLearning ? "" : " (\(time(level.holdWhileLearning)))"
      return "\(level.severity.name) \(side) \(limit.text(level.bound)), "
        + "\(time(level.hold))\(learning)"
    }
    let end =
      limit.levels.isEmpty
      ? "-" : "\(limit.text(limit.clear)) for \(HumanNumber.duration(limit.closeAfter))"
    return "| `\(limit.pattern)` | \(limit.isJudged ? "yes" : "no") | \(harmless(limit)) "
      + "| \(levels.isEmpty ? "-" : levels.joined(separator: "; "))"
      + "\(limit.needsChange ? "; once it changes" : "") | \(end) | \(limit.meaning) "
      + "| \(limit.source) |"
  }

  private static func harmless(_ limit: HostLimit) -> String {
    guard let values = limit.harmless else { return "-" }
    switch (values.lowerBound.isFinite, values.upperBound.isFinite) {
    case (false, false): return "any value"
    case (false, true): return "up to \(limit.text(values.upperBound))"
    case (true, false): return "from \(limit.text(values.lowerBound))"
    case (true, true):
      return "\(limit.text(values.lowerBound)) to \(limit.text(values.upperBound))"
    }
  }

  @Test func `a limit applies from the first sample on`() throws {
    var stream = EventStream(try HostLimitTests.rules("filesystem.*.used_ratio"))
    let steps = HostLimitTests.feed(&stream, from: 0, to: 60) { _ in 0.96 }
    #expect(words(steps.map(\.step)) == ["opened"])
    #expect(steps.first?.second == 15)
    let event = try #require(steps.first?.step.event)
    #expect(event.cause == .hostLimit(9, bound: 0.95))
    #expect(event.severity == .warning)
    #expect(event.direction == .high)
    #expect(event.began == EventStream.time(0), "it began with the wait for the limit")
    #expect(event.opened == EventStream.time(15))
  }

  @Test func `a saturated processor is reported within a minute while learning, not later`()
    throws
  {
    for (state, opens) in [(DetectorState.warmingUp(seen: 1, needed: 300), 30), (.normal, 900)] {
      var stream = EventStream(try HostLimitTests.rules("cpu.busy"))
      let steps = HostLimitTests.feed(&stream, from: 0, to: 1000, state: state) { _ in 1 }
      #expect(steps.first?.second == opens)
      #expect(steps.first?.step.event.severity == .info)
    }
  }

  @Test func `a value that swings around the bound neither flaps nor hides`() throws {
    var stream = EventStream(try HostLimitTests.rules("memory.used_ratio"))
    let steps = HostLimitTests.feed(&stream, from: 0, to: 1200) { $0 % 10 == 0 ? 0.96 : 0.94 }
    #expect(words(steps.map(\.step)) == ["opened"])
    #expect(steps.first?.second == 60)
    let after = HostLimitTests.feed(&stream, from: 1200, to: 1400) { _ in 0.9 }
    #expect(words(after.map(\.step)) == ["closed"])
    #expect(after.first?.second == 1255)
  }

  @Test func `one spike opens nothing where a limit must hold`() throws {
    var stream = EventStream(try HostLimitTests.rules("memory.used_ratio"))
    let steps = HostLimitTests.feed(&stream, from: 0, to: 600) { $0 % 100 == 0 ? 1 : 0.5 }
    #expect(steps.isEmpty)
  }

  @Test func `it gets worse with the next level`() throws {
    var stream = EventStream(try HostLimitTests.rules("filesystem.*.used_ratio"))
    let steps = HostLimitTests.feed(&stream, from: 0, to: 120) { $0 < 60 ? 0.96 : 0.99 }
    #expect(words(steps.map(\.step)) == ["opened", "updated worse"])
    #expect(steps.last?.step.event.severity == .critical)
    #expect(steps.last?.step.event.cause == .hostLimit(9, bound: 0.97))
    #expect(steps.last?.step.event.present.value == 0.99)
  }

  @Test func `a possibly intended state counts only once it changes`() throws {
    var stream = EventStream(try HostLimitTests.rules("filesystem.*.read_only"))
    #expect(HostLimitTests.feed(&stream, from: 0, to: 60) { _ in 1 }.isEmpty)
    let steps = HostLimitTests.feed(&stream, from: 60, to: 120) { $0 < 80 ? 0 : 1 }
    #expect(words(steps.map(\.step)) == ["opened"])
    #expect(steps.first?.second == 80)
    // After a restart it continues: it was open.
    try stream.restart()
    #expect(HostLimitTests.feed(&stream, from: 120, to: 180) { _ in 1 }.isEmpty)
    let after = HostLimitTests.feed(&stream, from: 180, to: 300, state: .normal) { _ in 0 }
    #expect(words(after.map(\.step)) == ["closed"])
  }

  @Test func `a hole in the samples restarts the wait, and so does a clock set back`() throws {
    for hole in [1000, -1000] {
      var stream = EventStream(try HostLimitTests.rules("memory.used_ratio"))
      #expect(HostLimitTests.feed(&stream, from: 2000, to: 2055) { _ in 0.96 }.isEmpty)
      let steps = HostLimitTests.feed(&stream, from: 2050 + hole, to: 2150 + hole) { _ in 0.96 }
      #expect(steps.first?.second == 2110 + hole)
    }
  }

  @Test func `the limits of the hardware replace the fixed bounds`() throws {
    var stream = EventStream(try HostLimitTests.rules("sensors.*.celsius"))
    stream.tracker.adopt(HardwareLimits(high: 82, critical: 85))
    // A change of other rules keeps them.
    stream.tracker.rules.merge = .seconds(1)
    let steps = HostLimitTests.feed(&stream, from: 0, to: 600) { $0 < 400 ? 83 : 86 }
    #expect(steps.map(\.second) == [300, 415])
    #expect(steps.map(\.step.event.severity) == [.warning, .critical])
    #expect(steps.last?.step.event.cause == .hostLimit(20, bound: 85))
    // As far below as the fixed end is below the fixed bound.
    #expect(HostLimitTests.feed(&stream, from: 600, to: 900) { _ in 77 }.isEmpty)
    #expect(
      words(HostLimitTests.feed(&stream, from: 900, to: 1100) { _ in 75 }.map(\.step)) == ["closed"]
    )
  }

  @Test func `an event closed by hand opens again only after the metric was normal`() throws {
    var stream = EventStream(try HostLimitTests.rules("filesystem.*.used_ratio"))
    _ = HostLimitTests.feed(&stream, from: 0, to: 60) { _ in 0.96 }
    let id = try #require(stream.tracker.openEvent?.id)
    let closing = ManualClosing(user: 0, reason: "known")
    let closed = stream.tracker.close(id, at: EventStream.time(60), by: closing)
    #expect(closed?.event.ending == .byHand)
    #expect(closed?.event.closing == closing)
    try stream.restart()
    #expect(HostLimitTests.feed(&stream, from: 65, to: 600) { _ in 0.96 }.isEmpty)
    let steps = HostLimitTests.feed(&stream, from: 600, to: 700) { $0 < 620 ? 0.5 : 0.96 }
    #expect(words(steps.map(\.step)) == ["opened"])
  }

  @Test func `a shown share of nearly one is not all`() throws {
    let limit = try #require(HostLimit(id: 9))
    #expect([0.96, 0.9971, 1, 0.5].map(limit.text) == ["96%", "99.7%", "100%", "50%"])
  }

  @Test(arguments: [
    // Rare and harmless, rare and unpleasant, and beyond a level for long enough.
    ("cpu.busy", 0.4, Severity.info), ("cpu.busy", 0.9, .warning),
    ("disk.*.utilisation", 1, .warning),
    ("disk.*_bytes_per_second", 1e9, .info), ("tcp.established", 1e6, .warning),
    ("network.*_bytes_per_second", 0, .warning), ("network.*_bytes_per_second", 1e8, .info),
    ("memory.used_ratio", 0.99, .warning), ("clock.offset_seconds", -3, .warning),
  ])
  func `the impact of values decides severity, rarity alone is a warning at most`(
    pattern: String, value: Double, severity: Severity
  ) throws {
    for score: Float in [9, 12] {
      var rules = EventRules()
      let row = try #require(HostLimit.all.first { $0.pattern == pattern })
      // Even if its levels do not apply.
      rules.impact = row.id
      if score == 9 { rules.hostLimit = row.id }
      var stream = EventStream(rules)
      #expect(stream.alarm(0, value, score: score).first?.event.severity == severity)
    }
  }

  @Test func `on other metrics rarity amounts to an error, never to critical`() {
    var stream = EventStream()
    #expect(stream.alarm(0, 1e9, score: 12).first?.event.severity == .error)
  }

  @Test func `an event that opened on rarity gets the severity of the level that it reaches`()
    throws
  {
    var stream = EventStream(try HostLimitTests.rules("memory.used_ratio"))
    #expect(stream.alarm(0, 0.7, score: 12).first?.event.severity == .info)
    #expect(stream.alarm(5, 0.9, score: 12, opens: false).first?.event.severity == .warning)
    let steps = (2..<20).flatMap { stream.alarm(Double($0) * 5, 0.99, score: 12, opens: false) }
    #expect(steps.last?.event.severity == .critical)
    #expect(steps.last?.event.cause == .hostLimit(6, bound: 0.98))
  }

  @Test func `a filesystem that fills is one event, although the detector adapts to it`() throws {
    var stream = EventStream(try HostLimitTests.rules("filesystem.*.used_ratio"))
    #expect(words(stream.rise(0, to: 0.05)) == ["opened"])
    // One percent every ten seconds, to which the detector soon adapts.
    let steps = HostLimitTests.feed(&stream, from: 5, to: 1000, state: .normal) {
      0.05 + 0.001 * Double($0)
    }.map(\.step)
    #expect(!words(steps).contains("closed") && words(steps).contains("updated worse"))
    #expect(steps.last?.event.severity == .critical)
    #expect(steps.last?.event.peakValue ?? 0 > 0.97)
  }

  @Test func `one that stops filling, or takes days, ends with the hold-off`() throws {
    for growth in [0.0, 1e-6] {
      var stream = EventStream(try HostLimitTests.rules("filesystem.*.used_ratio"))
      #expect(words(stream.rise(0, to: 0.05)) == ["opened"])
      let steps = HostLimitTests.feed(&stream, from: 5, to: 1000, state: .normal) {
        0.05 + growth * Double($0)
      }
      #expect(words(steps.map(\.step)) == ["closed"], "\(growth)")
    }
  }

  @Test func `a pending level keeps the event open`() throws {
    var stream = EventStream(try HostLimitTests.rules("cpu.busy"))
    #expect(words(stream.rise(0, to: 0.99)) == ["opened"])
    let steps = HostLimitTests.feed(&stream, from: 5, to: 1000, state: .normal) { _ in 0.99 }
    #expect(!words(steps.map(\.step)).contains("closed"))
    #expect(steps.last?.step.event.cause == .hostLimit(1, bound: 0.95))
  }

  @Test func `a tiny first movement of a constant is not severe`() {
    func severity(_ value: Double, from constant: Double) -> Severity? {
      var stream = EventStream()
      var verdict = EventStream.verdict(.anomalous, opens: true, score: 12)
      (verdict.expected, verdict.lower, verdict.upper) = (constant, constant, constant)
      return stream.step(0, value, verdict).first?.event.severity
    }
    #expect(severity(5.0001, from: 5) == .info)
    #expect(severity(5.02, from: 5) == .warning)
    #expect(severity(6, from: 5) == .error)
    #expect(severity(1, from: 0) == .error)
  }
}

extension EventStream {
  /// A sample that opens an event, above a band near zero.
  fileprivate mutating func rise(_ second: Double, to value: Double) -> [EventTransition] {
    var verdict = EventStream.verdict(.anomalous, opens: true, score: 4)
    (verdict.expected, verdict.lower, verdict.upper) = (0.01, 0, 0.02)
    return step(second, value, verdict)
  }
}
