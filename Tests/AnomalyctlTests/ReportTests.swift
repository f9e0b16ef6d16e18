import CommandLine
import Control
import ControlSupport
import Monitor
import Series
import Testing
import anomalyctl

@Suite struct StatusReportTests {
  @Test func `reports that all is well`() {
    #expect(
      StatusReport(reply: well).lines() == [
        "anomalyd 0.1.0, pid 4211, up 3d 4h: all well",
        "",
        "Metrics",
        "  118 of at most 1,000: 118 normal, 0 warming up, 0 anomalous",
        "  alarm budget of 2 a day: one alarm in 1.02M samples of a metric",
        "",
        "Inputs",
        "  name  type    state    samples  last sample  unread  gaps  malformed  refused",
        "  host  procfs  ok     6,456,960  2 s ago           -    12          0        0",
        "",
        "Outputs",
        "  name     type     state  emitted  queued  failed  dropped  last error",
        "  journal  journal  ok           7       0       0        0  -",
        "",
        "Configuration",
        "  built-in defaults, no file",
        "  read 3d 4h ago",
        "",
        "Resource usage",
        "  18.2 MB of memory, 45.1 kB per metric",
        "  6,456,960 samples, 4.2 µs per sample",
        "",
        "Control socket",
        "  1 client now, 12 since the start, 40 calls",
        "",
        "Saved state",
        "  saved 5min 12s ago, 5.3 MB in 12.5 ms, next in 9min 48s",
      ])
  }

  @Test func `begins with problems`() {
    var reply = ill
    var problems = reply.currentProblems
    problems[0].since = moment(-61)
    reply.problems = problems
    let lines = StatusReport(reply: reply).lines()
    let expected: [String] = [
      "anomalyd 0.1.0, pid 4211, up 3d 4h: 1 incident open, 5 problems",
      "",
      "Incidents",
      "  began                    for   severity  metrics  what"
        + String(repeating: " ", count: 71) + "id",
      "  2026-11-20 13:47:16 UTC  open  error           2  incident 89ab: disk sda busy, cpu with it "
        + "(2 metrics): disk.sda.busy 88.4  89ab",
      "  1 event open: anomalyctl incidents ID, anomalyctl events --open",
      "",
      "Problems",
      "  ! input furnace: /var/log/furnace.csv: Permission denied (for 1min 1s)",
      "  ! output events: /var/log/anomalyd/events.json: No space left on device␛[31m; events wait and "
        + "are delivered later",
      "  ! output events: has dropped events because too many were waiting or they were too old (2 so "
        + "far)",
      "  ! daemon: the last reload failed, the previous configuration is in force: "
        + "/etc/anomalyd/anomalyd.conf:14: Interval=: expected a time span such as 5s, found 'fife'",
      "  ! metrics: the table of 1,000 (MaximumMetrics=) is full, new metrics are not watched (3 so far)",
      "",
      "Metrics",
    ]
    #expect(Array(lines.prefix(expected.count)) == expected)
    #expect(
      lines.contains(
        "  1,000 of at most 1,000: 982 normal, 17 warming up, first ready in 14 min, 1 anomalous"))
    #expect(lines.contains("  all can alarm in 24 min"))
    #expect(lines.contains("  4 of them have had no sample for an unusually long time"))
  }

  @Test func `counts the events of incidents, and distinguishes muted and settling ones`() {
    var reply = ill
    reply.openEventCount = 1234
    reply.incidents[0].state = .settling
    reply.incidents.append(reply.incidents[0])
    reply.incidents[1].state = .muted
    let lines = StatusReport(reply: reply).lines()
    #expect(lines[0].hasSuffix("1 incident open, 5 problems"))
    #expect(lines.contains { $0.contains("[settling] incident 89ab") })
    #expect(lines.contains { $0.contains("[muted] 1 event open") })
    #expect(
      lines.contains("  1,234 events open: anomalyctl incidents ID, anomalyctl events --open"))
  }

  @Test func `reports how long a row of a trained model takes, and when that is too long`() {
    var reply = well
    func model(_ seconds: Double) -> AttachedModelStatus {
      AttachedModelStatus(
        name: "shop", metric: "model.shop", file: "/etc/shop.model", kind: "forecaster", rows: 12,
        late: 0, trainedInterval: 0.1, interval: 0.1, multiplications: 9000, rowSeconds: seconds,
        columns: [])
    }
    reply.models = [model(0.0004)]
    var lines = StatusReport(reply: reply).lines()
    #expect(lines[0].hasSuffix("all well"))
    #expect(
      lines.contains("  model.shop: forecaster of 0 columns, 12 rows, 400 µs each, /etc/shop.model")
    )
    reply.models = [model(0.02)]
    lines = StatusReport(reply: reply).lines()
    #expect(
      lines.contains {
        $0.contains("judging a row takes 20.0 ms, 20% of the time between two")
      }, "\(lines)")
  }

  @Test func `reports a failed checkpoint and state that is not kept`() {
    var reply = well
    reply.checkpoint = CheckpointStatus(
      lastAt: nil, bytes: 0, milliseconds: 0, nextIn: nil, lastError: "disk full")
    let lines = StatusReport(reply: reply).lines()
    #expect(
      lines.contains {
        $0.hasPrefix("  ! state: the state could not be saved: disk full; the last good")
      })
    #expect(lines.last == "  not saved yet")
    reply.checkpoint = nil
    #expect(StatusReport(reply: reply).lines().last == "  not kept across restarts")
  }

  @Test(arguments: [80, 100, 120])
  func `keeps tables within the terminal and escapes control characters`(width: Int) {
    let lines = StatusReport(reply: ill).lines(width: width)
    let tables = lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("  !") && !$0.contains("conf") }
    #expect(tables.allSatisfy { Layout.columns($0) <= max(width, 95) })
    #expect(!lines.joined().contains("\u{1B}"))
    #expect(lines.allSatisfy { !$0.hasSuffix(" ") })
  }

  @Test func `colours problems if colours are enabled`() {
    let lines = StatusReport(reply: ill).lines(style: Style(isEnabled: true))
    #expect(lines[0].contains("\u{1B}[1;31m1 incident open\u{1B}[0m"))
  }
}

