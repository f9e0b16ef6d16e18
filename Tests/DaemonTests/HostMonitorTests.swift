import AllocationCounter
import Control
import Daemon
import Detection
import Events
import Monitor
import Series
import Support
import Testing

@Suite struct HostMonitorTests {
  private let limits = HostMonitor.Limits(metrics: 2, history: 16)

  /// Everything kept for a metric except its name and its table entry. More costs every user: if
  /// that is unavoidable, change the figure, and what docs/benchmarks.md and the manuals say.
  @Test func `a metric with 256 samples of history takes less than 30 kB`() {
    let monitor = HostMonitor(
      limits: HostMonitor.Limits(metrics: 1, history: 256), hostSeed: 1, policy: watchAll)
    #expect(monitor.bytesPerMetric == 29_936)
  }

  @Test func `refuses metrics beyond its limit, counts them and affects no other`() throws {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    let first = try #require(monitor.metric(named: name("a")))
    #expect(monitor.metric(named: name("b")) != nil)
    #expect(monitor.metric(named: name("c")) == nil)
    #expect(monitor.metric(named: name("d")) == nil)
    #expect(monitor.metric(named: name("a")) == first)
    #expect(monitor.refusals == 2)
    monitor.receive(wave(1)[0], of: first)
    #expect(monitor[name("a")]?.samples == 1)
    #expect(monitor[name("b")]?.samples == 0)
    #expect(monitor[name("c")] == nil)
  }

