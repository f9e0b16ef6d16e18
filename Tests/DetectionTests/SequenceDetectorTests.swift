import AllocationCounter
import Detection
import Events
import Networks
import Series
import Support
import Testing

@Suite struct SymbolDetectorTests {
  private static func step(
    _ detector: SequenceDetector, _ id: String, at timestamp: Timestamp
  ) -> Verdict {
    var id = id
    return id.withUTF8 { detector.step(Span(_unsafeElements: $0), at: timestamp) }
  }

  private static func run(
    _ events: some Sequence<EmbeddedTrace.Event>, on detector: SequenceDetector
  ) -> [Verdict] {
    events.map { step(detector, $0.id, at: $0.timestamp) }
  }

  /// Including the facts about one of them.
  private static func run(
    _ events: [EmbeddedTrace.Event], factsAt place: Int
  ) -> ([Verdict], SymbolFacts?) {
    let detector = SequenceDetector(scratch: SymbolTraining())
    var facts: SymbolFacts?
    let verdicts = events.enumerated().map { index, event in
      let verdict = step(detector, event.id, at: event.timestamp)
      if index == place { facts = detector.symbolFacts }
      return verdict
    }
    return (verdicts, facts)
  }

  private static func thread(_ name: String, _ count: Int) throws -> [EmbeddedTrace.Event] {
    let trace = EmbeddedTrace(events: count, seed: 5, withFaults: false)
    return try #require(trace.threads.first { $0.name == name }).events
  }

  @Test func `a new order opens an event that says what was expected`() throws {
    var events = try SymbolDetectorTests.thread("control", 3_000)
    let place = try #require((2_500...).first { events[$0].id == "compute" })
    events[place].id = "confirm"
    let (judged, facts) = SymbolDetectorTests.run(events, factsAt: place)
    #expect(judged[0].state == .warmingUp(seen: 1, needed: 300))
    #expect(judged[299].state == .normal)
    let opened = judged.indices.filter { judged[$0].opensEvent }
    #expect(opened.contains(place), "\(opened)")
    #expect(judged[place].reason == .symbol)
    let found = try #require(facts)
    #expect(found.id == "confirm")
    #expect(found.previous == "filter")
    #expect(found.probability < 0.01)
    #expect(Set(found.expected.prefix(2).map(\.id)) == ["compute", "calibrate"])
    #expect(found.expected.allSatisfy { (0...1).contains($0.probability) })
    #expect(judged[place].value > judged[place].upper)
    #expect(judged.allSatisfy { $0.value.isFinite && $0.value >= 0 && $0.score.isFinite })
  }

  @Test func `an event that comes late opens an event that says how late`() throws {
    var events = try SymbolDetectorTests.thread("control", 3_000)
    let place = try #require((2_500...).first { events[$0].id == "compute" })
    for later in place..<events.count {
      let shifted = events[later].timestamp.advanced(by: .milliseconds(40))
      events[later].timestamp = shifted
    }
    let (judged, facts) = SymbolDetectorTests.run(events, factsAt: place)
    #expect(judged[place].opensEvent)
    #expect(judged[place].reason == .interval)
    let interval = try #require(facts?.interval)
    let usual = try #require(facts?.usualInterval)
    #expect((0.04...0.042).contains(interval))
    #expect((0.0004...0.0006).contains(usual), "\(usual)")
  }

  @Test func `a new id opens an event after the warm-up, not during it`() throws {
    var events = try SymbolDetectorTests.thread("comms", 6_000)
    events[200].id = "early"
    events[5_500].id = "assert_failed"
    let judged = SymbolDetectorTests.run(
      events, on: SequenceDetector(scratch: SymbolTraining()))
    #expect(!judged[200].opensEvent)
    #expect(judged[5_500].opensEvent)
    #expect(judged[5_500].evidence[.unknown] > 3)
    #expect(judged[5_501].evidence[.unknown] == 0)
  }

  @Test func `a full alphabet treats further ids as one and continues`() {
    let detector = SequenceDetector(scratch: SymbolTraining())
    for index in 0..<1_000 {
      let judged = SymbolDetectorTests.step(
        detector, "id\(index % 150)", at: Timestamp(nanoseconds: Int64(index) * 1_000_000))
      #expect(judged.value.isFinite)
    }
    #expect(detector.alphabetSize == SequenceDetector.largestAlphabet)
    #expect(detector.isAlphabetFull)
    #expect(detector.expected.count == SymbolFacts.mostExpected)
  }

