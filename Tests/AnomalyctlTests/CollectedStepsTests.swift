import Events
import Series
import Testing
import anomalyctl

/// Events of several hosts from one directory of journals. That libsystemd finds them there is
/// tested end to end (Tests/EndToEnd/fleet.py).
@Suite struct CollectedStepsTests {
  private func step(
    _ host: String, _ id: String, _ state: String, metric: String = "cpu.busy",
    severity: String = "warning", opened: String = "2026-11-20T14:00:00Z", until: String? = nil
  ) -> CollectedSteps.Step? {
    let fields = [
      "_HOSTNAME": host, "ANOMALYD_EVENT_ID": id, "ANOMALYD_STATE": state,
      "ANOMALYD_SEVERITY": severity, "ANOMALYD_METRIC": metric,
      "ANOMALYD_SINCE": "2026-11-20T13:59:30.500Z", "ANOMALYD_OPENED": opened,
      "ANOMALYD_UNTIL": until, "MESSAGE": "\(metric) is \(state)",
    ]
    return CollectedSteps.Step(identity: "ANOMALYD_EVENT_ID") { fields[$0] ?? nil }
  }

  private func collected() throws -> CollectedSteps {
    var steps = CollectedSteps()
    steps.add(try #require(step("east", "aaaa0000", "opened")))
    steps.add(try #require(step("west", "aaaa0000", "opened", severity: "info")))
    steps.add(
      try #require(
        step("east", "bbbb1111", "opened", metric: "disk.io", opened: "2026-11-20T15:00:00Z")))
    steps.add(try #require(step("east", "aaaa0000", "closed", until: "2026-11-20T14:01:00Z")))
    return steps
  }

  @Test func `an event is listed once per host, with its latest step, newest first`() throws {
    let list = try collected().list(CollectedSteps.Filter())
    #expect(
      list.map { "\($0.host) \($0.id) \($0.state)" } == [
        "east bbbb1111 opened", "west aaaa0000 opened", "east aaaa0000 closed",
      ])
  }

  @Test func `filters are those of the daemon's list`() throws {
    let steps = try collected()
    func ids(_ change: (inout CollectedSteps.Filter) -> Void) -> [String] {
      var filter = CollectedSteps.Filter()
      change(&filter)
      return steps.list(filter).map { "\($0.host) \($0.id)" }
    }
    #expect(ids { $0.isOpen = true } == ["east bbbb1111", "west aaaa0000"])
    #expect(ids { $0.severity = .warning } == ["east bbbb1111", "east aaaa0000"])
    #expect(ids { $0.metrics = Glob("disk.*") } == ["east bbbb1111"])
    #expect(ids { $0.limit = 1 } == ["east bbbb1111"])
    let since = SinceTime.parse("2026-11-20 14:30", now: Timestamp(nanoseconds: 0))
    #expect(ids { $0.since = since } == ["east bbbb1111"])
  }

  @Test func `the table has a column of hosts`() throws {
    let list = try collected().list(CollectedSteps.Filter())
    let lines = CollectedSteps.lines(list, now: Timestamp(nanoseconds: 0))
    #expect(lines.count == 4)
    #expect(lines[1].hasPrefix("2026-11-20 15:00:00 UTC  open"))
    #expect(lines[3].contains("1min 30s") && lines[3].contains("east  cpu.busy is closed"))
  }

  @Test func `an entry without an id is not a step`() {
    #expect(CollectedSteps.Step(identity: "ANOMALYD_EVENT_ID") { _ in nil } == nil)
  }
}
