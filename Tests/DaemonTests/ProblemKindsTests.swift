import Config
import Control
import Daemon
import Glibc
import Inputs
import Monitor
import Series
import Support
import Testing

/// Every kind of problem, in every place that reports the daemon's health.
@Suite struct ProblemKindsTests {
  /// The code that detects these logs their beginning, with details.
  private static let loggedElsewhere: Set<Problem.Kind> = [
    .configuration, .restore, .loss, .control,
  ]
  /// A successful reload is logged as such; state lost in a restore stays lost.
  private static let withoutEnd: Set<Problem.Kind> = [.configuration, .restore]
  private static let counted: Set<Problem.Kind> = [.loss, .metrics, .control]

  @Test(arguments: Problem.Kind.allCases)
  func `is reported once everywhere, and its end once`(kind: Problem.Kind) throws {
    let stage = Stage()
    stage.append(wave(5))
    try stage.run(until: 5)
    var status = try #require(stage.status)

    var lines: [String] = []
    var seconds = 0
    var options = Daemon.Options()
    options.clock = { Timestamp(seconds: 1.8e9 + Double(seconds)) }
    options.awakeClock = { .seconds(seconds) }
    options.log = Log(.plain) { lines.append($0) }
    let reporter = ProblemReporter(options: options)
    var problem = Problem(kind, "part x", "is broken", remedy: "mend it")
    if Self.counted.contains(kind) { problem.count = 4 }
    func sample() -> Bool {
      status.problems = reporter.current
      return OpenMetrics(status).text(.openMetrics)
        .contains("\nanomalyd_problem{kind=\"\(kind.rawValue)\",subject=\"part x\"} 1\n")
    }

    reporter.take([])
    for _ in 0..<100 {
      seconds += 1
      reporter.take([problem])
    }
    #expect(reporter.current.map(\.text) == ["part x: is broken"], "status and doctor")
    #expect(reporter.current.first?.since != nil)
    #expect(reporter.text == "; part x: is broken", "the service manager")
    #expect(sample(), "OpenMetrics")
    let begins = lines.filter { $0.contains("part x: is broken; remedy: mend it") }
    #expect(begins.count == (Self.loggedElsewhere.contains(kind) ? 0 : 1), "the journal")
    #expect(lines.count == begins.count)

    for _ in 0..<3 {
      seconds += kind == .restore ? 86_400 : 600
      reporter.take([])
    }
    #expect(reporter.current.isEmpty && reporter.text.isEmpty && !sample())
    let ends = lines.filter { $0.contains("part x: over after ") && $0.hasSuffix("is broken") }
    #expect(ends.count == (Self.withoutEnd.contains(kind) ? 0 : 1))
    #expect(lines.count == begins.count + ends.count)
  }

  /// How a running daemon gets a problem, and how it ends.
  struct Scenario: CustomTestStringConvertible, Sendable {
    var kind: Problem.Kind
    var subject: String
    /// The log line at its beginning, once; and at its end.
    var beginning: String
    var ending: String
    var prepare: @Sendable (Stage) -> Void = { _ in }
    var begin: @Sendable (Stage, Daemon) -> Void = { _, _ in }
    var end: @Sendable (Stage, Daemon) -> Void = { _, _ in }

    var testDescription: String { "\(kind.rawValue) \(subject)" }
  }

