import Calendar
import Config
import Control
import Daemon
import Detection
import Glibc
import Inputs
import Monitor
import Outputs
import Series
import Support
import Synchronization
import System
import Testing

@Suite struct DaemonTests {
  @Test func `a killed daemon resumes as if nothing had happened`() throws {
    let samples = wave(1_500)
    let whole = Stage()
    whole.append(samples)
    try whole.run(until: 1_500)
    let expected = whole.events
    #expect(expected.count >= 4, "the series was to hold some events")

    let cut = Stage()
    cut.append(samples[..<900])
    try cut.run(until: 900, ending: .stop)
    cut.append(samples[900..<1_000])
    // A checkpoint at 1,000, then 200 samples that are not in the state when it is killed.
    try cut.run(until: 100, ending: .kill) { agent in
      agent.checkpoints.saveNow()
      cut.append(samples[1_000..<1_200])
      return 300
    }
    cut.append(samples[1_200...])
    try cut.run(until: 500)
    var seen: Set<String> = []
    let unique = cut.events.filter { seen.insert($0).inserted }
    #expect(unique == expected)
    #expect(cut.log.contains { $0.contains("1 metric resumed") })
  }

  @Test func `ends with failure, and says so, if the last checkpoint cannot be written`() throws {
    let stage = Stage()
    stage.append(wave(20))
    stage.exitCode = 1
    try stage.run(until: 20) { agent in
      // In place of the file that would become the checkpoint.
      mkdir(stage.file("state/checkpoint.new"), 0o700)
      agent.checkpoints.saveNow()
      return 20
    }
    let lines = stage.log.filter { $0.contains("the state could not be saved") }
    #expect(lines.count == 2, "once when it happens, once at the end")
    #expect(lines.last?.contains("is lost") == true)
  }

  @Test(arguments: [Int64.max, Int64.max - 86_400_000_000_000, 9_200_000_000_000_000_000, .min])
  func `survives a clock at the end of time, and jumps there and back`(_ end: Int64) throws {
    let stage = Stage()
    write("value\n1\n2\n3\n", atEndOf: stage.csv)
    var jumps = 0
    stage.clock = {
      jumps += 1
      return jumps % 3 == 0 ? .now : Timestamp(nanoseconds: end)
    }
    var weekly = SilenceSection(name: "weekly")
    weekly.schedule = [try CalendarExpression(parsing: "Sat 02:00") { _ in nil }]
    weekly.duration = .seconds(7_200)
    stage.settings.silences = [weekly]
    stage.settings.agent.forgetAfter = .seconds(3_600)
    stage.takesMore = true
    try stage.run(until: 3) { agent in
      for row in 4..<40 { write("\(row % 7)\n", atEndOf: stage.csv) }
      agent.keepHouse()
      agent.checkpoints.saveNow()
      _ = agent.report.status()
      _ = agent.report.silences()
      return 30
    }
    try stage.run(until: 0)
  }

