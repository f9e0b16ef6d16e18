import AllocationCounter
import Inputs
import Series
import Support
import Testing

@Suite struct SocketInputTests {
  @Test func `intervals end at whole multiples of their length`() {
    let bench = SocketBench { $0.flushInterval = .seconds(60) }
    // 22:13:20: the rest of the first minute is more than half of one.
    bench.receive("n:80|c")
    bench.endInterval()
    bench.receive("n:60|c")
    bench.endInterval()
    #expect(bench.values("n") == ["2.0", "1.0"])
    #expect(
      bench.sink.samples(of: "n").map(\.timestamp.iso8601) == [
        "2023-11-14T22:14:00.000Z", "2023-11-14T22:15:00.000Z",
      ])
  }

  @Test func `a short first interval is joined with the next`() {
    let bench = SocketBench { $0.flushInterval = .seconds(3_600) }
    bench.poll(after: .seconds(2_400))
    bench.restart(takingOver: true)
    bench.poll(after: .zero)
    bench.receive("n:4000|c")
    bench.endInterval()
    #expect(bench.values("n") == [])
    bench.endInterval()
    #expect(bench.values("n") == ["1.0"])
  }

  @Test func `an idle counter is 0, an idle gauge is absent unless configured to be held`() {
    for idle in [SocketSection.IdleGauges.absent, .hold] {
      let bench = SocketBench { $0.idleGauges = idle }
      bench.receive("c:10|c\ng:5|g\ns:x|s\nf v=3")
      for _ in 0..<3 { bench.endInterval() }
      #expect(bench.values("c") == ["1.0", "0.0", "0.0"])
      #expect(bench.values("s") == ["1.0", "0.0", "0.0"])
      #expect(bench.values("g") == (idle == .hold ? ["5.0", "5.0", "5.0"] : ["5.0"]))
      #expect(bench.values("f.v") == ["3.0"])
    }
  }

  @Test func `an absent gauge keeps the state to which changes are added`() {
    let bench = SocketBench()
    bench.receive("g:5|g")
    for _ in 0..<3 { bench.endInterval() }
    bench.receive("g:+2|g")
    bench.endInterval()
    #expect(bench.values("g") == ["5.0", "7.0"])
  }

  @Test func `a metric that is absent for long is replaced by others`() {
    let bench = SocketBench {
      $0.forgetAfter = .seconds(60)
      $0.metricsPerSender = 5
    }
    bench.receive("t:1|ms\na:1|c\nb:1|c")
    #expect(bench.health.dropped == 1)
    bench.endInterval()
    for _ in 0..<6 {
      bench.receive("a:1|c")
      bench.endInterval()
    }
    bench.receive("u:1|ms")
    bench.endInterval()
    #expect(bench.values("u.mean") == ["1.0"])
    #expect(bench.values("a").count == 8)
    #expect(bench.health.dropped == 1)
    // Its own name is free again, too.
    for _ in 0..<7 { bench.endInterval() }
    bench.receive("t.p95:7|g")
    bench.endInterval()
    #expect(bench.values("t.p95").last == "7.0")
  }

  @Test func `a clock that is set back or forward costs nothing but rates of that interval`() {
    let bench = SocketBench()
    bench.receive("n:10|c")
    bench.endInterval()
    bench.poll(after: .seconds(-7_200))
    bench.receive("n:10|c")
    bench.endInterval()
    bench.endInterval()
    #expect(bench.values("n") == ["1.0", "1.0", "0.0"])
    bench.receive("n:7200|c")
    bench.poll(after: .seconds(7_200))
    #expect(bench.values("n").last == "1.0")
  }

  @Test(
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"),
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"))
  func `known metrics are received and reported without allocation`() throws {
    let bench = SocketBench { $0.datagramsPerSecond = 1_000_000 }
    let lines = """
      hits:1|c|@0.5|#b:2,a:1
      depth:+3|g
      wait:12:13:14|ms
      users:anna|s
      cpu,host=a\\ b,core=1 usage=12.5,idle=3i,text="x",up=true 1699999999
      """
    for _ in 0..<3 {
      bench.receive(lines)
      bench.endInterval()
    }
    let sink = CountingSink()
    var now = bench.now
    _ = bench.input.poll(now: now, into: sink)
    for round in 0..<20 {
      #expect(bench.send(lines))
      let before = allocation_counter_current()
      _ = bench.input.poll(now: now, into: sink)
      now = now.advanced(by: .seconds(10))
      _ = bench.input.poll(now: now, into: sink)
      let count = allocation_counter_current() - before
      #expect(round < 2 || count == 0, "\(count) allocations in round \(round)")
    }
    #expect(sink.samples >= 20 * 10)
  }
}
