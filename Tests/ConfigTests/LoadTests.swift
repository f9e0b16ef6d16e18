import Calendar
import Config
import Daemon
import Detection
import Events
import FoundationEssentials
import Glibc
import Inputs
import Monitor
import Outputs
import Series
import System
import Testing

@Suite struct LoadTests {
  private let main = "etc/anomalyd/anomalyd.conf"

  @Test func `without any file, it monitors this host and writes to the journal`() throws {
    let settings = try Scratch().load()
    #expect(settings == Settings(.all))
    #expect(settings.inputs == [.init(name: "host", section: ProcfsSection())])
    #expect(settings.outputs == [.init(name: "journal", section: JournalSection())])
    #expect(settings.files == [])
  }

  @Test func `accepts every key of every section`() throws {
    let settings = try Scratch.load(
      """
      [Agent]
      MaximumMetrics=10
      StateDirectory=/s
      ControlSocket=/c
      CheckpointInterval=infinity
      CheckpointBytesPerHour=64M
      HistorySamples=16
      [Detector]
      AlarmBudget=1e4
      HoldOff=2min
      Merge=0
      Seed=18446744073709551615
      [Input here]
      Interval=1min 30s
      RootPath=/host
      Collectors=default cores
      IncludeFilesystems=/ /srv/*
      ExcludeFilesystems=/srv/tmp
      IncludeSensors=nct6775.*
      ExcludeSensors=*.in?
      Units=nginx.service postgres*.service
      IncludeDevices=sd* nvme?n1
      ExcludeDevices=
      IncludeInterfaces=eth*
      ExcludeInterfaces=lo
      [Input table]
      Type=csv
      Path=/t.csv
      Interval=500ms
      Header=yes
      TimestampColumn="when it was"
      TimestampFormat=%d.%m.%Y %H:%M
      Delimiter=semicolon
      ValueColumns=2 "3" temperature
      Prefix=plant
      Start=end
      [Output events]
      Type=file
      Path=/e.json
      MaximumBytes=10M
      KeepFiles=3
      Sync=always
      [Output screen]
      Type=terminal
      [Metric disk.*]
      Ignore=on
      AlarmBudget=100
      Range=-40..85
      Direction=high
      MinimumDeviation=2.5
      MinimumRelativeDeviation=20%
      Severity=critical
      HoldOff=1min
      Merge=1h 30min
      [Silence backup]
      Metrics=disk.* filesystem.*
      Schedule=Sat 02:00
      Schedule=*-*~1 03:00:00 UTC
      Duration=90min
      SuppressAlarms=no
      SuppressLearning=yes
      Reason=full backup of all disks
      """
    )
    var expected = Settings(.all)
    expected.files = settings.files
    expected.agent.maximumMetrics = 10
    expected.agent.stateDirectory = "/s"
    expected.agent.controlSocket = "/c"
    expected.agent.checkpointInterval = nil
    expected.agent.checkpointBytesPerHour = 64 << 20
    expected.agent.historySamples = 16
    expected.detector.alarmBudget = .samples(10_000)
    expected.detector.seed = .max
    expected.detector.holdOff = .seconds(120)
    expected.detector.merge = .zero
    var procfs = ProcfsSection()
    procfs.interval = .seconds(90)
    procfs.rootPath = "/host"
    procfs.collectors = ProcfsSection.defaultCollectors.union(["cores"])
    procfs.filesystems.include = ["/", "/srv/*"]
    procfs.filesystems.exclude = ["/srv/tmp"]
    procfs.sensors.include = ["nct6775.*"]
    procfs.sensors.exclude = ["*.in?"]
    procfs.units = ["nginx.service", "postgres*.service"]
    procfs.disks.include = ["sd*", "nvme?n1"]
    procfs.disks.exclude = []
    procfs.interfaces.include = ["eth*"]
    procfs.interfaces.exclude = ["lo"]
    var csv = TableSection(paths: "/t.csv")
    csv.interval = .milliseconds(500)
    csv.header = .present
    csv.timestampColumn = .column(.named("when it was"))
    csv.timestampFormat = .pattern(try CSVTimestampPattern(parsing: "%d.%m.%Y %H:%M"))
    csv.delimiter = UInt8(ascii: ";")
    csv.values = .chosen([.position(2), .named("3"), .named("temperature")])
    csv.prefix = "plant"
    csv.start = .end
    expected.inputs = [
      .init(name: "here", section: procfs), .init(name: "table", section: csv),
    ]
    var file = FileSection()
    file.path = "/e.json"
    file.keeping.maximumBytes = 10 << 20
    file.keeping.keptFiles = 3
    file.keeping.sync = .always
    expected.outputs = [
      .init(name: "events", section: file),
      .init(name: "screen", section: TerminalSection()),
    ]
    var metric = MetricSection(pattern: try #require(Glob("disk.*")))
    metric.ignore = true
    metric.alarmBudget = 100
    metric.range = -40...85
    metric.direction = .high
    metric.minimumDeviation = 2.5
    metric.minimumRelativeDeviation = 20
    metric.severity = .critical
    metric.holdOff = .seconds(60)
    metric.merge = .seconds(5400)
    expected.metrics = [metric]
    var silence = SilenceSection(name: "backup")
    silence.metrics = ["disk.*", "filesystem.*"]
    silence.schedule = try ["Sat 02:00", "*-*~1 03:00:00 UTC"].map {
      try CalendarExpression(parsing: $0, zone: ZoneFiles.rules(named:))
    }
    silence.duration = .seconds(5400)
    silence.suppressAlarms = false
    silence.suppressLearning = true
    silence.reason = "full backup of all disks"
    expected.silences = [silence]
    #expect(settings == expected)

    // The output of `config show` reads back as the same settings.
    var again = try Scratch.load(settings.describe())
    again.files = settings.files
    #expect(again == settings)
  }

  @Test(
    arguments: [
      ("all", Set(ProcfsSection.allCollectors)), ("default", ProcfsSection.defaultCollectors),
      ("cpu load", ["cpu", "load"]),
      ("sensors default", ProcfsSection.defaultCollectors.union(["sensors"])),
      ("default\nCollectors=", ProcfsSection.defaultCollectors),
      ("cpu\nCollectors=units", ["cpu", "units"]),
    ] as [(String, Set<String>)]
  )
  func `accepts collectors by name, the default ones, and all`(
    text: String,
    expected: Set<String>
  ) throws {
    let settings = try Scratch.load("[Input host]\nCollectors=\(text)\n")
    let procfs = try #require(settings.inputs[0].section as? ProcfsSection)
    #expect(procfs.collectors == expected)
  }

  @Test func `drop-ins come after the main file in the order of their names`() throws {
    let scratch = try Scratch([
      main: "[Detector]\nSeed=1\nAlarmBudget=11\n",
      "etc/anomalyd/anomalyd.conf.d/20-b.conf": "[Detector]\nSeed=20\n",
      "usr/lib/anomalyd/anomalyd.conf.d/10-a.conf": "[Detector]\nSeed=10\nAlarmBudget=12\n",
      "run/anomalyd/anomalyd.conf.d/30-c.conf": "[Detector]\nSeed=30\n",
      "etc/anomalyd/anomalyd.conf.d/README": "not read",
      "etc/anomalyd/anomalyd.conf.d/.40.conf": "not read",
    ])
    let settings = try scratch.load()
    #expect(settings.detector.seed == 30)
    #expect(settings.detector.alarmBudget == .samples(12))
    #expect(
      settings.files.map { String($0.dropFirst(scratch.root.count)) } == [
        "/etc/anomalyd/anomalyd.conf", "/usr/lib/anomalyd/anomalyd.conf.d/10-a.conf",
        "/etc/anomalyd/anomalyd.conf.d/20-b.conf", "/run/anomalyd/anomalyd.conf.d/30-c.conf",
      ]
    )
  }

