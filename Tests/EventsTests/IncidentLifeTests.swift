import Detection
import Events
import Series
import Testing

/// When outputs are notified of an incident, and of what.
@Suite struct IncidentLifeTests {
  /// A tracker that receives events as from a monitor, with a sample of each metric every second.
  private struct Host {
    var tracker = IncidentTracker()
    var interval = Duration.seconds(1)
    /// The steps so far, as `state@seconds`.
    var steps: [IncidentTransition] = []
    private var metrics: Set<MetricName> = []

    mutating func open(
      _ metric: String, _ seconds: Double, severity: Severity = .warning, score: Float = 5,
      cause: EventCause = .evidence(.jump), value: Double = 131, muted: Bool = false
    ) {
      let name = MetricName(sanitizing: metric)
      let moment = EventStream.time(seconds)
      let event = Event(
        id: EventID(metric: name, opened: moment, hostSeed: 1), metric: name, cause: cause,
        direction: .high, severity: severity, opened: moment, value: value, expected: 0,
        score: score)
      take(.opened(event), muted: muted)
    }

    mutating func worsen(_ metric: String, _ opened: Double, at seconds: Double, to: Severity) {
      var event = IncidentLifeTests.event(metric, opened)
      event.severity = to
      event.update = .worse
      event.updated = EventStream.time(seconds)
      take(.updated(event))
    }

    mutating func close(_ metric: String, _ opened: Double, at seconds: Double, muted: Bool = false)
    {
      var event = IncidentLifeTests.event(metric, opened)
      event.closed = EventStream.time(seconds)
      take(.closed(event), muted: muted)
    }

    /// Samples of all metrics up to a moment.
    mutating func wait(until seconds: Double) { wait(until: EventStream.time(seconds)) }

    private mutating func wait(until moment: Timestamp) {
      for metric in metrics.sorted(by: { $0.text < $1.text }) {
        steps += tracker.advance(to: moment, of: metric)
      }
    }

    private mutating func take(_ transition: EventTransition, muted: Bool = false) {
      wait(until: transition.moment)
      metrics.insert(transition.event.metric)
      _ = tracker.note(transition) { _ in transition.moment }
      if !muted { tracker.count(transition, interval: interval) }
    }

    var life: [String] { steps.map { "\($0.stateName)@\(Int($0.moment.seconds))" } }
    var sentences: [String] { steps.map(\.sentence) }
  }

  private static func event(_ metric: String, _ opened: Double) -> Event {
    let name = MetricName(sanitizing: metric)
    let moment = EventStream.time(opened)
    return Event(
      id: EventID(metric: name, opened: moment, hostSeed: 1), metric: name,
      cause: .evidence(.jump), direction: .high, severity: .warning, opened: moment, value: 131,
      expected: 0, score: 5)
  }

  private let start = Int(EventStream.time(0).seconds)

  @Test func `an incident settles, opens, and is over a gap after its last close`() {
    var host = Host()
    host.open("disk.vda.reads_per_second", 0)
    host.open("memory.used_bytes", 4)
    host.wait(until: 9.9)
    #expect(host.steps.isEmpty)
    host.wait(until: 10)
    #expect(host.life == ["opened@\(start + 10)"])
    host.close("memory.used_bytes", 4, at: 20)
    host.close("disk.vda.reads_per_second", 0, at: 60)
    host.wait(until: 359.9)
    #expect(host.steps.count == 1)
    host.wait(until: 360)
    #expect(host.life.last == "closed@\(start + 360)")
    let over = host.steps[1].incident
    #expect((over.duration, over.metrics, over.severity) == (.seconds(60), 2, .warning))
    #expect(host.tracker.due == nil)
  }

  @Test(arguments: [(1, 10), (5, 15), (60, 180), (3600, 300)])
  func `settling takes three intervals of the first metric, up to five minutes`(
    interval: Int, due: Int
  ) {
    var host = Host()
    host.interval = .seconds(interval)
    host.open("a", 0)
    #expect(host.tracker.due == EventStream.time(Double(due)))
  }

