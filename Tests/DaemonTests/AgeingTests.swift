import Config
import Control
import Daemon
import Detection
import Glibc
import Monitor
import Series
import Support
import System
import Testing

@Suite struct AgeingTests {
  /// A monitor with a clock that only this test advances.
  final class Bench {
    var now = Duration.seconds(1_000_000)
    lazy var monitor = HostMonitor(
      limits: .init(metrics: 3, history: 4), hostSeed: 1, policy: watchAll)

    func feed(_ names: String..., at hours: Int) {
      now = .seconds(1_000_000 + 3600 * hours)
      monitor.setTime(.now, awake: now)
      for text in names { monitor.feed(wave(1), to: name(text)) }
    }

    var names: [String] { monitor.metrics.map(\.name.text) }
  }

  @Test func `in a full table the metric without samples for longest is replaced, after an hour`() {
    let bench = Bench()
    bench.feed("a", at: 0)
    bench.feed("b", at: 1)
    bench.feed("c", at: 2)
    bench.feed("a", at: 3)
    // b is oldest; d takes its index, e that of c, and f has to wait until a is an hour old.
    bench.feed("d", at: 3)
    #expect(bench.names == ["a", "d", "c"])
    bench.feed("e", at: 3)
    #expect(bench.names == ["a", "d", "e"])
    bench.feed("f", at: 3)
    #expect(bench.monitor.refusals == 1)
    bench.feed("f", at: 4)
    #expect(bench.names == ["f", "d", "e"])
    #expect(bench.monitor.ageing.displaced == 3)
    #expect(bench.monitor[name("a")] == nil)
    #expect(bench.monitor[name("f")]?.samples == 1)
  }

  @Test func `a metric with an open event is never replaced`() throws {
    let bench = Bench()
    bench.monitor.setTime(.now, awake: bench.now)
    bench.monitor.feed(wave(1_500), to: name("a"))
    var last = 1_500
    while bench.monitor[name("a")]?.openEvent == nil, last < 6_000 {
      bench.monitor.feed(wave(last + 1).suffix(1), to: name("a"))
      last += 1
    }
    try #require(bench.monitor[name("a")]?.openEvent != nil)
    bench.feed("b", "c", at: 0)
    bench.feed("d", at: 5)
    #expect(bench.names.contains("a"))
    #expect(bench.monitor.ageing.displaced == 1)
  }

  @Test func `an invalid id drops samples and never reaches another metric`() throws {
    let bench = Bench()
    let stale = try #require(bench.monitor.metric(named: name("a")))
    let epoch = bench.monitor.epoch
    bench.feed("b", "c", at: 0)
    bench.feed("d", at: 2)
    #expect(bench.monitor.epoch != epoch)
    bench.monitor.receive(wave(1)[0], of: stale)
    #expect(bench.monitor.ageing.strays == 1)
    #expect(bench.monitor.metrics.allSatisfy { $0.samples <= 1 })
  }

  @Test func `ages continue after a restart`() {
    let bench = Bench()
    bench.feed("a", "b", at: 0)
    bench.feed("b", at: 9)
    let ages = bench.monitor.encodeAges()
    let next = Bench()
    // Another boot of the machine: its clock starts over.
    next.feed("b", at: -270)
    next.feed("a", "c", at: -270)
    #expect(next.monitor.restoreAges(ages) == nil)
    next.feed("d", at: -270)
    #expect(next.names == ["b", "d", "c"])
    #expect(next.monitor.restoreAges([1, 2, 3]) != nil)
  }
}

/// Ageing in a whole daemon.
@Suite struct ForgettingTests {
  func counts(_ agent: Daemon) -> MetricCounts { agent.report.status().metrics }

  @Test
  func `a metric without samples for ForgetAfter is removed, across restarts, and may come back`()
    throws
  {
    let stage = Stage()
    stage.settings.agent.forgetAfter = .seconds(10 * 3600)
    stage.append(wave(10))
    try stage.run(steps: [
      { $0.monitor.samples == 10 },
      { agent in
        stage.passed = .seconds(6 * 3600)
        return true
      },
    ])
    try stage.run(steps: [
      { agent in
        #expect(counts(agent).registered == 1)
        stage.passed = .seconds(11 * 3600)
        return true
      },
      { counts($0).registered == 0 },
      { agent in
        #expect(counts(agent).forgotten == 1)
        stage.append(wave(12).suffix(2))
        return true
      },
      { counts($0).registered == 1 },
    ])
    #expect(stage.log.contains { $0.contains("removed 1 metric without") })
    try stage.run(steps: [{ counts($0).registered == 1 }])
  }
}
