import Detection
import Events
import Series
import Testing

@Suite struct SeverityReasonTests {
  private func event(
    _ cause: EventCause, _ severity: Severity, value: Double, lower: Double = 1, upper: Double = 2
  ) -> Event {
    let metric = MetricName(sanitizing: "filesystem.root.used_ratio")
    let moment = Timestamp(seconds: 1_800_000_000)
    return Event(
      id: EventID(metric: metric, opened: moment, hostSeed: 1), metric: metric, cause: cause,
      direction: .high, severity: severity, opened: moment, value: value, lower: lower,
      upper: upper)
  }

  private func reason(_ event: Event, _ change: (inout EventRules) -> Void = { _ in }) -> String {
    var rules = EventRules()
    change(&rules)
    return SeverityReason(event, under: rules).sentence
  }

  @Test func `a level of the table is described`() {
    let full = event(.hostLimit(9, bound: 0.95), .critical, value: 0.98)
    #expect(reason(full) == "a value above 97% is critical: the filesystem is nearly full")
    let filling = event(.hostLimit(9, bound: 0.95), .warning, value: 0.96)
    #expect(reason(filling) == "a value above 95% is a warning: the filesystem is nearly full")
  }

  @Test func `harmless values stay so, however rare`() {
    let filling = event(.evidence(.jump), .info, value: 0.5)
    #expect(
      reason(filling) { $0.impact = 9 }
        == "a value up to 80% of this metric is harmless, however rare")
    let busy = event(.evidence(.jump), .info, value: 5e9)
    #expect(
      reason(busy) { $0.impact = 34 } == "any value of this metric is harmless, however rare")
  }

  @Test func `rarity alone is a warning on a host's metric, and decides for others`() {
    let rare = event(.evidence(.jump), .warning, value: 0.9)
    #expect(reason(rare) { $0.impact = 9 }.hasPrefix("rarity alone is at most a warning"))
    #expect(
      reason(rare).hasPrefix("determined by the distance of the score from the alarm threshold"))
    let first = event(.evidence(.jump), .info, value: 1, lower: 0, upper: 0)
    #expect(reason(first).hasPrefix("the metric had been constant"))
  }

  @Test func `what is configured comes first`() {
    let limit = event(.limit(bound: 0.9), .error, value: 0.95)
    #expect(reason(limit).hasPrefix("a value outside Range= is an error"))
    #expect(reason(limit) { $0.severity = .error }.hasPrefix("Severity= in the metric's"))
    #expect(reason(limit) { $0.severity = .info }.hasPrefix("a value outside Range="))
  }
}
