import AllocationCounter
import Detection
import Events
import Glibc
import Networks
import Series
import Support
import Testing

@Suite struct DetectorTests {
  private static func run(
    _ samples: some Sequence<Sample>, on detector: ValueDetector
  ) -> [Verdict] {
    samples.map { detector.step($0) }
  }

  /// Verdicts with NaN bands made comparable.
  private static func comparable(_ verdicts: [Verdict]) -> [Verdict] {
    verdicts.map { verdict in
      var copy = verdict
      if copy.lower.isNaN { copy.lower = 0 }
      if copy.upper.isNaN { copy.upper = 0 }
      return copy
    }
  }

  @Test func `warms up, raises one event at the jump and returns to normal`() throws {
    let verdicts = DetectorTests.run(
      SyntheticSeries.dailyWave(count: 3000, jumpAt: 2500),
      on: ValueDetector(scratch: TrainingScratch()))
    #expect(verdicts[0].state == .warmingUp(seen: 1, needed: 300))
    #expect(verdicts[298].state == .warmingUp(seen: 299, needed: 300))
    #expect(verdicts[299].state == .normal)
    let events = verdicts.indices.filter { verdicts[$0].opensEvent }
    #expect(events == [2500])
    #expect(verdicts[2500].state == .anomalous)
    #expect(verdicts[2500].score > 3.7)
    #expect(verdicts[2999].state == .normal)
    let band = verdicts[2499]
    #expect(band.lower < band.expected && band.expected < band.upper)
  }

  @Test(arguments: [1, 50, 99, 100, 101, 299, 1000, 2503, 2999])
  func `a run cut in two gives the same verdicts as an uninterrupted one`(cut: Int) throws {
    let samples = SyntheticSeries.dailyWave(count: 3000, jumpAt: 2500)
    let scratch = TrainingScratch()
    let whole = DetectorTests.run(samples, on: ValueDetector(scratch: scratch))
    let first = ValueDetector(scratch: scratch)
    var parts = DetectorTests.run(samples[..<cut], on: first)
    let second = try ValueDetector(
      decoding: first.encode(), configuration: first.configuration, scratch: scratch)
    parts += DetectorTests.run(samples[cut...], on: second)
    #expect(DetectorTests.comparable(parts) == DetectorTests.comparable(whole))
  }

  @Test func `the same seed gives the same verdicts, another seed others`() {
    let samples = SyntheticSeries.dailyWave(count: 1000)
    let scratch = TrainingScratch()
    func scores(_ seed: UInt64) -> [Float] {
      let detector = ValueDetector(configuration: .init(seed: seed), scratch: scratch)
      return DetectorTests.run(samples, on: detector).map(\.score)
    }
    #expect(scores(1) == scores(1))
    #expect(scores(1) != scores(2))
  }

