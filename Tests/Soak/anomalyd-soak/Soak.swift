import Config
import Control
import Daemon
import FoundationEssentials
import Glibc
import Inputs
import Monitor
import Outputs
import Series
import System

/// The daemon, as it is released, on its own loop: only the time of day is that of the samples.
final class Soak {
  private let plan: SoakPlan
  private let folder: String
  private var rows: [SoakRows]
  /// Hours of the plan that have been written.
  private var hours = 0
  private var now = Timestamp(seconds: Double(SoakPlan.start))
  private let checker = ScoreChecker()
  private var days: [Day] = []
  private var log: [String] = []
  private var complaints: [String] = []
  private var timer: TimerSource?
  private var checkpoints = 0
  private let began = MonotonicTime.now

  /// What was measured at the end of a day.
  struct Day {
    var resident: Int
    var descriptors: Int
    var checkpoint: Int
    var state: Int
    var cpu: Double
  }

  init(_ plan: SoakPlan) throws {
    self.plan = plan
    folder = "/tmp/anomalyd-soak-\(getpid())"
    rows = plan.tables.enumerated().map {
      SoakRows(table: $0, metrics: $1, interval: plan.interval)
    }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// - Returns: what did not stay as it should.
  func run() throws -> [String] {
    var options = Daemon.Options()
    options.clock = { [unowned self] in now }
    options.awakeClock = { [unowned self] in .nanoseconds(now.nanoseconds) }
    options.log = Log(.plain) { [unowned self] in log.append($0) }
    options.serviceManager = ServiceManager { _ in }
    let settings = settings
    let daemon = try Daemon(settings: settings, options: options) { () throws(SettingsErrors) in
      settings
    }
    daemon.monitor.attach(checker)
    timer = try daemon.loop.timer(accuracy: .milliseconds(1)) { [unowned self, unowned daemon] in
      do {
        if try advance(daemon) {
          try timer?.fire(at: MonotonicTime.now.advanced(by: .milliseconds(2)))
        }
      } catch {
        complaints.append("the run ended early: \(error)")
        daemon.stop()
      }
    }
    try timer?.fire(at: .now)
    say("   day      samples  RSS MB  files  checkpoint MB  state MB  us a sample")
    let code = try daemon.run()
    timer = nil
    if code != 0 { complaints.append("the daemon ended with \(code)") }
    judge()
    return complaints
  }

  private var settings: Settings {
    var settings = Settings(.all)
    settings.inputs = plan.tables.indices.map { index in
      var table = TableSection(paths: path(index))
      table.interval = .milliseconds(100)
      table.timestampFormat = .epoch(.seconds)
      return Settings.Component(name: "t\(index)", section: table)
    }
    var file = FileSection()
    file.path = folder + "/events"
    file.keeping.maximumBytes = 16 << 20
    file.keeping.keptFiles = 1
    settings.outputs = [Settings.Component(name: "events", section: file)]
    settings.agent.stateDirectory = folder + "/state"
    settings.agent.controlSocket = folder + "/socket"
    settings.agent.maximumMetrics = plan.metrics
    // Full within the first third of the days, so that nothing fills during those that are judged.
    settings.agent.eventRecordBytes = max(64 << 10, 16 * plan.metrics * plan.days)
    // Once a day of the plan, see below.
    settings.agent.checkpointInterval = nil
    return settings
  }

  private func path(_ table: Int) -> String { folder + "/t\(table).csv" }

  /// Gives the daemon another hour once it has taken the one before.
  /// - Returns: whether there is more to come.
  private func advance(_ daemon: Daemon) throws -> Bool {
    guard daemon.monitor.samples >= plan.samples(after: hours), !daemon.checkpoints.isInProgress
    else { return true }
    daemon.keepHouse()
    if hours % 24 == 0, hours > 0 {
      // The day ends with a checkpoint, made in the background as always.
      if checkpoints < hours / 24 {
        checkpoints += 1
        daemon.checkpoints.begin()
        return true
      }
      measure()
      if hours == plan.days * 24 {
        end(daemon)
        return false
      }
    }
    now = now.advanced(by: .seconds(plan.rowsInHour * plan.interval))
    for table in rows.indices { try write(table) }
    hours += 1
    return true
  }

  /// Appends the rows of the next hour; a day begins with a new file, as after logrotate(8).
  private func write(_ table: Int) throws {
    let path = path(table)
    var bytes = rows[table].rows(from: hours * plan.rowsInHour, count: plan.rowsInHour)
    if hours % 24 == 0 {
      if hours > 0 { rename(path, path + ".1") }
      bytes = rows[table].head + bytes
    }
    let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    try file.writeAll(bytes.span.bytes)
  }

  private func measure() {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/state")) ?? []
    let sizes = files.map { size(folder + "/state/" + $0) }
    let day = Day(
      resident: ProcessCost.residentBytes, descriptors: descriptors,
      checkpoint: size(folder + "/state/checkpoint"), state: sizes.reduce(0, +),
      cpu: Double(ProcessCost.cpuNanoseconds) / 1e9)
    let before = days.last?.cpu ?? 0
    days.append(day)
    let cost = (day.cpu - before) * 1e6 / Double(plan.samples(after: 24))
    let cells: [(String, Int)] = [
      ("\(days.count)", 6), ("\(plan.samples(after: hours))", 13), (mega(day.resident), 8),
      ("\(day.descriptors)", 7), (mega(day.checkpoint), 15), (mega(day.state), 10),
      (decimals(cost), 13),
    ]
    say(
      cells.map { text, width in
        String(repeating: " ", count: max(0, width - text.count)) + text
      }.joined())
  }

  private func end(_ daemon: Daemon) {
    let status = daemon.report.status()
    expect(
      daemon.monitor.samples == plan.samples(after: hours),
      "\(plan.samples(after: hours)) samples were given, \(daemon.monitor.samples) were taken")
    expect(
      status.metrics.registered == plan.metrics, "\(status.metrics.registered) metrics are watched")
    expect(status.checkpoint?.lastError == nil, "checkpoint: \(status.checkpoint?.lastError ?? "")")
    for input in status.inputs {
      expect(input.lastError == nil, "input \(input.name): \(input.lastError ?? "")")
      expect(input.malformed == 0, "input \(input.name): \(input.malformed) malformed")
    }
    say(
      "\(status.events.map(\.opened).reduce(0, +)) events, highest score \(checker.highest), "
        + "\(MonotonicTime.now.elapsed(since: began).components.seconds) s")
    daemon.stop()
  }

  /// Judges the days: those of the first third may still allocate, as detectors warm up and tables of
  /// events and snapshots fill.
  private func judge() {
    expect(checker.notFinite == 0, "\(checker.notFinite) scores or forecasts are no finite numbers")
    guard days.count >= 6, let last = days.last else { return }
    let settled = days.dropFirst(days.count / 3)
    // What events teach about a metric, such as when it is visited, is state: bounded for each, and stored.
    let slope = SoakTrend.slope(settled.map { Double($0.resident - $0.checkpoint) })
    // A page or two per metric comes and goes with open events.
    let noise = max(1e6, Double(last.resident) * 0.01)
    let growth = slope * Double(settled.count)
    let words = "RSS grows by \(decimals(growth / 1e6)) MB more than checkpoints"
    say("\(words) in the last \(settled.count) days")
    expect(growth < noise, "\(words), beyond \(decimals(noise / 1e6))")
    let files = settled.map(\.descriptors)
    // The record of events has one file more while the oldest is being replaced.
    expect(
      (files.max() ?? 0) - (files.min() ?? 0) <= 1, "descriptors are not constant: \(files)")
    // docs/benchmarks.md: 30.3 kB a metric.
    let perMetric = Double(last.checkpoint) / Double(plan.metrics)
    say("a checkpoint has \(decimals(perMetric / 1e3)) kB a metric")
    expect(perMetric < 32e3, "a checkpoint has \(decimals(perMetric / 1e3)) kB a metric")
    let bytes = settled.map(\.checkpoint)
    expect(
      Double(bytes.max() ?? 0) < 1.02 * Double(bytes.min() ?? 0),
      "checkpoints are not of one size: \(bytes.min() ?? 0) to \(bytes.max() ?? 0) bytes")
  }

  /// Prints a line at once, as a run may take hours.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func expect(_ holds: Bool, _ complaint: @autoclosure () -> String) {
    if !holds { complaints.append(complaint()) }
  }

  private var descriptors: Int {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
  }

  private func size(_ path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
  }

  private func mega(_ bytes: Int) -> String { decimals(Double(bytes) / 1e6) }

  private func decimals(_ value: Double) -> String {
    let tenths = Int((abs(value) * 10).rounded())
    return (value < 0 && tenths > 0 ? "-" : "") + "\(tenths / 10).\(tenths % 10)"
  }
}
