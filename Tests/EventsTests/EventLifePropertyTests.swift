import Detection
import Events
import Series
import Testing

/// Properties of every stream of verdicts, checked on random ones.
@Suite struct EventLifePropertyTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private static func rules(_ random: inout Random) -> EventRules {
    var rules = EventRules()
    rules.holdOff = .seconds([0, 30, 600].randomElement(using: &random) ?? 0)
    rules.merge = .seconds([0, 120, 3000].randomElement(using: &random) ?? 0)
    rules.side = [.both, .high, .low].randomElement(using: &random) ?? .both
    if Bool.random(using: &random) { rules.upperLimit = 40 }
    if Bool.random(using: &random) { rules.minimumDeviation = 4 }
    return rules
  }

  /// Runs of a detector that is normal, alarms, and keeps an event open, with gaps and jumps of
  /// time.
  private static func verdicts(
    _ count: Int, _ random: inout Random
  ) -> [(second: Double, value: Double, verdict: Verdict)] {
    var second = 0.0
    var held = 0
    return (0..<count).map { index in
      second += Double.random(in: 0.1...20, using: &random)
      if index % 700 == 699 { second += 200_000 }
      let alarms = index > 300 && Int.random(in: 0..<40, using: &random) == 0
      let opens = alarms && held == 0
      held = alarms ? 30 : max(0, held - 1)
      let state: DetectorState =
        index < 300 ? .warmingUp(seen: index, needed: 300) : held > 0 ? .anomalous : .normal
      let isGap = Int.random(in: 0..<30, using: &random) == 0
      let verdict = EventStream.verdict(
        state, opens: opens, score: alarms ? Float.random(in: 3...12, using: &random) : 1,
        reach: Int.random(in: 0...40, using: &random))
      return (second, isGap ? .nan : Double.random(in: 0...45, using: &random), verdict)
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `events follow each other in order, and a restart changes nothing`(seed: UInt64) throws {
    var random = Random(state: seed &* 0x9E37_79B9_7F4A_7C15)
    let rules = EventLifePropertyTests.rules(&random)
    let stream = EventLifePropertyTests.verdicts(3000, &random)
    var whole = EventStream(rules)
    var cut = EventStream(rules)
    var ids: Set<EventID> = []
    var open: Event?
    var last: Event?
    var updates: [EventID: Int] = [:]
    for (second, value, verdict) in stream {
      let transitions = whole.step(second, value, verdict)
      if Int.random(in: 0..<20, using: &random) == 0 { try cut.restart() }
      #expect(cut.step(second, value, verdict) == transitions)
      #expect(transitions.count <= 1)
      for transition in transitions {
        let event = transition.event
        #expect(event.began <= event.opened && event.opened <= transition.moment)
        #expect(event.samples.count <= Event.maximumSamples)
        switch transition {
        case .opened:
          #expect(open == nil, "at most one is open")
          #expect(ids.insert(event.id).inserted, "an id names one event")
          #expect(event.began >= last?.closed ?? event.began)
          open = event
        case .updated:
          let isAgain = event.update == .again
          #expect(isAgain == (open == nil), "a closed event can only come again")
          #expect(event.id == (open ?? last)?.id)
          #expect(event.severity >= (open ?? last)?.severity ?? .info)
          if !isAgain { updates[event.id, default: 0] += 1 }
          open = event
        case .closed:
          #expect(event.id == open?.id, "what closes was open")
          #expect(event.peakScore >= event.score)
          last = event
          open = nil
        }
      }
      #expect(whole.tracker.openEvent?.id == open?.id)
    }
    #expect(!ids.isEmpty)
    // A decade or a severity at a time, and by the clock: 1 h, 4 h, and each of at most ten days.
    #expect(updates.values.allSatisfy { $0 <= 9 + 3 + 12 })
  }

  @Test func `stored bytes that are cut or of another version are refused`() throws {
    var stream = EventStream()
    _ = stream.alarm(0)
    _ = stream.alarm(1, score: 11, opens: false)
    let bytes = stream.tracker.encode()
    try stream.restart()
    #expect(stream.tracker.encode() == bytes)
    func decode(_ bytes: [UInt8]) throws(StateDecodingError) {
      _ = try EventTracker(decoding: bytes, metric: EventStream.metric, hostSeed: 7)
    }
    for length in 0..<bytes.count {
      #expect(throws: StateDecodingError.self) { try decode(Array(bytes.prefix(length))) }
    }
    #expect(throws: StateDecodingError.self) { try decode(bytes + [0]) }
    #expect(throws: StateDecodingError.version(found: 1, expected: 8)) {
      try decode([1] + bytes.dropFirst())
    }
  }
}