  @Test func `reports ages by the clock that never steps`() throws {
    let stage = Stage()
    write("value\n1\n2\n", atEndOf: stage.csv)
    var jump = Duration.zero
    stage.clock = { Timestamp.now.advanced(by: jump) }
    stage.takesMore = true
    for years in [5, -1] {
      try stage.run(until: years > 0 ? 2 : 0) { agent in
        jump = .seconds(years * 365 * 86_400)
        let status = agent.report.status()
        #expect(status.now.elapsed(since: status.started) < .seconds(60))
        let input = status.inputs[0]
        if let age = input.lastSampleAge, years < 0 { #expect((0..<60).contains(age)) }
        jump = .zero
        return 0
      }
    }
  }

  @Test func `notifies the service manager`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10)
    #expect(
      stage.told.first
        == "READY=1\nSTATUS=0 metrics: 0 warm, 0 warming up, 0 anomalous")
    #expect(stage.told.last?.hasPrefix("STOPPING=1\n") == true)
  }

  @Test func `a valid configuration is applied without losing learnt state`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10) { agent in
      stage.settings.agent.maximumMetrics = 7
      stage.settings.outputs.append(
        Settings.Component(name: "second", section: stage.fileOutput("second")))
      agent.reload()
      stage.append(wave(20).suffix(10))
      return 20
    }
    #expect(stage.told.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
    #expect(stage.told.filter { $0.hasPrefix("READY=1") }.count == 2)
    let status = try #require(stage.status)
    #expect(status.configuration.lastReload?.succeeded == true)
    #expect(status.metrics.limit == 7)
    #expect(status.outputs.map(\.name) == ["events", "second"])
    #expect(status.inputs.map(\.samples) == [20])
    #expect(stage.detail?.metric.samples == 20)
  }

  @Test func `a bad configuration is refused with file and line and the old one stays`() throws {
    let stage = Stage()
    stage.append(wave(10))
    stage.errors = SettingsErrors([
      SettingsError(
        file: "/etc/x.conf", line: 3, section: "Agent", key: "Foo", .missingValue(expected: "bar"))
    ])
    try stage.run(until: 10) { agent in
      agent.reload()
      stage.append(wave(20).suffix(10))
      return 20
    }
    let words = "/etc/x.conf:3: [Agent] Foo=: expected bar, found nothing"
    #expect(stage.log.contains { $0.contains(words) })
    #expect(stage.told.contains { $0.hasPrefix("READY=1\nSTATUS=") && $0.contains(words) })
    let reload = try #require(stage.status?.configuration.lastReload)
    #expect(!reload.succeeded)
    #expect(reload.errors == [words])
    #expect(stage.detail?.metric.samples == 20)
  }

  @Test func `a section that the system refuses is refused too`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10) { agent in
      var webhook = WebhookSection()
      webhook.format = .template
      webhook.template = stage.file("missing")
      stage.settings.outputs.append(Settings.Component(name: "chat", section: webhook))
      agent.reload()
      return 10
    }
    #expect(stage.status?.configuration.lastReload?.succeeded == false)
    #expect(stage.log.contains { $0.contains("[Output chat] Template=") })
  }

  @Test func `SIGHUP reopens a file output`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10) { _ in
      write("older\n", atEndOf: stage.file("events"))
      rename(stage.file("events"), stage.file("events.1"))
      pthread_kill(pthread_self(), SIGHUP)
      stage.append(wave(12).suffix(2))
      return 12
    }
    #expect(access(stage.file("events"), F_OK) == 0)
    #expect(stage.told.contains { $0.hasPrefix("RELOADING=1") })
  }

  @Test func `a damaged checkpoint is reported and the daemon starts afresh`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10)
    write("trailing", atEndOf: stage.file("state/checkpoint"))
    stage.append(wave(12).suffix(2))
    // The position in the table is lost with the models: all rows are reread.
    try stage.run(until: 12)
    #expect(stage.log.contains { $0.contains("every metric starts from scratch") })
    #expect(stage.detail?.metric.samples == 12)
  }

  @Test(.enabled(if: Needs.mounting.isMet, "\(Needs.mounting)"))
  func `a state that cannot be saved is reported until it can be`() throws {
    let stage = Stage()
    stage.append(wave(400))
    mkdir(stage.file("state"), 0o700)
    #expect(mount("tmpfs", stage.file("state"), "tmpfs", 0, "size=8k") == 0)
    defer { umount2(stage.file("state"), Int32(MNT_DETACH)) }
    try stage.run(until: 400) { agent in
      agent.checkpoints.saveNow()
      agent.checkpoints.saveNow()
      let told = agent.report.status().checkpoint?.lastError
      #expect(told?.contains("No space left on device") == true)
      #expect(stage.told.contains { $0.contains("; state: the state could not be saved") })
      #expect(mount("tmpfs", stage.file("state"), "tmpfs", UInt(MS_REMOUNT), "size=4m") == 0)
      agent.checkpoints.saveNow()
      #expect(agent.report.status().checkpoint?.lastError == nil)
      stage.passed += ProblemWatch.hysteresis
      agent.keepHouse()
      return 400
    }
    #expect(stage.log.filter { $0.contains(": state: the state could not be saved") }.count == 1)
    #expect(stage.log.filter { $0.contains("state: over after") }.count == 1)
  }

  @Test func `rejects a state directory that cannot be created`() throws {
    let stage = Stage()
    write("", atEndOf: stage.file("state"))
    #expect {
      try stage.run(until: 0)
    } throws: { error in
      "\(error)".contains("cannot be used: \(stage.file("state")): Not a directory")
    }
  }

  @Test func `two daemons do not share a socket or a state`() throws {
    let stage = Stage()
    try stage.run(until: 0) { _ in
      #expect(throws: DaemonError.self) { try stage.run(until: 0) }
      return 0
    }
  }

  @Test func `a full table is reported once and counted`() throws {
    let stage = Stage()
    stage.settings.agent.maximumMetrics = 1
    write(
      "time,a,b,c\n2026-01-01T00:00:00Z,1,2,3\n2026-01-01T00:00:05Z,1,2,3\n",
      atEndOf: stage.csv
    )
    try stage.run(until: 2)
    #expect(stage.log.filter { $0.contains("MaximumMetrics=") }.count == 1)
    #expect(stage.status?.metrics.registered == 1)
    #expect((stage.status?.metrics.refused ?? 0) >= 2)
    #expect((stage.status?.inputs[0].refused ?? 0) > 0)
  }

  @Test func `two inputs with the same metric do not mix their samples`() throws {
    let stage = Stage()
    guard var table = stage.settings.inputs[0].section as? TableSection else { return }
    table.prefix = "table"
    stage.settings.inputs.append(Settings.Component(name: "twin", section: table))
    stage.append(wave(10))
    let words = "input twin: table.wave comes from input table already"
    try stage.run(steps: [
      { $0.monitor.samples == 10 && stage.log.contains { $0.contains(words) } },
      { agent in
        // The first input is removed: the metric belongs to the other one from then on.
        stage.settings.inputs.removeFirst()
        agent.reload()
        stage.append(wave(15).suffix(5))
        return true
      },
      { $0.monitor.samples == 15 },
    ])
    #expect(stage.log.filter { $0.contains(words) }.count == 1)
    #expect(stage.detail?.metric.samples == 15)
  }
}