  @Test(arguments: [
    (EventCause.limit(bound: 1), Severity.error), (.evidence(.jump), .critical),
    (.hostLimit(9, bound: 0.95), .warning),
  ])
  func `limits and critical events do not wait for intervals`(cause: EventCause, severity: Severity)
  {
    var host = Host()
    host.interval = .seconds(300)
    host.open("a", 0, severity: severity, cause: cause)
    #expect(host.tracker.due == EventStream.time(10))
    host = Host()
    host.interval = .seconds(300)
    host.open("b", 0)
    host.open("a", 60, severity: severity, cause: cause)
    #expect(host.tracker.due == EventStream.time(70))
  }

  @Test func `without settling an incident opens immediately`() {
    var host = Host()
    host.tracker.timing.settling = .zero
    host.interval = .seconds(300)
    host.open("a", 0)
    #expect(host.tracker.due == EventStream.time(0))
  }

  @Test func `a rise of its severity and new subsystems are reported, further events are not`() {
    var host = Host()
    host.open("disk.vda.reads_per_second", 0)
    host.open("disk.vda.writes_per_second", 30)
    host.wait(until: 200)
    #expect(host.life == ["opened@\(start + 10)"])
    host.worsen("disk.vda.writes_per_second", 30, at: 200, to: .error)
    host.wait(until: 300)
    #expect(host.life.last == "worsened@\(start + 210)")
    #expect(host.sentences[1].contains(": worse, now error: 131 writes/s where 0 is usual;"))
    host.open("memory.used_bytes", 300)
    host.open("network.eth0.receive_drops_per_second", 301)
    host.wait(until: 400)
    #expect(host.steps.count == 3)
    #expect(host.sentences[2].contains(": memory and network eth0 join: "))
  }

  @Test func `subsystems that join one after the other are reported once a minute`() {
    var host = Host()
    for index in 0..<100 { host.open("pump\(index).flow", Double(index)) }
    host.wait(until: 400)
    #expect(host.life == ["opened@\(start + 10)", "worsened@\(start + 70)"])
    #expect(host.steps[0].incident.metrics == 10)
    #expect(host.steps.map { $0.incident.size } == [10, 70], "beyond 32 they are not news")
  }

  @Test func `muted events do not count, an incident of muted events is silent`() {
    var host = Host()
    host.open("a.b", 0, severity: .critical, muted: true)
    host.wait(until: 1000)
    #expect(host.steps.isEmpty)
    host.open("c.d", 1000)
    host.wait(until: 1010)
    #expect(host.life == ["opened@\(start + 1010)"])
    let incident = host.steps[0].incident
    #expect((incident.size, incident.metrics, incident.severity) == (2, 1, .warning))
    #expect(host.steps[0].sentence == IncidentLifeTests.event("c.d", 1000).explanation)
    host.close("c.d", 1000, at: 1100)
    host.wait(until: 2000)
    #expect(host.life.last == "closed@\(start + 1400)", "though a muted event is open")
    // A muted event begins an incident of its own once it counts.
    host.worsen("a.b", 0, at: 2000, to: .critical)
    host.wait(until: 2100)
    #expect(host.life.last == "opened@\(start + 2010)")
    #expect(host.steps.last?.incident.id != incident.id)
  }

  @Test func `an incident without further samples is reported by the clock`() {
    var host = Host()
    let event = IncidentLifeTests.event("a", 0)
    _ = host.tracker.note(.opened(event)) { _ in nil }
    host.tracker.count(.opened(event), interval: .seconds(5), awake: .seconds(100))
    #expect(host.tracker.overdue(awake: .seconds(119)).isEmpty)
    #expect(host.tracker.overdue(awake: .seconds(120)).map(\.stateName) == ["opened"])
    #expect(host.tracker.overdue(awake: .seconds(10_000)).isEmpty, "its event is open")
  }

