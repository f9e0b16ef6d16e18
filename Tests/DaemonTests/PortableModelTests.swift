import Detection
import Events
import Monitor
import Series
import Testing

/// The state of a metric, moved from one monitor to another.
@Suite struct PortableModelTests {
  private let samples = wave(900)

  private func monitor(seed: UInt64 = 1) -> HostMonitor {
    HostMonitor(limits: HostMonitor.Limits(metrics: 3, history: 300), hostSeed: seed) { name in
      name.text.hasPrefix("ignored")
        ? .ignore : .watch(DetectorConfiguration(), sharesHostBudget: false)
    }
  }

  private func exported(_ monitor: HostMonitor, _ metric: String = "a") throws -> PortableModel {
    try #require(
      LearntModels(monitor).export(
        name(metric), rules: ["Range=0..95"], at: Timestamp(seconds: 1)))
  }

  @Test func `scores continue to the bit on another host, under another name`() throws {
    let (first, second) = (monitor(), monitor(seed: 9))
    first.feed(samples[..<700], to: name("a"))
    let model = try PortableModel(bytes: exported(first).bytes)
    #expect(try model == exported(first))
    #expect(model.metric == name("a") && model.rules == ["Range=0..95"])
    #expect(model.interval == .seconds(300) && model.version == Product.version)
    try LearntModels(second).adopt(model, as: name("b"))
    #expect(second[name("b")]?.samples == 700)
    #expect(second[name("b")]?.newest == first[name("a")]?.newest)
    #expect(second[name("b")]?.usualInterval == .seconds(300))
    for sample in samples[700...] {
      first.feed([sample], to: name("a"))
      second.feed([sample], to: name("b"))
      let (left, right) = (first[name("a")]?.verdict, second[name("b")]?.verdict)
      #expect(left == right, "\(sample.timestamp)")
    }
    #expect(first[name("a")]?.detector.encode() == second[name("b")]?.detector.encode())
  }

  @Test(arguments: [0, 1, 5_000_000_009, 9_000_000_000_000_000_000] as [Int64])
  func `an interval is exported to the nanosecond`(nanoseconds: Int64) throws {
    let first = monitor()
    first.feed(samples[..<10], to: name("a"))
    var model = try exported(first)
    model.interval = .nanoseconds(nanoseconds)
    #expect(try PortableModel(bytes: model.bytes) == model)
  }

  @Test func `an existing metric keeps its event, its counters and its samples`() throws {
    let (first, second) = (monitor(), monitor())
    first.feed(samples[..<700], to: name("a"))
    second.feed(samples[..<600], to: name("a"))
    let before = second[name("a")]
    try LearntModels(second).adopt(exported(first), as: name("a"))
    let after = second[name("a")]
    #expect(after?.samples == 600 && after?.newest == before?.newest)
    #expect(after?.openEvent?.id == before?.openEvent?.id)
    #expect(after?.learning.weights == first[name("a")]?.learning.weights)
    #expect(after?.learning.weights != before?.learning.weights)
  }

  @Test func `a state that cannot continue is refused with the reason`() throws {
    let first = monitor()
    first.feed(samples[..<200], to: name("a"))
    var model = try exported(first)
    #expect(throws: MetricDecodingError.notWatched) {
      try LearntModels(monitor()).adopt(model, as: name("ignored.a"))
    }
    let full = monitor()
    for metric in ["x", "y", "z"] { full.feed(samples[..<5], to: name(metric)) }
    #expect(throws: MetricDecodingError.notWatched) {
      try LearntModels(full).adopt(model, as: name("a"))
    }
    let traced = monitor()
    _ = traced.stream(named: name("a"), inPlaceOf: nil)
    #expect(throws: MetricDecodingError.otherFamily) {
      try LearntModels(traced).adopt(model, as: name("a"))
    }
    model.state.removeLast()
    #expect(throws: MetricDecodingError.self) {
      try LearntModels(monitor()).adopt(model, as: name("a"))
    }
  }

  @Test func `damaged and newer files are distinguished`() throws {
    let source = monitor()
    source.feed(samples[..<300], to: name("a"))
    let bytes = try exported(source).bytes
    func error(_ change: (inout [UInt8]) -> Void) -> PortableModelError? {
      var changed = bytes
      change(&changed)
      do throws(PortableModelError) {
        _ = try PortableModel(bytes: changed)
        return nil
      } catch {
        return error
      }
    }
    #expect(error { $0[0] = 0 } == .noModel)
    #expect(error { $0 = [] } == .noModel)
    #expect(error { $0.removeLast() } == .truncated)
    #expect(error { $0.append(0) } == .truncated)
    #expect(error { $0 = Array($0.prefix(20)) } == .truncated)
    #expect(error { $0[200] ^= 1 } == .damaged)
    #expect(
      error { ($0[8], $0[12]) = (9, 8) } == .version(found: 9, newest: 1),
      "a newer layout")
    #expect(error { $0[8] = 9 } == nil, "newer, of a layout that is known")
  }

  @Test func `any content is either refused or can be written and continued`() throws {
    let source = monitor()
    source.feed(samples[..<300], to: name("a"))
    let bytes = try exported(source).bytes
    var random: UInt64 = 88_172_645_463_325_252
    func next(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(bound))
    }
    var continued = 0
    for round in 0..<400 {
      var content = Array(bytes[28...])
      // Mostly near the beginning, where the fields are, and in the last parts.
      for _ in 0...next(3) {
        let place = round % 2 == 0 ? next(120) : next(content.count)
        content[place] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(next(256))][next(6)]
      }
      var writer = ByteWriter()
      writer.write(raw: bytes[..<16])
      writer.write(UInt64(content.count))
      writer.write(CRC32C.checksum(of: content))
      writer.write(raw: content)
      guard let model = try? PortableModel(bytes: writer.bytes) else { continue }
      #expect(try PortableModel(bytes: model.bytes) == model)
      _ = try? model.facts()
      let target = monitor()
      guard (try? LearntModels(target).adopt(model, as: name("b"))) != nil else { continue }
      target.feed(samples[300..<303], to: name("b"))
      continued += 1
    }
    #expect(continued > 100)
  }

  @Test func `its facts can be compared`() throws {
    let source = monitor()
    source.feed(samples[..<700], to: name("a"))
    let facts = try exported(source).facts()
    #expect(facts.samples == 700 && facts.learning == source[name("a")]?.learning)
    #expect(facts.interval == .seconds(300) && facts.family == .values)
  }

  @Test func `the newest sample in a state is not learnt twice`() throws {
    let whole = monitor()
    whole.feed(samples[..<600], to: name("a"))
    let state = try #require(whole[name("a")]).encode()
    // Kept time stamps lie apart by whole milliseconds.
    let later = samples[600..<610].map {
      Sample(timestamp: $0.timestamp.advanced(by: .microseconds(500)), value: $0.value)
    }
    whole.feed(later[...], to: name("a"))
    let models = LearntModels(whole)
    var replacement = try #require(try models.replacement(of: name("a"), from: state))
    let none = samples[0].timestamp..<samples[0].timestamp
    #expect(models.relearn(&replacement, of: name("a"), without: none, until: { false }))
    #expect(replacement.relearnt == 10)
  }

  @Test func `kept samples are relearnt without a span`() throws {
    let (whole, without) = (monitor(), monitor())
    let span = samples[650].timestamp..<samples[680].timestamp
    whole.feed(samples[..<600], to: name("a"))
    let state = try #require(whole[name("a")]).encode()
    whole.feed(samples[600..<700], to: name("a"))
    let models = LearntModels(whole)
    var replacement = try #require(try models.replacement(of: name("a"), from: state))
    var calls = 0
    while !models.relearn(
      &replacement, of: name("a"), without: span,
      until: {
        calls += 1
        return calls % 7 == 0
      })
    {}
    #expect(replacement.relearnt == 70)
    #expect(models.install(replacement, of: name("a")))
    without.feed(samples[..<650] + samples[680..<700], to: name("a"))
    let (left, right) = (
      try #require(whole[name("a")]).learning, try #require(without[name("a")]).learning
    )
    #expect(left.seen == 670 && right.seen == 670 && left.updates == right.updates)
    // Kept samples are rounded to 32 bits.
    let distance = zip(left.weights, right.weights).map { abs($0 - $1) }.max() ?? 1
    #expect(distance < 0.01, "\(distance)")
    #expect(whole[name("a")]?.samples == 700)
  }
}