extension DaemonTests {
  @Test func `reads a serial line as data arrives, also after replugging`() throws {
    let stage = Stage()
    let device = stage.file("sensor")
    let sensor = Sensor(linkedAt: device)
    var serial = SerialSection()
    serial.device = device
    serial.fields = ["wave"]
    stage.settings.inputs = [Settings.Component(name: "table", section: serial)]
    var before = 0
    try stage.run(steps: [
      { sensor.sendLines(to: $0, until: 20) },
      { agent in
        before = agent.monitor.samples
        sensor.replug()
        return true
      },
      { sensor.sendLines(to: $0, until: before + 20) },
    ])
    #expect(stage.log.contains { $0.contains("the device is gone") })
    #expect(stage.log.contains { $0.contains("open again") })
    #expect(stage.status?.inputs.map(\.type) == ["serial"])
    // Polled by the clock alone, once a second, that many lines take longer than a run may.
    let moments = try #require(stage.detail).history.map(\.timestamp)
    #expect(Set(moments.map { "\($0)" }).count > 30)
  }
}

/// Sends a line as soon as the daemon has read the one before, so that a busy machine slows it down and
/// never merges two lines into one poll.
private final class Sensor {
  private let path: String
  private var terminal = PseudoTerminal()
  private var number = 0
  private var samples = -1
  private var looks = 0

  /// After how many looks a line counts as lost: the daemon skips the first after opening.
  private static let patience = 50

  /// A sensor on a new pseudo-terminal behind a link.
  init(linkedAt path: String) {
    self.path = path
    link()
  }

  /// Unplugs the line and plugs in another one under the same name.
  func replug() {
    terminal = PseudoTerminal()
    link()
  }

  /// Sends the next line if the last one has become a sample; called on the daemon's loop.
  /// - Returns: whether the daemon has that many samples.
  func sendLines(to agent: Daemon, until goal: Int) -> Bool {
    let current = agent.monitor.samples
    looks += 1
    if current != samples || looks == Sensor.patience {
      (samples, looks) = (current, 0)
      terminal.send(Array("\(number)\n".utf8))
      number += 1
    }
    return current >= goal
  }

  private func link() {
    unlink(path)
    precondition(symlink(terminal.path, path) == 0, "cannot link \(path)")
  }
}

/// A directory with a table, a daemon that follows it, and its log.
final class Stage {
  private let scratch = Scratch()
  private(set) var log: [String] = []
  private(set) var told: [String] = []
  private(set) var status: StatusReply?
  private(set) var detail: MetricDetail?
  var settings = Settings(.all)
  var errors: SettingsErrors?
  var clock: () -> Timestamp = { .now }
  /// Called once all samples have been processed, before the daemon ends.
  var afterRun: () -> Void = {}

  /// How far to advance the clock that late sources are measured by.
  var passed = Duration.zero
  /// How long a checkpoint may block the loop.
  var checkpointSlice = Duration.milliseconds(2)
  /// The exit code of a run that ends by ``Ending/stop``.
  var exitCode: Int32 = 0
  /// Whether more samples may come than a run waits for.
  var takesMore = false

  /// How a run ends.
  enum Ending {
    /// As by SIGTERM.
    case stop
    /// As by SIGKILL: nothing is saved.
    case kill
  }