  @Test func `discards the samples of an ignored metric without using a slot`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1) { metric in
      metric == name("x") ? .ignore : .watch(DetectorConfiguration())
    }
    monitor.feed(wave(3), to: name("x"))
    #expect(monitor.metrics.isEmpty)
    #expect(monitor.samples == 0)
    #expect(monitor.refusals == 0)
  }

  @Test func `a metric is anomalous exactly while an event of it is open`() throws {
    var rules = EventRules()
    rules.minimumDeviation = 1_000
    for (rules, expected) in [(rules, MetricState.normal), (EventRules(), .anomalous)] {
      let monitor = HostMonitor(limits: limits, hostSeed: 1) { _ in
        .watch(DetectorConfiguration(), rules)
      }
      // Up to a spike.
      let spike = try #require(wave(1_000).firstIndex { $0.value > 90 })
      monitor.feed(wave(spike + 1), to: name("a"))
      let metric = try #require(monitor[name("a")])
      #expect(metric.verdict?.isAlarming == true)
      #expect((metric.openEvent != nil) == (expected == .anomalous))
      #expect(metric.state == expected)
    }
  }

  @Test func `a higher limit admits new metrics and keeps learnt state`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    for metric in ["a", "b", "c"] { monitor.feed(wave(20), to: name(metric)) }
    let refused = monitor.reconfigure(
      limits: HostMonitor.Limits(metrics: 3, history: 8),
      policy: watchAll
    )
    #expect(refused.isEmpty)
    monitor.feed(wave(1), to: name("c"))
    #expect(monitor.metrics.map(\.samples) == [20, 20, 1])
    #expect(monitor.metrics[0].history.samples().count == 8)
    #expect(monitor.refusals == 1)
  }

  @Test func `a lower limit removes no metric`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    for metric in ["a", "b"] { monitor.feed(wave(2), to: name(metric)) }
    _ = monitor.reconfigure(limits: HostMonitor.Limits(metrics: 1, history: 16), policy: watchAll)
    monitor.feed(wave(2), to: name("b"))
    #expect(monitor.metrics.map(\.samples) == [2, 4])
    #expect(monitor.metric(named: name("c")) == nil)
  }

  @Test func `a new seed is refused by detectors that have learnt under another`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    monitor.feed(wave(2), to: name("a"))
    let refused = monitor.reconfigure(limits: limits) { _ in
      .watch(DetectorConfiguration(seed: 2))
    }
    #expect(refused.map(\.metric) == [name("a")])
  }

  @Test func `counts missing values and unusual gaps of each metric`() throws {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    func at(_ seconds: [Double]) -> [Sample] {
      seconds.map { Sample(timestamp: Timestamp(seconds: $0), value: 1) }
    }
    // Steps of 5, once 14 (three intervals are still fine), once 16, once an hour.
    monitor.feed(at([0, 5, 10, 15, 20, 34, 39, 44, 60, 65, 3665]), to: name("a"))
    monitor.feed(at([0, 3600, 3601]), to: name("b"))
    monitor.feed([Sample(timestamp: Timestamp(seconds: 3670), value: .nan)], to: name("a"))
    let metric = try #require(monitor[name("a")])
    #expect(metric.silences == 2)
    #expect(metric.missing == 1)
    #expect(metric.gaps == 3)
    #expect(metric.usualInterval == .seconds(5))
    #expect(monitor[name("b")]?.silences == 0)
    let silences = monitor.takeGaps()
    #expect(silences.count == 2)
    #expect(silences.metric == name("a"))
    #expect(silences.longest == .seconds(3600))
    #expect(monitor.takeGaps().count == 0)
  }

  @Test func `accepts a new sampling interval after four samples`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    let moments = (0..<20).map { Double($0) * 5 } + (1...20).map { 95 + Double($0) * 60 }
    monitor.feed(
      moments.map { Sample(timestamp: Timestamp(seconds: $0), value: 1) },
      to: name("a")
    )
    #expect(monitor[name("a")]?.silences == 4)
    #expect(monitor[name("a")]?.usualInterval == .seconds(60))
  }

  @Test func `time that runs backwards is not a gap and does not trap`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    let extremes: [Int64] = [0, 5, 10, 15, .min, .max, .min, 3, 3, .max]
    monitor.feed(
      extremes.map { Sample(timestamp: Timestamp(nanoseconds: $0), value: 1) },
      to: name("a")
    )
    #expect(monitor[name("a")]?.samples == 10)
  }

  @Test func `a run cut in two gives the same verdicts and events as an uninterrupted one`() throws
  {
    let samples = wave(2_000)
    let whole = HostMonitor(limits: limits, hostSeed: 7, policy: watchAll)
    var verdicts: [Verdict?] = []
    for sample in samples {
      whole.feed([sample], to: name("a"))
      verdicts.append(whole[name("a")]?.verdict)
    }
    let expected = whole.takeTransitions()
    let openings = expected.filter { if case .opened = $0 { true } else { false } }
    #expect(openings.count >= 3, "the series was to hold some events")

    // Cut in warm-up, afterwards, and right after an event has opened.
    let opened = try #require(
      samples.firstIndex { $0.timestamp == openings[1].event.opened })
    for cut in [150, 1_000, opened + 1] {
      let first = HostMonitor(limits: limits, hostSeed: 7, policy: watchAll)
      first.feed(samples[..<cut], to: name("a"))
      let second = HostMonitor(limits: limits, hostSeed: 7, policy: watchAll)
      let metric = try #require(first[name("a")])
      #expect(second.restore(name("a"), from: metric.encode()) == nil)
      #expect(second.restoreIncidents(first.encodeIncidents()) == nil)
      #expect(second[name("a")]?.verdict == verdicts[cut - 1])
      for (sample, verdict) in zip(samples[cut...], verdicts[cut...]) {
        second.feed([sample], to: name("a"))
        let here = second[name("a")]?.verdict
        guard here == verdict else {
          Issue.record("cut at \(cut): expected \(verdict as Any), found \(here as Any)")
          break
        }
      }
      #expect(first.takeTransitions() + second.takeTransitions() == expected)
      #expect(second[name("a")]?.samples == 2_000)
      #expect(
        second[name("a")]?.history.samples()
          == whole[name("a")]?.history.samples())
    }
  }

  @Test(
    .enabled(if: Needs.optimisation.isMet, "\(Needs.optimisation)"),
    .enabled(if: allocation_counter_is_active(), "a sanitizer counts in its stead"))
  func `processing a sample allocates nothing`() throws {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    let id = try #require(monitor.metric(named: name("a")))
    let samples = wave(3_000).filter { $0.value < 100 }
    for sample in samples[..<2_000] { monitor.receive(sample, of: id) }
    let before = allocation_counter_current()
    for sample in samples[2_000...] { monitor.receive(sample, of: id) }
    #expect(allocation_counter_current() - before == 0)
  }

  @Test func `damaged state of a metric is refused with a reason and affects no other`() {
    let monitor = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    monitor.feed(wave(400), to: name("a"))
    let bytes = monitor.metrics[0].encode()
    let other = HostMonitor(limits: limits, hostSeed: 1, policy: watchAll)
    #expect(other.restore(name("short"), from: Array(bytes.dropLast())) != nil)
    #expect(other.restore(name("long"), from: bytes + [0]) != nil)
    #expect(other.restore(name("empty"), from: []) != nil)
    #expect(other.restore(name("version"), from: [99] + bytes.dropFirst()) != nil)
    #expect(other.metrics.isEmpty)
    #expect(other.restore(name("a"), from: bytes) == nil)
    #expect(other.restore(name("b"), from: bytes) == nil)
    #expect(other.restore(name("c"), from: bytes) == "expected at most 2 metrics")
  }
}