  @Test func `a settling incident survives a restart, and is reported once`() throws {
    var host = Host()
    host.open("a", 0)
    var restored = host
    restored.tracker = try IncidentTracker(decoding: host.tracker.encode())
    #expect(restored.tracker.encode() == host.tracker.encode())
    host.wait(until: 50)
    restored.wait(until: 50)
    #expect(restored.steps == host.steps)
    #expect(host.steps.count == 1)
    // The checkpoint is older than the last notification.
    var older = Host()
    older.open("a", 0)
    older.tracker.adopt(host.steps[0].incident)
    older.wait(until: 50)
    #expect(older.steps.isEmpty)
    // It is older than the event.
    var empty = IncidentTracker()
    var event = IncidentLifeTests.event("a", 0)
    event.incident = host.tracker.membership(of: event.id)
    empty.restore(event, interval: nil, isTold: true)
    #expect(
      empty.advance(to: EventStream.time(10), of: event.metric).map(\.incident.id)
        == [host.steps[0].incident.id])
  }

  @Test func `an incident all of whose events are lost in a crash is closed`() {
    var host = Host()
    host.open("a", 0)
    host.wait(until: 10)
    host.tracker.retain([])
    host.wait(until: 1000)
    #expect(host.life == ["opened@\(start + 10)", "closed@\(start + 300)"])
  }

  // MARK: Descriptions

  @Test func `the lead is the most severe, rarest and earliest event`() {
    func lead(_ open: (inout Host) -> Void) -> String? {
      var host = Host()
      open(&host)
      host.wait(until: 10)
      return host.steps.first?.incident.lead?.metric.text
    }
    #expect(
      lead {
        $0.open("a", 0, score: 4); $0.open("b", 1, score: 6)
      } == "b")
    #expect(
      lead {
        $0.open("a", 0, score: 6); $0.open("b", 1, score: 6)
      } == "a")
    #expect(
      lead {
        $0.open("a", 0, score: 5.9); $0.open("b", 8, score: 6)
      } == "a")
    #expect(
      lead {
        $0.open("a", 0, score: 9); $0.open("b", 8, severity: .error, score: 4)
      } == "b")
    #expect(
      lead {
        $0.open("cpu.idle", 0, score: 9); $0.open("cpu.busy", 1, score: 4)
      } == "cpu.busy")
    #expect(
      lead {
        $0.open("cpu.busy", 0, score: 4); $0.open("cpu.idle", 1, score: 9)
      } == "cpu.busy")
  }

  @Test func `after the opening only a harmful event takes the lead`() {
    var host = Host()
    host.open("disk.vda.writes_per_second", 0, severity: .info, score: 9)
    host.wait(until: 20)
    let full = "filesystem./srv.used_ratio"
    host.open("load.1m", 30, severity: .warning, score: 11)
    host.wait(until: 50)
    host.open(full, 60, severity: .critical, cause: .hostLimit(1, bound: 0.97), value: 0.99)
    host.open("network.eth0.receive_bytes_per_second", 61, severity: .critical, score: 12)
    host.wait(until: 100)
    #expect(host.steps.map(\.stateName) == ["opened", "worsened", "worsened"])
    #expect(
      host.steps.map(\.incident.lead?.metric.text) == [
        "disk.vda.writes_per_second", "disk.vda.writes_per_second", full,
      ])
    #expect(host.sentences.last?.contains("filesystem /srv beyond a limit") ?? false)
  }

  @Test(arguments: [["cpu.busy", "cpu.idle", "cpu.user"], ["cpu.user", "cpu.idle", "cpu.busy"]])
  func `metrics that only repeat another one are not counted`(order: [String]) {
    var host = Host()
    for (second, metric) in order.enumerated() { host.open(metric, Double(second)) }
    host.wait(until: 10)
    #expect(host.steps[0].incident.metrics == 1)
    #expect(host.steps[0].incident.size == 3)
    host.open("load.1m", 11)
    for (second, metric) in (order + ["load.1m"]).enumerated() {
      host.close(metric, Double(metric == "load.1m" ? 11 : second), at: 60)
    }
    host.wait(until: 1000)
    #expect(host.sentences.last?.contains("(2 metrics)") ?? false)
    #expect(host.steps[0].incident.lead?.metric.text == "cpu.busy")
  }

  @Test func `the message of several metrics says what is wrong and since when`() {
    var host = Host()
    host.open("disk.vda.reads_per_second", 0, score: 9)
    host.open("memory.used_bytes", 1)
    host.open("cpu.iowait", 2)
    host.open("cpu.busy", 3)
    host.wait(until: 10)
    let incident = host.steps[0].incident
    #expect(
      host.sentences[0]
        == "incident \(incident.shortID): disk vda busy, memory and cpu with it (4 metrics): "
        + "131 reads/s where 0 is usual, since "
        + "\(EventStream.time(0).iso8601.dropFirst(11).prefix(8)) UTC")
    for (metric, opened) in [
      ("disk.vda.reads_per_second", 0.0), ("memory.used_bytes", 1), ("cpu.iowait", 2),
      ("cpu.busy", 3),
    ] { host.close(metric, opened, at: 64) }
    host.wait(until: 1000)
    #expect(
      host.sentences[1]
        == "incident \(incident.shortID) is over after 1min 4s, peak severity warning: disk vda busy, "
        + "memory and cpu with it (4 metrics): up to 131 reads/s where 0 is usual")
  }

  @Test(arguments: [
    ("disk.vda.reads_per_second", "disk vda"),
    ("network.eth0.receive_bytes_per_second", "network eth0"),
    ("filesystem./var.used_ratio", "filesystem /var"), ("cpu.core3.busy", "cpu"),
    ("cpu.iowait", "I/O"), ("pressure.io.full", "I/O"), ("pressure.memory.some", "memory"),
    ("swap.used_ratio", "memory"), ("load.5m", "cpu"), ("tcp.established", "network"),
    ("unit.nginx.service.tasks", "nginx.service"), ("pump.pressure", "pump"),
    ("hall.pump.pressure", "hall.pump"), ("temperature", "temperature"),
    ("input.host", "input host"),
    ("processes.forks_per_second", "processes"),
  ])
  func `a metric belongs to a subsystem by its name`(metric: String, subsystem: String) {
    #expect(Subsystem(of: MetricName(sanitizing: metric)).description == subsystem)
  }

  @Test(
    arguments: [
      ("cpu.busy", [0.97, 0.12], ["97%", "12%"]), ("cpu.busy", [97.1, 12], ["97.1", "12"]),
      ("cpu.iowait", [0.067, 0.0665], ["6.7%", "6.65%"]),
      ("memory.used_ratio", [0.995, 1], ["99.5%", "100%"]),
      ("memory.active_bytes", [35.2e6, 0], ["35 MB", "0 B"]),
      ("disk.a.read_bytes_per_second", [210e6, 3e3], ["210 MB/s", "3 kB/s"]),
      ("disk.a.read_latency_seconds", [0.0123, 0.5], ["12 ms", "500 ms"]),
      ("thermal.a.celsius", [81.5, .nan], ["81.5 °C", "-"]),
      ("clock.age_seconds", [4000, 1], ["1h 6min", "1 s"]),
      ("tcp.timeouts_per_second", [2.5, 0], ["2.5/s", "0/s"]),
      ("table.a", [5, 5.0001], ["5", "5.0001"]),
    ] as [(String, [Double], [String])])
  func `values have their unit, and are distinguishable`(
    metric: String, values: [Double], texts: [String]
  ) {
    #expect(MetricUnit.texts(values, of: MetricName(sanitizing: metric)) == texts)
  }
}
