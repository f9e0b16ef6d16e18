import Detection
import Events
import Monitor
import Series
import Testing

/// Metrics that no detector judges: `Detect=no`, like the host's redundant ones.
@Suite struct ShownMetricTests {
  private let limits = HostMonitor.Limits(metrics: 2, history: 16)

  private func monitor(judges: Bool, _ rules: EventRules = EventRules()) -> HostMonitor {
    HostMonitor(limits: limits, hostSeed: 1) { _ in
      .watch(judges ? DetectorConfiguration() : .unjudged, rules)
    }
  }

  @Test func `its values are kept and open no event`() throws {
    let monitor = monitor(judges: false)
    monitor.feed(wave(1000), to: name("a"))
    let metric = try #require(monitor[name("a")])
    #expect(metric.samples == 1000 && metric.newest == wave(1000).last)
    #expect(metric.history.samples().count == 16)
    #expect(metric.state == .shown && !metric.isJudged)
    #expect(monitor.takeSteps().isEmpty)
    #expect(metric.byteCount < 2000, "without a network")
    let census = monitor.census(at: .zero)
    #expect(census.shown == 1 && census.normal == 0 && census.learning == 0)
  }

  @Test func `limits still apply to it`() throws {
    var rules = EventRules()
    rules.upperLimit = 90
    let monitor = monitor(judges: false, rules)
    let spike = try #require(wave(1000).firstIndex { $0.value > 90 })
    monitor.feed(wave(spike + 1), to: name("a"))
    let event = try #require(monitor.takeSteps().first?.event?.transition.event)
    #expect(event.cause == .limit(bound: 90) && event.severity == .error)
    #expect(!event.expected.isFinite)
    #expect(monitor[name("a")]?.state == .anomalous)
  }

  @Test func `a reload begins and ends judging, and the history stays`() throws {
    let monitor = monitor(judges: true)
    monitor.feed(wave(400), to: name("a"))
    for judges in [false, true] {
      let refused = monitor.reconfigure(limits: limits) { _ in
        .watch(judges ? DetectorConfiguration() : .unjudged)
      }
      #expect(refused.isEmpty)
      let metric = try #require(monitor[name("a")])
      #expect(metric.isJudged == judges && metric.samples == 400)
      #expect(metric.history.samples().count == 16)
    }
    #expect(monitor[name("a")]?.detector.seen == 0, "it learns afresh")
  }

  @Test(arguments: [true, false], [true, false])
  func `stored state is read whether the metric was judged then or is judged now`(
    was: Bool, isNow: Bool
  ) throws {
    let before = monitor(judges: was)
    before.feed(wave(400), to: name("a"))
    let stored = try #require(before[name("a")]).encode()
    let metric = try MonitoredMetric(
      decoding: stored, name: name("a"), configuration: isNow ? DetectorConfiguration() : .unjudged,
      sharesHostBudget: false, rules: EventRules(), scratch: DetectorScratch(), hostSeed: 1,
      historyCapacity: 16, heard: .zero, learningSnapshots: LearningSnapshotAccount())
    #expect(metric.samples == 400 && metric.isJudged == isNow)
    #expect(metric.detector.seen == (was && isNow ? 400 : 0))
  }
}