  init() {
    var table = TableSection(paths: file("table.csv"))
    table.interval = .milliseconds(5)
    settings.inputs = [Settings.Component(name: "table", section: table)]
    settings.outputs = [Settings.Component(name: "events", section: fileOutput("events"))]
    settings.agent.stateDirectory = file("state")
    settings.agent.controlSocket = file("socket")
  }

  var csv: String { file("table.csv") }
  /// The lines of the file output: of events and incidents.
  var lines: [String] { contents(file("events")).split(separator: "\n").map(String.init) }
  /// Those of events.
  var events: [String] { lines.filter { $0.contains(#""kind":"event""#) } }
  /// Those of incidents.
  var incidents: [String] { lines.filter { $0.contains(#""kind":"incident""#) } }

  func file(_ name: String) -> String { scratch.file(name) }

  /// An output with `Type=file`.
  func fileOutput(_ name: String) -> FileSection {
    var section = FileSection()
    section.path = file(name)
    return section
  }

  /// Adds rows to the table.
  func append(_ samples: some Sequence<Sample>) {
    var text = access(csv, F_OK) == 0 ? "" : "time,wave\n"
    for sample in samples { text += "\(sample.timestamp.iso8601),\(sample.value)\n" }
    write(text, atEndOf: csv)
  }

  private func makeAgent() throws -> Daemon {
    var options = Daemon.Options()
    options.clock = { [unowned self] in clock() }
    options.log = Log(.plain) { [unowned self] in log.append($0) }
    options.serviceManager = ServiceManager { [unowned self] in told.append($0) }
    options.checkpointSlice = checkpointSlice
    options.awakeClock = { [unowned self] in MonotonicTime.awake + passed }
    return try Daemon(settings: settings, options: options) {
      [unowned self] () throws(SettingsErrors) in
      if let errors { throw errors }
      return settings
    }
  }

  /// Runs a daemon until each of `steps` has in turn returned true; each is called repeatedly until
  /// it does.
  func run(ending: Ending = .stop, steps: [(Daemon) -> Bool]) throws {
    let agent = try makeAgent()
    var rest = steps[...]
    var timer: TimerSource?
    let deadline = MonotonicTime.now.advanced(by: .seconds(30))
    timer = try agent.loop.timer(accuracy: .milliseconds(1)) { [unowned self, unowned agent] in
      if let step = rest.first, step(agent) { rest.removeFirst() }
      guard rest.isEmpty || MonotonicTime.now > deadline else {
        try? timer?.fire(at: MonotonicTime.now.advanced(by: .milliseconds(3)))
        return
      }
      #expect(rest.isEmpty, "\(rest.count) of \(steps.count) steps are left")
      status = agent.report.status()
      detail = try? agent.report.showMetric("table.wave")
      switch ending {
      case .stop: agent.stop()
      case .kill: agent.loop.exit(9)
      }
    }
    try timer?.fire(at: .now)
    #expect(try agent.run() == (ending == .kill ? 9 : exitCode))
    timer = nil
  }

  /// Runs a daemon until it has processed this many samples.
  /// - Parameter then: called then; returns the number of samples at which the run ends.
  func run(
    until count: Int,
    ending: Ending = .stop,
    then: ((Daemon) -> Int)? = nil
  ) throws {
    let agent = try makeAgent()
    var goal = count
    var then = then
    var timer: TimerSource?
    let deadline = MonotonicTime.now.advanced(by: .seconds(20))
    timer = try agent.loop.timer(accuracy: .milliseconds(1)) { [unowned self, unowned agent] in
      if agent.monitor.samples >= goal, let now = then {
        then = nil
        // Steps of this iteration may not have been emitted yet.
        agent.commitEvents()
        goal = now(agent)
      } else if agent.monitor.samples >= goal || MonotonicTime.now > deadline {
        #expect(takesMore ? agent.monitor.samples >= goal : agent.monitor.samples == goal)
        afterRun()
        afterRun = {}
        status = agent.report.status()
        detail = try? agent.report.showMetric("table.wave")
        switch ending {
        case .stop: agent.stop()
        case .kill:
          // Killed after this iteration, not during it, so that tests know what had been emitted.
          agent.commitEvents()
          agent.loop.exit(9)
        }
        return
      }
      try? timer?.fire(at: MonotonicTime.now.advanced(by: .milliseconds(3)))
    }
    try timer?.fire(at: .now)
    #expect(try agent.run() == (ending == .kill ? 9 : exitCode))
    timer = nil
  }
}