@Suite struct HostMonitorBudgetTests {
  private let limits = HostMonitor.Limits(metrics: 10, history: 16)

  private func sharing() -> HostMonitor {
    HostMonitor(limits: limits, hostSeed: 1, alarmsPerDay: 0.01, policy: policy)
  }

  private func policy(of metric: MetricName) -> MetricPolicy {
    var rules = EventRules()
    rules.upperLimit = 1_000
    return .watch(DetectorConfiguration(), rules, sharesHostBudget: metric != name("own"))
  }

  private func beyondLimit(_ sample: Sample) -> Sample {
    Sample(timestamp: sample.timestamp, value: 2_000)
  }

  private func threshold(_ monitor: HostMonitor, _ metric: String) throws -> Float {
    try #require(monitor[name(metric)]?.verdict).threshold
  }

  @Test func `metrics share the host's budget, except those with their own`() throws {
    let monitor = sharing()
    for metric in ["a", "b", "own"] { monitor.feed(wave(20), to: name(metric)) }
    // Two metrics, one sample in five minutes each, one alarm in a hundred days.
    #expect(abs(monitor.budget.samplesPerAlarm - 2 * 288 * 100) < 1)
    #expect(try abs(threshold(monitor, "b") - 4.760) < 0.001)
    #expect(try abs(threshold(monitor, "own") - 3.699) < 0.001)
  }

  @Test func `an alarm raises the thresholds of sharing metrics, across a restart and a reload`()
    throws
  {
    let monitor = sharing()
    for metric in ["a", "b", "own"] { monitor.feed(wave(20), to: name(metric)) }
    for metric in ["a", "own"] { monitor.feed([beyondLimit(wave(21)[20])], to: name(metric)) }
    let restored = sharing()
    for metric in monitor.metrics {
      #expect(restored.restore(metric.name, from: metric.encode()) == nil)
    }
    #expect(restored.restoreBudget(monitor.encodeBudget()) == nil)
    #expect(restored.budget == monitor.budget)
    _ = restored.reconfigure(limits: limits, alarmsPerDay: 0.01, policy: policy)
    for monitor in [monitor, restored] {
      for metric in ["a", "b", "own"] {
        monitor.feed([wave(22)[21]], to: name(metric))
      }
      #expect(try abs(threshold(monitor, "a") - 4.760 - 0.3 - 0.22) < 0.001)
      #expect(try abs(threshold(monitor, "b") - 4.760 - 0.3) < 0.001)
      #expect(try abs(threshold(monitor, "own") - 3.699) < 0.001)
    }
    #expect(restored.restoreBudget([1, 2]) != nil)
  }
}