  @Test func `the administrator's file replaces the vendor's of the same name`() throws {
    let scratch = try Scratch([
      main: "[Detector]\nSeed=1\n",
      "usr/lib/anomalyd/anomalyd.conf": "[Detector]\nSeed=2\nAlarmBudget=12\n",
      "etc/anomalyd/anomalyd.conf.d/a.conf": "[Agent]\nMaximumMetrics=3\n",
      "run/anomalyd/anomalyd.conf.d/a.conf": "[Agent]\nMaximumMetrics=4\nHistorySamples=99\n",
    ])
    let settings = try scratch.load()
    #expect(settings.detector.seed == 1)
    #expect(settings.detector.alarmBudget == .standard)
    #expect(settings.agent.maximumMetrics == 3)
    #expect(settings.agent.historySamples == 256)
  }

  @Test func `a link to the null device hides the vendor's file`() throws {
    let scratch = try Scratch([
      main: "", "usr/lib/anomalyd/anomalyd.conf.d/a.conf": "[Detector]\nSeed=2\n",
    ])
    let directory = scratch.root + "/etc/anomalyd/anomalyd.conf.d"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: directory + "/a.conf",
      withDestinationPath: "/dev/null"
    )
    #expect(try scratch.load().detector.seed == 1)
  }

  @Test func `a chosen file is read with its own drop-ins and nothing else`() throws {
    let scratch = try Scratch([
      main: "[Detector]\nSeed=1\n", "my.conf": "[Detector]\nSeed=2\n",
      "my.conf.d/x.conf": "[Detector]\nAlarmBudget=12\n",
    ])
    let settings = try Settings.load(
      .all,
      configuration: scratch.root + "/my.conf",
      root: scratch.root,
      environment: [:]
    )
    #expect(settings.detector.seed == 2)
    #expect(settings.detector.alarmBudget == .samples(12))
  }

  @Test func `a chosen file that is not there is an error`() throws {
    let path = try Scratch().root + "/missing.conf"
    #expect(throws: SettingsErrors([SettingsError(file: path, .unreadable(errno: Errno(ENOENT)))]))
    {
      try Settings.load(.all, configuration: path, environment: [:])
    }
  }

  @Test func `the service manager's directories are the defaults`() throws {
    let environment = ["STATE_DIRECTORY": "/s:/t", "RUNTIME_DIRECTORY": "/r"]
    let settings = try Scratch().load(environment: environment)
    #expect(settings.agent.stateDirectory == "/s")
    #expect(settings.agent.controlSocket == "/r/io.anomalyd")
    let configured = try Scratch([main: "[Agent]\nStateDirectory=/mine\nStateDirectory=\n"])
    #expect(try configured.load(environment: environment).agent.stateDirectory == "/s")
  }

  @Test func `knows where a value comes from`() throws {
    let scratch = try Scratch([
      main: "[Input t]\nType=csv\nPath=/t\n[Detector]\nSeed=1\nAlarmBudget=20\nAlarmBudget=\n",
      "etc/anomalyd/anomalyd.conf.d/a.conf": "\n[Detector]\nSeed=2\n",
    ])
    let settings = try scratch.load()
    let path = scratch.root + "/" + main
    #expect(settings.origin(section: "Input t", key: "Path")?.description == path + ":3")
    #expect(settings.origin(section: "Detector", key: "Seed")?.description == path + ".d/a.conf:3")
    #expect(settings.origin(section: "Detector", key: "AlarmBudget") == nil)
    #expect(settings.origin(section: "Agent", key: "MaximumMetrics") == nil)
  }

  @Test func `a configured input or output replaces the default ones`() throws {
    let settings = try Scratch.load("[Input t]\nType=csv\nPath=/t\n[Output o]\nType=terminal\n")
    #expect(settings.inputs.map(\.name) == ["t"])
    #expect(settings.outputs.map(\.name) == ["o"])
  }

  @Test func `a section may be repeated, in other files too`() throws {
    let scratch = try Scratch([
      main: "[Input a]\nType=csv\n[Agent]\n[Input a]\nPath=/a\nValueColumns=x\n",
      "etc/anomalyd/anomalyd.conf.d/b.conf": "[Input a]\nValueColumns=y\n",
    ])
    let csv = try #require(try scratch.load().inputs.first?.section as? TableSection)
    #expect(csv.paths == ["/a"])
    #expect(csv.values == .chosen([.named("x"), .named("y")]))
  }

  @Test(arguments: [
    ("", ProcfsSection().disks.exclude), ("ExcludeDevices=a", ["a"]),
    ("ExcludeDevices=a\nExcludeDevices=b c", ["a", "b", "c"]),
    ("ExcludeDevices=a\nExcludeDevices=", []),
    ("ExcludeDevices=a\nExcludeDevices=\nExcludeDevices=b", ["b"]),
    ("ExcludeDevices=\"a b\" 'c'", ["a b", "c"]),
  ])
  func `lists accumulate, and an empty assignment clears them`(text: String, expected: [String])
    throws
  {
    let settings = try Scratch.load("[Input host]\n" + text)
    let procfs = try #require(settings.inputs[0].section as? ProcfsSection)
    #expect(procfs.disks.exclude == expected)
  }

  @Test func `the last matching section that sets a key applies`() throws {
    let settings = try Scratch.load(
      """
      [Metric *]
      AlarmBudget=100
      [Metric disk.*]
      Ignore=yes
      AlarmBudget=200
      [Metric disk.sda.*]
      Ignore=no
      """
    )
    func metric(_ name: String) throws -> MetricName { try MetricName(validating: name) }
    #expect(try settings.alarmBudget(of: metric("cpu.busy")) == .samples(100))
    #expect(try settings.alarmBudget(of: metric("disk.sda.read")) == .samples(200))
    #expect(try settings.ignores(metric("disk.sdb.read")))
    #expect(try !settings.ignores(metric("disk.sda.read")))
    #expect(try !settings.ignores(metric("cpu.busy")))
    #expect(try Settings(.all).alarmBudget(of: metric("x")) == .standard)
  }

  @Test(arguments: [
    ("2/day", AlarmBudget.standard), ("0.5/day", .host(alarms: 0.5, per: .seconds(86_400))),
    ("1/week", .host(alarms: 1, per: .seconds(604_800))),
    ("3/12h", .host(alarms: 3, per: .seconds(43_200))),
    ("1/1h 30min", .host(alarms: 1, per: .seconds(5400))), ("5000", .samples(5000)),
  ])
  func `a budget is a rate on the host or a number of samples`(
    text: String, expected: AlarmBudget
  ) throws {
    let settings = try Scratch.load("[Detector]\nAlarmBudget=\(text)\n")
    #expect(settings.detector.alarmBudget == expected)
    #expect(settings.describe().contains("AlarmBudget=\(text)\n"))
  }

  @Test(arguments: ["2/", "/day", "0/day", "-1/day", "2/fortnight", "2/0s", "1/year", "9", "1e10"])
  func `other budgets are refused`(text: String) {
    #expect(throws: SettingsErrors.self) { try Scratch.load("[Detector]\nAlarmBudget=\(text)\n") }
  }

  @Test(arguments: [
    ("0..95", 0.0...95.0), ("..95", -.infinity...95), ("-1.5 .. ", -1.5...(.infinity)),
    ("-4e-3..-2e-3", -0.004...(-0.002)), (".5..1.", 0.5...1),
  ])
  func `accepts limits with one end or two`(text: String, range: ClosedRange<Double>) throws {
    let settings = try Scratch.load("[Metric *]\nRange=\(text)\n")
    #expect(settings.metrics.first?.range == range)
  }

  @Test func `event rules are looked up key by key, the last match applies`() throws {
    let settings = try Scratch.load(
      """
      [Detector]
      HoldOff=1min
      Merge=2min
      [Metric *]
      Direction=low
      MinimumRelativeDeviation=20
      [Metric disk.*]
      Direction=both
      Range=..95
      Severity=info
      [Metric disk.sda.*]
      HoldOff=0
      MinimumDeviation=3
      """)
    let flow = settings.eventRules(of: MetricName(sanitizing: "pump.flow"))
    var expected = EventRules()
    expected.side = .low
    expected.minimumRelativeDeviation = 0.2
    expected.holdOff = .seconds(60)
    expected.merge = .seconds(120)
    #expect(flow == expected)
    let disk = settings.eventRules(of: MetricName(sanitizing: "disk.sda.busy"))
    expected.side = .both
    expected.upperLimit = 95
    expected.severity = .info
    expected.holdOff = .zero
    expected.minimumDeviation = 3
    expected.possible = 0...Double.infinity
    #expect(disk == expected)
  }

  @Test(arguments: [
    ("info", SeverityRule.info), ("error", .error),
    (
      "info warning:80.. critical:95..100",
      SeverityRule(
        [.init(.warning, 80...Double.infinity), .init(.critical, 95...100)], otherwise: .info)
    ),
    ("error:..0.5", SeverityRule([.init(.error, -Double.infinity...0.5)])),
  ])
  func `severity is one word, or by values`(text: String, rule: SeverityRule) throws {
    let settings = try Scratch.load("[Metric pump.*]\nSeverity=\(text)\n")
    #expect(settings.metrics[0].severity == rule)
    #expect(settings.describe().contains("Severity=\(text)\n"), "it reads back")
  }

  @Test(arguments: [
    ("", "memory.cached_bytes", false), ("", "cpu.busy", true), ("", "pump.flow", true),
    ("", "cpu.core3.busy", true), ("", "filesystem./.read_only", false),
    ("[Metric memory.cached_bytes]\nDetect=yes\n", "memory.cached_bytes", true),
    ("[Metric memory.cached_bytes]\nSeverity=info\n", "memory.cached_bytes", false),
    ("[Metric *]\nDetect=no\n", "pump.flow", false),
  ])
  func `redundant metrics are shown without a detector, unless a section says otherwise`(
    text: String, metric: String, detects: Bool
  ) throws {
    let settings = try Scratch.load(text)
    guard
      case .watch(let configuration, _, let shares) = settings.policy(
        for: MetricName(sanitizing: metric))
    else {
      Issue.record("it is ignored")
      return
    }
    #expect(configuration.judges == detects)
    #expect(shares == detects, "only what a detector judges shares the budget")
  }

  @Test func `every metric of the host has a row of the table or a reason to be only shown`() throws
  {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func text(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }
    let names = try text("Tests/Fixtures/procfs/linux-5.15.metrics").split(separator: "\n")
    for name in names.map(String.init) {
      let rows = HostLimit.all.filter { Glob($0.pattern)?.matches(name) ?? false }
      let shown = ShownMetrics.all.filter { Glob($0.pattern)?.matches(name) ?? false }
      #expect(rows.isEmpty != shown.isEmpty, "\(name): one of both")
    }
    let manual = try text("docs/host-metrics.md")
    let table = ShownMetrics.all.map { "| `\($0.pattern)` | \($0.reason) |" }
      .joined(separator: "\n")
    #expect(manual.contains(table), "expected this table in docs/host-metrics.md:\n\(table)")
  }

  @Test(arguments: [
    ("", "filesystem./.used_ratio", 9), ("", "cpu.busy", 1), ("", "cpu.user", nil),
    ("", "disk.sda.read_latency_seconds", 12), ("", "pump.flow", nil),
    ("[Metric filesystem./boot.*]\nHostLimits=no\n", "filesystem./boot.used_ratio", nil),
    ("[Metric filesystem./boot.*]\nHostLimits=no\n", "filesystem./.used_ratio", 9),
    ("[Metric filesystem./.used_ratio]\nRange=..0.99\n", "filesystem./.used_ratio", nil),
    ("[Input pump]\nType=csv\nPath=/pump.csv\n", "cpu.busy", nil),
  ])
  func `the host's own metrics have built-in limits, unless a section says otherwise`(
    text: String, metric: String, limit: UInt8?
  ) throws {
    let rules = try Scratch.load(text).eventRules(of: MetricName(validating: metric))
    #expect(rules.hostLimit == limit)
    let hasMeaning = HostLimit.all.contains { Glob($0.pattern)?.matches(metric) ?? false }
    #expect((rules.impact != nil) == (hasMeaning && !text.contains("Type=csv")))
  }

  @Test(arguments: [
    ("", "cpu.iowait", 0.05, 0), ("", "memory.used_bytes", 16e6, 0.02), ("", "pump.flow", 0, 0),
    ("", "memory.out_of_memory_kills_per_second", 0, 0),
    ("", "memory.writeback_bytes", 100e6, 0.02),
    ("[Metric cpu.*]\nMinimumDeviation=0.3\n", "cpu.iowait", 0.3, 0),
    ("[Input pump]\nType=csv\nPath=/pump.csv\n", "cpu.iowait", 0, 0),
  ])
  func `the host's own metrics have minimum deviations, unless a section says otherwise`(
    text: String, metric: String, least: Double, relative: Double
  ) throws {
    let rules = try Scratch.load(text).eventRules(of: MetricName(validating: metric))
    #expect(rules.minimumDeviation == least)
    #expect(rules.minimumRelativeDeviation == relative)
  }
}