@Suite struct MetricsReportTests {
  @Test func `lists metrics in columns with the progress of their warm-up`() {
    let report = MetricsReport(metrics: [young, busy, idle], order: .name, now: noon)
    #expect(
      report.lines() == [
        "metric               state                   value  expected  band         score  "
          + "level  last seen    gaps",
        "cpu.busy             normal                   3.1%        3%  1% to 5.2%     0.2  "
          + "  0.0  2 s ago         0",
        "disk.sda.busy        anomalous                97.1     12.34  8.1 to 16.9    4.2  "
          + "  0.8  2 s ago         2",
        "furnace.temperature  warming 7%, 47min left  1,204     1,204  -                -  "
          + "    -  1min 1s ago     0",
      ])
  }

  @Test(arguments: [
    (MetricsReport.Order.name, ["cpu.busy", "disk.sda.busy", "furnace.temperature"]),
    (.score, ["disk.sda.busy", "cpu.busy", "furnace.temperature"]),
    (.level, ["disk.sda.busy", "cpu.busy", "furnace.temperature"]),
  ])
  func `sorts as asked, ties by name`(order: MetricsReport.Order, names: [String]) {
    let report = MetricsReport(metrics: [young, busy, idle], order: order, now: noon)
    #expect(report.metrics.map(\.name) == names)
  }
}