  @Test(arguments: [1, 50, 101, 333, 1_203])
  func `a run cut in two gives the same judgements as an uninterrupted one`(cut: Int) throws {
    let trace = EmbeddedTrace(events: 1_500, seed: 6, withFaults: false)
    let events = trace.threads[1].events
    let training = SymbolTraining()
    let whole = SymbolDetectorTests.run(events, on: SequenceDetector(scratch: training))
    let first = SequenceDetector(scratch: training)
    var parts = SymbolDetectorTests.run(events[..<cut], on: first)
    let second = try SequenceDetector(
      decoding: first.encode(), configuration: first.configuration, scratch: training)
    parts += SymbolDetectorTests.run(events[cut...], on: second)
    #expect(parts == whole)
    #expect(second.alphabetSize > 5)
  }

  @Test(arguments: InstructionSet.available)
  func `every instruction set gives nearly the same scores on a synthetic trace`(
    set: InstructionSet
  ) throws {
    let trace = EmbeddedTrace(events: 3_100, seed: 7, withFaults: true)
    func scores(_ kernels: Kernels) -> [Float] {
      SymbolDetectorTests.run(
        trace.threads[0].events,
        on: SequenceDetector(scratch: SymbolTraining(kernels: kernels))
      ).map(\.score)
    }
    let baseline = scores(try #require(Kernels(.baseline)))
    let differences = zip(scores(try #require(Kernels(set))), baseline).map { abs($0 - $1) }
    // Learning amplifies rounding: identical at first, and usually close later on.
    #expect(differences[..<300].allSatisfy { $0 < 0.05 })
    #expect(differences.filter { $0 > 0.5 }.count <= differences.count / 20)
  }

  @Test func `time that runs backwards or stands still is not an interval and breaks nothing`() {
    let detector = SequenceDetector(scratch: SymbolTraining())
    for index in 0..<2_000 {
      let nanoseconds: Int64 =
        index % 10 == 3 ? 5 : index < 1_000 ? 1_000 : 1_000_000 + Int64(index / 2) * 500
      let judged = SymbolDetectorTests.step(
        detector, ["a", "b", "c"][index % 3], at: Timestamp(nanoseconds: nanoseconds))
      #expect(judged.value.isFinite && judged.upper.isFinite)
    }
    #expect(detector.expected.first?.id == "c")
  }

  @Test func `a stream of one id at one pace raises no event`() {
    let detector = SequenceDetector(scratch: SymbolTraining())
    for index in 0..<5_000 {
      let judged = SymbolDetectorTests.step(
        detector, "tick", at: Timestamp(nanoseconds: Int64(index) * 1_000_000_000))
      #expect(!judged.opensEvent, "event \(index)")
    }
  }

  @Test func `stored bytes of another seed, cut or changed, are refused`() throws {
    let training = SymbolTraining()
    let detector = SequenceDetector(scratch: training)
    _ = SymbolDetectorTests.run(try SymbolDetectorTests.thread("ui", 500), on: detector)
    let bytes = detector.encode()
    func refusal(_ bytes: [UInt8], seed: UInt64 = 1) -> StateDecodingError? {
      do throws(StateDecodingError) {
        _ = try SequenceDetector(
          decoding: bytes, configuration: .init(seed: seed), scratch: training)
        return nil
      } catch {
        return error
      }
    }
    #expect(refusal(bytes) == nil)
    #expect(refusal(bytes, seed: 2) == .seed(found: 1, expected: 2))
    #expect(refusal([9] + bytes.dropFirst()) == .version(found: 9, expected: 4))
    for length in [0, 3, 100, bytes.count / 2, bytes.count - 1] {
      #expect(refusal(Array(bytes.prefix(length))) != nil, "length \(length)")
    }
    #expect(refusal(bytes + [0]) != nil)
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `judging an event does not allocate once the detector is warm`() throws {
    let events = try SymbolDetectorTests.thread("irq", 3_000)
    let detector = SequenceDetector(
      configuration: .init(alarmBudget: 1e9), scratch: SymbolTraining())
    let ids = events.map { Array($0.id.utf8) }
    func judge(_ index: Int) {
      ids[index].withUnsafeBufferPointer {
        _ = detector.step(Span(_unsafeElements: $0), at: events[index].timestamp)
      }
    }
    for index in 0..<2_000 { judge(index) }
    let before = allocation_counter_current()
    for index in 2_000..<3_000 { judge(index) }
    #expect(allocation_counter_current() - before == 0)
  }

  @Test func `a detector takes less than 100 kB`() {
    #expect(SequenceDetector.byteCount < 100_000)
  }
}
