import Daemon
import Detection
import Monitor
import Series
import Testing

@Suite struct InputSinkTests {
  private static func pipeline(_ policy: MetricPolicy = .watch(.init())) -> HostMonitor {
    HostMonitor(limits: .init(metrics: 3, history: 1), hostSeed: 0) { _ in policy }
  }

  @Test(arguments: [MetricPolicy.watch(.init()), .ignore])
  func `names beyond the limit, or ignored, take no memory`(policy: MetricPolicy) {
    let claims = MetricClaims()
    let sink = InputSink(
      pipeline: InputSinkTests.pipeline(policy), claims: claims, input: "flood")
    for number in 0..<1000 { _ = sink.metric(named: MetricName(sanitizing: "name\(number)")) }
    #expect(claims.count <= 3)
  }

  @Test func `a metric stays with the input that had it first`() {
    let claims = MetricClaims()
    let pipeline = InputSinkTests.pipeline()
    let first = InputSink(pipeline: pipeline, claims: claims, input: "first")
    let second = InputSink(pipeline: pipeline, claims: claims, input: "second")
    let name = MetricName(sanitizing: "shared")
    let metric = first.metric(named: name)
    #expect(metric != nil && first.metric(named: name) == metric)
    #expect(second.metric(named: name) != metric)
    #expect(second.conflict?.owner == "first" && first.conflict == nil)
  }
}