@Suite struct MetricReportTests {
  @Test func `explains why a metric is anomalous`() {
    let lines = MetricReport(detail: busyDetail, now: noon).lines(width: 64)
    #expect(
      lines == [
        "disk.sda.busy is anomalous since 2026-11-20 13:47:26 UTC (13min ago)",
        "  value     97.1, 2 s ago",
        "  expected  12.34, 8.1 to 16.9 in 99 of 100",
        "  score     4.2, reached by one normal sample in 15,000",
        "  level     0.8, the score smoothed over the last 50 samples",
        "",
        "Course",
        "  " + String(repeating: "▁", count: 55) + "█████",
        "  120 samples over 9min 55s to 2026-11-20 13:59:55 UTC, from 12 (▁) to 95 (█), 1 gap",
        "",
        "Open event",
        "  disk.sda.busy jumped to 88.4 where 12.4 was expected (8.2 to 16.8), score 3.9",
        "  severity error, for 13min (since 2026-11-20 13:47:16 UTC); farthest at 99.2, 12min ago",
        "  because the value is far from the forecast; score 3.9, peak 5.0",
        "  id 019aa2c4-5f10-7abc-8def-0123456789ab",
        "",
        "Evidence, now",
        "  kind       decades  how rare               meaning",
        "  jump           5.0  one sample in 100,000  the value is far f…",
        "  value          4.6  one sample in 30,000   the value is far f…",
        "  window8        2.3  one sample in 200      the last 8 samples…",
        "  value3         1.2  usual",
        "  window48       0.4  usual",
        "  drift          0.1  usual",
        "  window144      0.0  usual",
        "  quiet          0.0  usual",
        "",
        "Detector",
        "  120,345 samples seen, 2 gaps, 45.1 kB of memory",
        "  scale: 1.87",
        "  sampling interval in s: 5",
      ])
  }

  @Test func `shows when a warm-up ends, and handles a metric without samples`() {
    let detail = detail(of: young)
    let lines = MetricReport(detail: detail, now: noon).lines()
    #expect(
      lines.first
        == "furnace.temperature is warming up: 40 of 600 samples, 7%, "
        + "alarms from 2026-11-20 14:46:40 UTC on (47min left)")
    #expect(lines.contains("  no samples yet"))
  }

  @Test func `shows no score and no evidence before they are meaningful`() {
    var detail = busyDetail
    detail.metric = young
    detail.openEvent = nil
    let text = MetricReport(detail: detail, now: noon).lines().joined(separator: "\n")
    #expect(!text.contains("score "))
    #expect(!text.contains("Evidence"))
  }

  @Test func `does not promise an end of warm-up in the past`() {
    let detail = detail(of: young)
    let later = noon.advanced(by: .seconds(86_400))
    #expect(
      MetricReport(detail: detail, now: later).lines().first
        == "furnace.temperature is warming up: 40 of 600 samples, 7%, no alarms yet")
  }

  @Test func `calls a normal metric normal and a gap a gap`() {
    let metric: MetricSummary = message(
      """
      {"name": "a", "state": "normal", "samples": 1, "gaps": 1, "lastSeen": "NOON", "expected": 1,
       "score": 0, "level": 0}
      """)
    let history = [Sample(timestamp: noon, value: .nan)]
    let lines = MetricReport(detail: detail(of: metric, history: history, bytes: 1), now: noon)
      .lines()
    #expect(lines[0] == "a is normal")
    #expect(lines[1] == "  value     none (a gap), now")
    #expect(lines[3] == "  score     0.0, nothing unusual")
    #expect(lines.contains("  1 sample over 0 s to 2026-11-20 14:00:00 UTC, gaps only, 1 gap"))
  }

  @Test func `says that an anomalous metric is currently usual, not that nothing is unusual`() {
    var detail = busyDetail
    detail.metric.score = 0
    let lines = MetricReport(detail: detail, now: noon).lines()
    #expect(
      lines.contains("  score     0.0, the latest sample is normal; the event is not over yet"))
  }

  @Test(arguments: [
    ("cpu.bussy", "there is no metric 'cpu.bussy'; did you mean cpu.busy?"),
    (
      "disk", "there is no metric 'disk'; did you mean disk.sda.busy, disk.sda.read, disk.sdb.busy?"
    ),
    ("zzz", "there is no metric 'zzz'; 'anomalyctl metrics' lists all 4"),
  ])
  func `suggests names for an unknown one`(name: String, message: String) {
    let known = ["cpu.busy", "disk.sdb.busy", "disk.sda.busy", "disk.sda.read"]
    #expect(NoSuchMetric(name: name, known: known).message == message)
  }
}

@Suite struct DaemonTests {
  @Test(arguments: [
    (
      ControlClientError.notRunning(path: "/run/s"),
      ["no daemon answers at /run/s", "Start it with 'systemctl start anomalyd'"]
    ),
    (
      .permissionDenied(path: "/run/s", group: "anomalyd"),
      ["members of the group 'anomalyd' have it", "Join with 'sudo usermod -aG anomalyd NAME'"]
    ),
    (.permissionDenied(path: "/run/s", group: "root"), ["is denied\nUse sudo."]),
    (.permissionDenied(path: "/run/s", group: nil), ["is denied\nUse sudo."]),
    (.timedOut(path: "/run/s", seconds: 5), ["within 5.0 s", "systemctl status anomalyd"]),
    (.malformedReply(reason: "'pid' is missing"), ["'pid' is missing", Product.version]),
    (.refused(.unknown("a.b\u{1B}")), ["error a.b␛"]),
  ])
  func `suggests what to do about a daemon that does not answer`(
    error: ControlClientError, parts: [String]
  ) {
    let advice = DaemonAccess.advice(error)
    for part in parts { #expect(advice.contains(part)) }
  }
}

@Suite struct NarrowTerminalTests {
  /// The longest possible names and errors.
  let long = String(repeating: "disk.nvme0n1p", count: 15)