  static let scenarios: [Scenario] = [
    Scenario(
      kind: .input, subject: "input table", beginning: "has delivered nothing for longer than 1min",
      ending: "input table: over after",
      prepare: { stage in
        guard var table = stage.settings.inputs[0].section as? TableSection else { return }
        table.stallAfter = .seconds(60)
        stage.settings.inputs[0].section = table
      },
      begin: { stage, agent in stage.pass(.seconds(90), agent) },
      end: { stage, _ in stage.append(wave(40).suffix(20)) }),
    Scenario(
      kind: .delay, subject: "daemon", beginning: "did not run for ", ending: "daemon: over after",
      begin: { stage, agent in
        agent.keepHouse()
        stage.passed += .seconds(20)
        agent.keepHouse()
      },
      end: { stage, agent in stage.pass(.seconds(60), agent) }),
    Scenario(
      kind: .configuration, subject: "daemon", beginning: "expected bar, found nothing",
      ending: "reloaded",
      begin: { stage, agent in
        stage.errors = SettingsErrors([
          SettingsError(
            file: "/etc/x.conf", line: 3, section: "Agent", key: "Foo",
            .missingValue(expected: "bar"))
        ])
        agent.reload()
      },
      end: { stage, agent in
        stage.errors = nil
        agent.reload()
      }),
    Scenario(
      kind: .metrics, subject: "metrics",
      beginning: "metrics: the table of 1 (MaximumMetrics=) is full",
      ending: "metrics: over after",
      prepare: { stage in
        stage.settings.agent.maximumMetrics = 1
        var table = TableSection(paths: stage.file("second.csv"))
        table.interval = .milliseconds(5)
        stage.settings.inputs.append(Settings.Component(name: "second", section: table))
      },
      begin: { stage, _ in
        write("time,one,two\n2026-01-01T00:00:00Z,1,2\n", atEndOf: stage.file("second.csv"))
      },
      end: { stage, agent in stage.pass(.seconds(600), agent) }),
    Scenario(
      kind: .loss, subject: "input app", beginning: "MetricsPerSender=",
      ending: "input app: over after",
      prepare: { stage in
        var socket = SocketSection()
        socket.path = stage.file("metrics.sock")
        socket.flushInterval = .seconds(1)
        socket.metricsPerSender = 1
        stage.settings.inputs.append(Settings.Component(name: "app", section: socket))
      },
      begin: { stage, _ in
        let sender = UnixDatagrams()
        #expect(sender.send(Array("a:1|g\nb:2|g".utf8), to: stage.file("metrics.sock")))
      },
      end: { stage, agent in stage.pass(.seconds(600), agent) }),
    Scenario(
      kind: .textfile, subject: "TextfileMetrics=", beginning: "TextfileMetrics=: ",
      ending: "TextfileMetrics=: over after",
      prepare: { $0.settings.agent.textfileMetrics = $0.file("missing/anomalyd.prom") },
      end: { stage, _ in mkdir(stage.file("missing"), 0o700) }),
    Scenario(
      kind: .state, subject: "state", beginning: "state: the state could not be saved: ",
      ending: "state: over after",
      begin: { stage, agent in
        mkdir(stage.file("state/checkpoint.new"), 0o700)
        agent.checkpoints.saveNow()
      },
      end: { stage, agent in
        rmdir(stage.file("state/checkpoint.new"))
        agent.checkpoints.saveNow()
      }),
    Scenario(
      kind: .output, subject: "output second", beginning: "output second: ",
      ending: "output second: over after",
      prepare: { stage in
        stage.settings.outputs.append(
          Settings.Component(name: "second", section: stage.fileOutput("later/events")))
      },
      begin: { _, agent in agent.reload() },
      end: { stage, _ in mkdir(stage.file("later"), 0o700) }),
  ]

  @Test(arguments: scenarios)
  func `a running daemon reports it once everywhere, and its end once`(scenario: Scenario) throws {
    let stage = Stage()
    scenario.prepare(stage)
    stage.takesMore = true
    stage.append(wave(20))
    let (kind, subject) = (scenario.kind, scenario.subject)
    let metric = "\nanomalyd_problem{kind=\"\(kind.rawValue)\",subject=\"\(subject)\"} 1\n"
    func isListed(_ agent: Daemon) -> Bool {
      agent.report.status().problems?.contains { $0.kind == kind && $0.subject == subject } ?? false
    }
    func metrics(_ agent: Daemon) -> String {
      OpenMetrics(agent.report.status()).text(.openMetrics)
    }
    func logged(_ text: String) -> Int { stage.log.count { $0.contains(text) } }
    var known = 0
    var text = ""
    try stage.run(steps: [
      { $0.monitor.samples >= 20 },
      { agent in
        known = logged(scenario.ending)
        scenario.begin(stage, agent)
        return true
      },
      { agent in
        agent.keepHouse()
        return isListed(agent)
      },
      { agent in
        agent.keepHouse()
        text =
          agent.report.status().problems?.first { $0.kind == kind && $0.subject == subject }?.text
          ?? "?"
        #expect(stage.told.last?.contains("; " + text) == true, "the service manager")
        #expect(metrics(agent).contains(metric), "OpenMetrics")
        #expect(logged(scenario.beginning) == 1, "the journal")
        scenario.end(stage, agent)
        return true
      },
      { agent in
        stage.passed += .seconds(4)
        agent.keepHouse()
        return !isListed(agent)
      },
      { agent in
        agent.keepHouse()
        #expect(stage.told.last?.contains("; " + text) == false)
        #expect(!metrics(agent).contains(metric))
        #expect(logged(scenario.ending) == known + 1)
        return true
      },
    ])
  }
}

extension Stage {
  /// Time passes, second by second, for everything that it makes late.
  fileprivate func pass(_ time: Duration, _ agent: Daemon) {
    let end = passed + time
    while passed < end {
      passed += .seconds(1)
      agent.keepHouse()
    }
  }
}
