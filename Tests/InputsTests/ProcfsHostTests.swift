import Inputs
import Series
import Testing

@Suite struct ProcfsHostTests {
  @Test func `reads the real host without fault`() throws {
    let sink = HostSink()
    var section = ProcfsSection()
    section.interval = .milliseconds(200)
    let input = ProcfsInput(name: "host", configuration: section)
    var now = Timestamp(nanoseconds: 1_795_183_320_000_000_000)
    let start = ContinuousClock.now
    for round in 0..<3 {
      while ContinuousClock.now - start < .milliseconds(100 * round) {}
      sink.received.removeAll()
      #expect(input.poll(now: now, into: sink) == .drained)
      now = now.advanced(by: .milliseconds(100))
    }
    let values = sink.values
    #expect(values.count == sink.received.count, "each metric once")
    #expect(values.count > 30)
    #expect(values.values.allSatisfy { $0.isFinite })
    let signed = ["clock.offset_seconds", "clock.frequency_ppm"]
    #expect(
      values.allSatisfy { $0.value >= 0 || signed.contains($0.key) || $0.key.hasSuffix(".celsius") }
    )
    let memory = try #require(values["memory.used_ratio"])
    #expect((0.001...1).contains(memory))
    let modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"]
    let shares = modes.compactMap { values["cpu." + $0] }
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(try #require(values["kernel.context_switches_per_second"]) > 0)
    #expect(input.health.malformed == 0)
    #expect(input.health.gaps == 0)
    #expect(input.drainNotices().allSatisfy { $0.severity == .info })
  }
}