  @Test(arguments: [40, 80, 120]) func `no line of a table is wider than the terminal`(width: Int) {
    var metric = busy
    metric.name = long
    let metrics = MetricsReport(metrics: [metric, idle, young], order: .name, now: noon)
    #expect(metrics.lines(width: width).allSatisfy { Layout.columns($0) <= width })
    var reply = ill
    reply.incidents[0].sentence = long
    reply.inputs[1].name = long
    reply.inputs[1].lastError = long
    reply.outputs[1].lastError = long
    let lines = StatusReport(reply: reply).lines(width: width)
    let tables = lines.split(separator: "").filter {
      ["Incidents", "Inputs", "Outputs"].contains($0.first)
    }
    #expect(tables.count == 3)
    #expect(tables.joined().allSatisfy { Layout.columns($0) <= width })
  }

  @Test func `80 columns show a metric's name and what happened, and shorten the date`() {
    var event =
      message(
        """
        {"state": "opened", "event": \(MessageJSON.line(openEvent)), "sentence": "", "recorded": "NOON"}
        """) as RecordedEventMessage
    event.event.metric = "fs.var-lib-docker.used_share"
    event.event.explanation = "fs.var-lib-docker.used_share jumped to 0.96 where 0.71 was expected"
    let lines = EventsReport(events: [event], now: noon).lines(width: 80)
    let line = lines.last ?? ""
    #expect(line.hasPrefix("11-20 13:47Z  error     fs.var-lib-d"))
    #expect(line.contains("used_share  jumped to 0.96"))
    #expect(Layout.columns(line) <= 80)
    let older = EventsReport(events: [event], now: noon.advanced(by: .seconds(400 * 86_400)))
    #expect(older.lines(width: 80).last?.hasPrefix("2026-11-20 13:47Z  error") == true)
    var metric = busy
    metric.name = "net.wlp0s20f3.receive_bytes_per_s"
    let metrics = MetricsReport(metrics: [metric], order: .name, now: noon).lines(width: 80)
    #expect(metrics.last?.hasPrefix(metric.name + "  anomalous") == true)
  }

  @Test func `COLUMNS counts without a terminal`() {
    let console = Console.ofProcess { $0 == "COLUMNS" ? "72" : nil }
    #expect(console.width == 72)
    #expect(Console.ofProcess { $0 == "COLUMNS" ? "many" : nil }.width != 72)
  }

  @Test func `lines may have any length without a terminal`() {
    var metric = busy
    metric.name = long
    let metrics = MetricsReport(metrics: [metric], order: .name, now: noon)
    #expect(metrics.lines().last?.hasPrefix(long) == true)
  }
}

@Suite struct InputsReportTests {
  func input(_ state: InputState, error: String? = nil) -> InputStatus {
    InputStatus(
      name: "pump", type: "serial", source: "/dev/ttyUSB0 at 9600 baud", state: state,
      samples: 4031, malformed: 3, gaps: 0, refused: 0, lastError: error,
      lastErrorAt: error == nil ? nil : moment(-61), lastSampleAt: moment(-1200),
      lastSampleAge: 1200, deliveredAt: moment(-1200), stallAfter: 900, lagBytes: nil)
  }

  @Test func `shows the health of each input and what it reads`() {
    let lines = InputsReport([input(.ok, error: "noise")], now: noon).lines()
    #expect(
      lines == [
        "name  type    state  samples  last sample  unread  gaps  malformed  refused",
        "pump  serial  ok       4,031  20min ago         -     0          3        0",
        "",
        "pump: /dev/ttyUSB0 at 9600 baud, silent after 15min",
        "  last error 1min 1s ago: noise",
      ])
  }

  @Test(
    arguments: [
      (.degraded, "noise", "  ! partly failing: noise (1min 1s ago)"),
      (.failing, "the device is gone", "  ! the device is gone (1min 1s ago)"),
      (.silent, nil, "  ! has delivered nothing for longer than 15min (StallAfter=)"),
      (
        .silent, "gone\u{1B}[2J",
        "  ! has delivered nothing for longer than 15min (StallAfter=); last error: gone␛[2J "
          + "(1min 1s ago)"
      ),
    ] as [(InputState, String?, String)])
  func `describes the problem of an input`(state: InputState, error: String?, line: String) {
    let report = InputsReport([input(state, error: error)], now: noon)
    #expect(report.lines().last == line)
  }
}