  @Test(arguments: InstructionSet.available)
  func `every instruction set gives scores within 0.05 on a synthetic series`(
    set: InstructionSet
  ) throws {
    let samples = SyntheticSeries.dailyWave(count: 3000, jumpAt: 2500)
    let baseline = DetectorTests.run(
      samples,
      on: ValueDetector(scratch: TrainingScratch(kernels: try #require(Kernels(.baseline)))))
    let verdicts = DetectorTests.run(
      samples, on: ValueDetector(scratch: TrainingScratch(kernels: try #require(Kernels(set)))))
    for (a, b) in zip(verdicts, baseline) {
      #expect(abs(a.score - b.score) <= 0.05)
      #expect(a.opensEvent == b.opensEvent)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `a value that is not finite changes nothing but the count of gaps`(missing: Double) {
    let samples = SyntheticSeries.dailyWave(count: 1000)
    let scratch = TrainingScratch()
    let plain = ValueDetector(scratch: scratch)
    let gappy = ValueDetector(scratch: scratch)
    for (index, sample) in samples.enumerated() {
      if index % 7 == 3 {
        let verdict = gappy.step(Sample(timestamp: sample.timestamp, value: missing))
        #expect(verdict.score == 0)
        #expect(verdict.expected == samples[index - 1].value)
      }
      #expect(gappy.step(sample).score == plain.step(sample).score)
    }
  }

  @Test func `after a long gap events are muted for a few samples`() {
    var samples = SyntheticSeries.dailyWave(count: 1000, jumpAt: 900)
    let scratch = TrainingScratch()
    let heard = DetectorTests.run(samples, on: ValueDetector(scratch: scratch))
    #expect(heard.contains { $0.opensEvent })
    let gap = Sample(timestamp: samples[899].timestamp, value: .nan)
    samples.insert(contentsOf: repeatElement(gap, count: 32), at: 900)
    let muted = DetectorTests.run(samples[..<939], on: ValueDetector(scratch: scratch))
    #expect(!muted.contains { $0.opensEvent })
  }

  @Test(arguments: [1e30, 1e31, 1e308, -.greatestFiniteMagnitude])
  func `however large a value is, it alarms`(value: Double) {
    var samples = SyntheticSeries.dailyWave(count: 1000)
    samples[900].value = value
    let verdicts = DetectorTests.run(samples, on: ValueDetector(scratch: TrainingScratch()))
    #expect(verdicts[900].opensEvent)
    #expect(verdicts[900].value == value)
    #expect(verdicts.allSatisfy { $0.score.isFinite && $0.expected.isFinite })
  }

  @Test(arguments: [0.0, 5, -1e9, 0.25])
  func `a constant is expected to be what it is`(constant: Double) {
    let detector = ValueDetector(scratch: TrainingScratch())
    for index in 0..<1000 {
      let verdict = detector.step(
        Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index) * 5), value: constant))
      guard index > 150 else { continue }
      #expect(verdict.expected == constant)
      #expect(verdict.lower == constant && verdict.upper == constant)
    }
  }

  @Test func `a constant series that moves by one unit once raises at most two events`() {
    let scratch = TrainingScratch()
    for constant in [0.0, 1, -1e9, 1e12] {
      let detector = ValueDetector(scratch: scratch)
      var events = 0
      for index in 0..<5000 {
        let value = index == 3000 ? constant + 1 : constant
        let verdict = detector.step(
          Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index) * 60), value: value))
        #expect(verdict.score.isFinite && verdict.expected.isFinite)
        if verdict.opensEvent { events += 1 }
      }
      #expect(events <= 2, "constant \(constant)")
    }
  }

  @Test(arguments: [0.0, 5, -1e9, 1e-3], 1...3 as ClosedRange<UInt64>)
  func `a series that never moves raises no event`(constant: Double, seed: UInt64) {
    let detector = ValueDetector(configuration: .init(seed: seed), scratch: TrainingScratch())
    for index in 0..<3000 {
      let verdict = detector.step(
        Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index) * 5), value: constant))
      #expect(!verdict.opensEvent && verdict.state != .anomalous, "sample \(index)")
    }
  }

  @Test(arguments: [50, 100, 150, 200])
  func `a blip in the warm-up of a series of zeros does not make zero an anomaly`(blip: Int) {
    let detector = ValueDetector(scratch: TrainingScratch())
    for index in 0..<2000 {
      let verdict = detector.step(
        Sample(
          timestamp: Timestamp(seconds: 1.7e9 + Double(index) * 5),
          value: index == blip ? 1 : 0))
      #expect(!verdict.opensEvent, "sample \(index): \(verdict.reason?.name ?? "")")
    }
  }

  /// Packets per second on a previously unused interface: bursts of any size with pauses.
  private static func bursts(after still: Int, _ count: Int) -> [Sample] {
    var random = XorShift(seed: 11)
    return (0..<still + count).map { index in
      let isBusy = index == still || index > still && (index - still) % 60 < 20
      return Sample(
        timestamp: Timestamp(seconds: Double(index)),
        value: isBusy ? exp(6 + random.gaussian()) : 0)
    }
  }

  @Test(arguments: [120, 3_000, 20_000])
  func `a metric that never moved raises an event when it does, and is then like any other`(
    still: Int
  ) {
    let samples = DetectorTests.bursts(after: still, 4_000)
    let verdicts = DetectorTests.run(samples, on: ValueDetector(scratch: TrainingScratch()))
    let opened = verdicts.indices.filter { verdicts[$0].opensEvent }
    #expect(opened.contains(still) == (still > 300))
    // With scales learnt from a constant series there were 18 after 3,000 constant samples, 47
    // after 20,000.
    #expect(opened.filter { $0 > still }.count <= 5, "\(opened)")
    #expect(verdicts[still + 1].state == .warmingUp(seen: 1, needed: 300))
    let greatest = samples.reduce(0) { max($0, $1.value) }
    for verdict in verdicts[(still + 400)...] {
      #expect(verdict.lower >= 0 && verdict.lower <= verdict.expected)
      #expect(verdict.upper >= verdict.expected && verdict.upper <= 2 * greatest)
    }
  }

  @Test func `a series that gets stuck still raises an event`() {
    var samples = SyntheticSeries.dailyWave(count: 3000)
    for index in 2500..<3000 { samples[index].value = samples[2499].value }
    let verdicts = DetectorTests.run(samples, on: ValueDetector(scratch: TrainingScratch()))
    let events = verdicts.indices.filter { verdicts[$0].opensEvent }
    #expect(events.contains { (2500..<2800).contains($0) }, "events: \(events)")
    #expect(!events.contains { $0 >= 2800 }, "events: \(events)")
  }

  @Test func `extreme values leave every number finite`() {
    let detector = ValueDetector(scratch: TrainingScratch())
    let wild = [
      1e300, -1e300, 1e30, -1e29, 1e18, .leastNormalMagnitude, 0, .greatestFiniteMagnitude, 1,
    ]
    for index in 0..<2000 {
      let value = index % 50 == 49 ? wild[index / 50 % wild.count] : Double(index % 10)
      let verdict = detector.step(
        Sample(timestamp: Timestamp(seconds: 1.7e9 + Double(index)), value: value))
      #expect(verdict.score.isFinite && verdict.level.isFinite, "sample \(index)")
    }
    let later = (0..<5000).map { index in
      detector.step(
        Sample(
          timestamp: Timestamp(seconds: 1.71e9 + Double(index)), value: Double(index % 10)))
    }
    #expect(later[4999].expected.isFinite && later[4999].upper.isFinite)
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `100,000 samples allocate nothing except for events`() throws {
    let detector = ValueDetector(scratch: TrainingScratch())
    var tracker = EventTracker(metric: MetricName(sanitizing: "wave"), hostSeed: 0)
    var history = RingBuffer(capacity: 256)
    func step(_ sample: Sample) -> Int {
      history.append(sample)
      return tracker.advance(sample, detector.step(sample), history: history).count
    }
    // The warm-up has its own event: the runtime creates a type's metadata on first use.
    for sample in SyntheticSeries.dailyWave(count: 3000, jumpAt: 2500) { _ = step(sample) }
    let samples = SyntheticSeries.dailyWave(count: 100_000, jumpAt: 50_000)
    var taken = UInt64(0)
    var told = 0
    for sample in samples {
      let before = allocation_counter_current()
      let transitions = step(sample)
      told += transitions
      if transitions == 0 { taken += allocation_counter_current() - before }
    }
    #expect(taken == 0)
    #expect(told >= 2)
  }

  @Test(arguments: [0, 1, 100, 1203])
  func `which detector is next affects neither of the two`(count: Int) {
    let scratch = TrainingScratch()
    let (own, alone, next) = (
      ValueDetector(scratch: scratch), ValueDetector(scratch: scratch),
      ValueDetector(scratch: scratch)
    )
    _ = DetectorTests.run(SyntheticSeries.dailyWave(count: count, jumpAt: 1000), on: next)
    let before = next.encode()
    for sample in SyntheticSeries.dailyWave(count: 300) {
      #expect(own.step(sample, next: next).score == alone.step(sample).score)
    }
    #expect(own.encode() == alone.encode())
    #expect(next.encode() == before)
  }

  @Test func `a detector takes 27 kB`() {
    #expect(ValueDetector.byteCount == 27_328)
  }

  @Test func `samples seen without a forecast are no more than it waits for`() throws {
    let scratch = TrainingScratch()
    let detector = ValueDetector(scratch: scratch)
    for sample in SyntheticSeries.dailyWave(count: 400) { _ = detector.step(sample) }
    var bytes = detector.encode()
    let readyAndSeen: [UInt8] = [1, 0x90, 1, 0, 0, 0, 0, 0, 0]
    let place = try #require(bytes.firstRange(of: readyAndSeen)).lowerBound
    bytes[place] = 0
    bytes[place + 6] = 1
    #expect(
      throws: StateDecodingError.outOfRange(
        field: "samples seen", found: 400 + 1 << 40, expected: 0...99)
    ) { try ValueDetector(decoding: bytes, configuration: .init(), scratch: scratch) }
  }

  @Test func `a time after the end of the week is refused`() throws {
    let scratch = TrainingScratch()
    let detector = ValueDetector(scratch: scratch)
    let samples = Array(SyntheticSeries.dailyWave(count: 400))
    for sample in samples { _ = detector.step(sample) }
    var bytes = detector.encode()
    let times = samples[..<8].flatMap { sample in
      withUnsafeBytes(of: Phase(sample.timestamp).bits.littleEndian) { Array($0) }
    }
    let place = try #require(bytes.firstRange(of: times)).lowerBound
    bytes[place] = 0
    bytes[place + 1] = 0x1C
    #expect(
      throws: StateDecodingError.outOfRange(
        field: "time of week", found: 7 * 1024, expected: 0...(7 * 1024 - 1))
    ) { try ValueDetector(decoding: bytes, configuration: .init(), scratch: scratch) }
  }

  @Test func `stored bytes that are cut, foreign or of another seed are refused`() throws {
    let scratch = TrainingScratch()
    let detector = ValueDetector(scratch: scratch)
    for sample in SyntheticSeries.dailyWave(count: 400) { _ = detector.step(sample) }
    let bytes = detector.encode()
    func decode(_ bytes: [UInt8], seed: UInt64 = 1) throws(StateDecodingError) {
      _ = try ValueDetector(decoding: bytes, configuration: .init(seed: seed), scratch: scratch)
    }
    for length in stride(from: 0, to: bytes.count, by: 997) {
      #expect(throws: StateDecodingError.self) { try decode(Array(bytes[..<length])) }
    }
    #expect(throws: StateDecodingError.self) { try decode(bytes + [0]) }
    #expect(throws: StateDecodingError.seed(found: 1, expected: 2)) {
      try decode(bytes, seed: 2)
    }
    var foreign = bytes
    foreign[0] = 99
    #expect(throws: StateDecodingError.version(found: 99, expected: 5)) { try decode(foreign) }
  }
}
