import Daemon
import Detection
import Monitor
import Series
import Testing

@Suite struct InputSinkTests {
  private static func monitor(_ policy: MetricPolicy = .watch(.init())) -> HostMonitor {
    HostMonitor(limits: .init(metrics: 3, history: 1), hostSeed: 0) { _ in policy }
  }

  @Test(arguments: [MetricPolicy.watch(.init()), .ignore])
  func `names beyond the limit, or ignored, take no memory`(policy: MetricPolicy) {
    let monitor = InputSinkTests.monitor(policy)
    let sink = InputSink(monitor, input: "flood")
    for number in 0..<1000 { _ = sink.metric(named: MetricName(sanitizing: "name\(number)")) }
    #expect(monitor.claimCount <= 3)
  }

  @Test func `a metric stays with the input that claimed it first`() {
    let monitor = InputSinkTests.monitor()
    let first = InputSink(monitor, input: "first")
    let second = InputSink(monitor, input: "second")
    let name = MetricName(sanitizing: "shared")
    let metric = first.metric(named: name)
    #expect(metric != nil && first.metric(named: name) == metric)
    #expect(second.metric(named: name) != metric)
    #expect(second.conflict?.owner == "first" && first.conflict == nil)
  }
}
