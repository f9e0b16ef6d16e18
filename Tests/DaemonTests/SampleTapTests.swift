import Control
import Daemon
import Monitor
import Series
import Testing

@Suite struct SampleTapTests {
  let monitor = HostMonitor(limits: .init(metrics: 10, history: 4), hostSeed: 1, policy: watchAll)

  /// The next part; nil if there is none.
  func part(_ tap: SampleTap) throws -> TapReply? {
    guard case .part(let parameters, let continues) = tap.next() else { return nil }
    #expect(continues)
    return try #require(parameters as? TapReply)
  }

  @Test func `shows the samples of matching metrics from now on, as their detectors see them`()
    throws
  {
    monitor.feed(wave(5), to: name("disk.a"))
    let tap = SampleTap(Glob("disk.*"), on: monitor)
    #expect(!tap.isReady)
    #expect(try part(tap) == nil)
    monitor.feed(wave(7).suffix(2), to: name("disk.a"))
    monitor.feed(wave(3), to: name("cpu"))
    monitor.feed([Sample(timestamp: Timestamp(seconds: 1), value: .nan)], to: name("disk.b"))
    #expect(tap.isReady)
    let reply = try #require(try part(tap))
    #expect(reply.samples.map(\.metric) == ["disk.a", "disk.a", "disk.b"])
    #expect(reply.samples.map(\.value) == wave(7).suffix(2).map(\.value) + [nil])
    #expect(reply.samples.map(\.at).first == wave(6)[5].timestamp)
    #expect(reply.samples.allSatisfy { $0.state == .warming && $0.expected != nil })
    #expect(reply.lost == 0)
    #expect(!tap.isReady)
    tap.end()
  }

  @Test func `keeps the latest samples for a slow reader, and counts the others`() throws {
    let slow = SampleTap(nil, on: monitor)
    let quick = SampleTap(nil, on: monitor)
    let samples = wave(SampleTap.capacity + 250)
    var seen = 0
    for sample in samples {
      monitor.feed([sample], to: name("a"))
      seen += try part(quick)?.samples.count ?? 0
    }
    #expect(seen == samples.count)
    var values: [Double?] = []
    var lost: [Int] = []
    while let reply = try part(slow) {
      #expect(reply.samples.count <= SampleTap.samplesPerPart)
      values += reply.samples.map(\.value)
      lost.append(reply.lost)
    }
    #expect(values == samples.suffix(SampleTap.capacity).map(\.value))
    #expect(lost.first == 250)
    #expect(lost.dropFirst().allSatisfy { $0 == 0 })
    slow.end()
    quick.end()
  }

  @Test func `sees nothing more when it has ended`() {
    let tap = SampleTap(nil, on: monitor)
    monitor.feed(wave(1), to: name("a"))
    #expect(tap.isReady)
    _ = tap.next()
    tap.end()
    monitor.feed(wave(3), to: name("a"))
    #expect(!tap.isReady)
  }
}
