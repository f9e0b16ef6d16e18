import Config
import Daemon
import Detection
import Events
import FoundationEssentials
import Inputs
import Monitor
import Series
import Support
import Testing

/// Which units account for an incident on the host's own metrics.
@Suite struct UnitSurveyorTests {
  /// A daemon's surveyor on control groups written by a test, with clocks that the test advances.
  private final class Bench {
    let scratch = Scratch()
    let monitor: HostMonitor
    let loop: EventLoop
    let surveyor: UnitSurveyor?
    private(set) var log: [String] = []
    private let clock: Clock

    final class Clock {
      var awake = Duration.seconds(5000)
      var now: Timestamp { Timestamp(seconds: 1.7e9).advanced(by: awake) }
    }

    init(hasGroups: Bool = true) throws {
      let clock = Clock()
      self.clock = clock
      var rules = EventRules()
      rules.upperLimit = 0.5
      monitor = HostMonitor(limits: .init(metrics: 10, history: 16), hostSeed: 1) { _ in
        .watch(.unjudged, rules)
      }
      loop = try EventLoop()
      if hasGroups { try Bench.write(scratch, "cgroup.controllers", "cpu io memory\n") }
      var section = ProcfsSection()
      section.rootPath = scratch.file("")
      while section.rootPath.hasSuffix("/") { section.rootPath.removeLast() }
      var settings = Settings(.all)
      settings.inputs = [Settings.Component(name: "host", section: section)]
      var options = Daemon.Options()
      options.clock = { clock.now }
      options.awakeClock = { clock.awake }
      var lines: [String] = []
      options.log = Log(.plain) { lines.append($0) }
      monitor.setTime(clock.now, awake: clock.awake)
      surveyor = UnitSurveyor(settings, of: monitor, on: loop, options: options)
      log = lines
      finish()
    }

    private static func write(_ scratch: Scratch, _ path: String, _ text: String) throws {
      let file = URL(filePath: scratch.file("sys/fs/cgroup/" + path))
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }

    func use(_ unit: String, cpu: Double, written: Int = 0, memory: Int = 1_000_000) throws {
      let group = "system.slice/\(unit)/"
      try Bench.write(scratch, group + "cpu.stat", "usage_usec \(Int(cpu * 1e6))\n")
      try Bench.write(scratch, group + "io.stat", "8:0 rbytes=0 wbytes=\(written) rios=0 wios=1\n")
      try Bench.write(scratch, group + "memory.current", "\(memory)\n")
    }

    func wait(_ seconds: Double) {
      clock.awake += .seconds(seconds)
      monitor.setTime(clock.now, awake: clock.awake)
    }

    func pass() {
      surveyor?.start()
      finish()
    }

    func finish() {
      while surveyor?.isPassing ?? false { surveyor?.advance() }
    }

    /// Delivers a value of a metric from an input.
    func deliver(_ value: Double, _ metric: String = "cpu.busy", from input: String = "host") {
      let sink = InputSink(monitor, input: input)
      guard let id = sink.metric(named: MetricName(sanitizing: metric)) else { return }
      sink.receive(Sample(timestamp: clock.now, value: value), of: id)
    }

    /// The openings of incidents since the last call.
    func opened() -> [Incident] {
      monitor.takeSteps().compactMap { step in
        guard case .incident(.opened(let incident)) = step else { return nil }
        return incident
      }
    }
  }

  @Test func `an incident names only the units that account for it`() throws {
    let bench = try Bench()
    for second in stride(from: 0, to: 60, by: 15) {
      try bench.use("innocent.service", cpu: Double(second) * 0.3)
      try bench.use("burner.service", cpu: 0)
      try bench.use("writer.service", cpu: 0)
      try bench.use("eater.service", cpu: 0)
      bench.pass()
      bench.wait(15)
    }
    for second in 0..<25 {
      try bench.use("innocent.service", cpu: 18 + Double(second) * 0.3)
      try bench.use("burner.service", cpu: Double(second) * 1.9)
      try bench.use("writer.service", cpu: 0, written: second * 210_000_000)
      try bench.use("eater.service", cpu: 0, memory: (second + 1) * 50_000_000)
      bench.deliver(0.9)
      bench.monitor.keepHouse()
      bench.surveyor?.attend()
      bench.finish()
      bench.wait(1)
    }
    let incident = try #require(bench.opened().first)
    let units = Dictionary(
      incident.attributions.map { ($0.unit, $0) }, uniquingKeysWith: { first, _ in first })
    #expect(Set(units.keys) == ["burner.service", "writer.service", "eater.service"])
    #expect(units["burner.service"]?.cpu.map { abs($0 - 1.9) < 0.01 } ?? false)
    #expect(units["burner.service"]?.writeRate == nil && units["burner.service"]?.memory == nil)
    #expect(units["writer.service"]?.writeRate.map { abs($0 - 2.1e8) < 1e6 } ?? false)
    #expect(units["eater.service"]?.memory.map { $0 > 3e8 } ?? false)
  }

  @Test func `units unknown at the opening are named when it gets worse`() throws {
    let bench = try Bench()
    var known: [Attribution] = []
    bench.monitor.attributing = { _ in known }
    for second in 0..<120 {
      if second == 30 { known = [Attribution(unit: "late.service", cpu: 1)] }
      bench.deliver(0.9)
      if second >= 40 { bench.deliver(0.9, "disk.vda.queue") }
      bench.monitor.keepHouse()
      bench.wait(1)
    }
    let steps = bench.monitor.takeSteps().compactMap { step -> IncidentTransition? in
      if case .incident(let transition) = step { transition } else { nil }
    }
    #expect(steps.map(\.stateName) == ["opened", "worsened"])
    #expect(
      steps.map { $0.incident.attributions.map(\.unit) } == [[], ["late.service"]])
  }

  @Test func `incidents on other metrics than the host's name no units`() throws {
    let bench = try Bench()
    for second in 0..<4 {
      try bench.use("burner.service", cpu: second == 3 ? 15 : 0)
      bench.pass()
      bench.wait(15)
    }
    for _ in 0..<25 {
      bench.deliver(0.9, "pump.flow", from: "pump")
      bench.monitor.keepHouse()
      bench.surveyor?.attend()
      bench.finish()
      bench.wait(1)
    }
    #expect(try #require(bench.opened().first).attributions.isEmpty)
  }

  @Test func `without control groups there is no survey, and the log says so`() throws {
    let bench = try Bench(hasGroups: false)
    #expect(bench.surveyor == nil)
    #expect(bench.log.contains { $0.contains("no control groups in") })
  }
}
