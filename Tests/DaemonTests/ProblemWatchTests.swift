import Config
import Control
import Daemon
import Glibc
import Inputs
import Monitor
import Series
import Support
import Testing

@Suite struct ProblemWatchTests {
  private let textfile = Problem(.textfile, "TextfileMetrics=", "disk full", remedy: "make room")

  private func loss(_ count: Int) -> Problem {
    Problem(.loss, "input app", "drops", remedy: "send less", count: count)
  }

  private func take(
    _ watch: inout ProblemWatch, _ found: [Problem], at seconds: Int
  ) -> [ProblemWatch.Change] {
    watch.take(found, at: Timestamp(seconds: Double(seconds)), awake: .seconds(seconds))
  }

  @Test func `reports a problem once, and its end once`() {
    var watch = ProblemWatch()
    #expect(take(&watch, [], at: 0) == [])
    #expect(take(&watch, [textfile], at: 1) == [.began(textfile)])
    var other = textfile
    other.sentence = "read-only"
    #expect(take(&watch, [other], at: 2) == [], "the same problem in other words")
    let listed = watch.problems(asOf: Timestamp(seconds: 2))
    #expect(listed.map(\.sentence) == ["read-only"])
    #expect(listed.map(\.since) == [Timestamp(seconds: 1)])
    #expect(take(&watch, [], at: 3) == [.ended(other, after: .seconds(2))])
    #expect(take(&watch, [], at: 4) == [])
    #expect(watch.problems(asOf: Timestamp(seconds: 4)).isEmpty)
  }

  @Test(arguments: [Problem.Kind.input, .output, .state, .history])
  func `alternating failure and success is one problem`(kind: Problem.Kind) {
    let problem = Problem(kind, "a part", "disk full", remedy: "make room")
    var watch = ProblemWatch()
    #expect(take(&watch, [problem], at: 0) == [.began(problem)])
    for second in 1..<60 {
      #expect(take(&watch, second % 3 == 0 ? [problem] : [], at: second) == [])
      #expect(watch.problems(asOf: Timestamp(seconds: 0)).count == 1)
    }
    #expect(take(&watch, [], at: 68) == [.ended(problem, after: .seconds(68))])
  }

  @Test func `a loss is over when nothing more has been lost for some time`() {
    var watch = ProblemWatch()
    _ = take(&watch, [], at: 0)
    #expect(take(&watch, [loss(1)], at: 1) == [.began(loss(1))])
    #expect(take(&watch, [loss(5)], at: 500) == [])
    #expect(take(&watch, [loss(5)], at: 1_099) == [])
    #expect(take(&watch, [loss(5)], at: 1_100) == [.ended(loss(5), after: .seconds(1_099))])
    #expect(take(&watch, [loss(5)], at: 1_200) == [], "the count alone is no news")
    #expect(take(&watch, [loss(6)], at: 1_300) == [.began(loss(6))])
  }

  @Test func `losses of an earlier run are not reported again`() {
    var watch = ProblemWatch()
    #expect(take(&watch, [loss(3)], at: 0) == [])
    #expect(take(&watch, [loss(4)], at: 1) == [.began(loss(4))])
  }

  @Test func `a backlog has to last before it is a problem`() {
    let lag = Problem(.lag, "input table", "behind", remedy: "wait")
    var watch = ProblemWatch()
    for second in 0..<60 { #expect(take(&watch, [lag], at: second) == []) }
    #expect(watch.problems(asOf: Timestamp(seconds: 0)).isEmpty)
    #expect(take(&watch, [lag], at: 60) == [.began(lag)])
    _ = take(&watch, [], at: 61)
    #expect(take(&watch, [], at: 70) == [.ended(lag, after: .seconds(70))])
    _ = take(&watch, [lag], at: 80)
    #expect(take(&watch, [], at: 90) == [], "too short to be reported, so its end is not either")
  }

  @Test func `a partial restore is listed for a day`() {
    let restore = Problem(.restore, "saved state", "1 part lost", remedy: "none")
    var watch = ProblemWatch()
    #expect(take(&watch, [restore], at: 0) == [.began(restore)])
    #expect(take(&watch, [restore], at: 86_399) == [])
    #expect(take(&watch, [restore], at: 86_400) == [.ended(restore, after: .seconds(86_400))])
    #expect(take(&watch, [restore], at: 86_401) == [])
  }
}

/// How a whole daemon reports a problem, in all places.
@Suite struct ProblemVoicesTests {
  /// The text of the metrics file as it would be written now.
  private func metrics(_ agent: Daemon) -> String {
    OpenMetrics(agent.report.status()).text(.prometheus)
  }

  @Test func `status, service manager, journal and metrics say the same, once, until it is over`()
    throws
  {
    let stage = Stage()
    stage.settings.outputs = [
      Settings.Component(name: "log", section: stage.fileOutput("later/events"))
    ]
    stage.append(wave(20))
    let words =
      "output log: \(stage.file("later/events")) cannot be opened: No such file or directory"
    let sample = #"anomalyd_problem{kind="output",subject="output log"} 1"#
    try stage.run(steps: [
      { $0.monitor.samples == 20 },
      { agent in
        agent.reload()  // opens the file again
        agent.keepHouse()
        agent.keepHouse()
        #expect(agent.report.status().problems?.map(\.text) == [words])
        #expect(stage.told.last?.contains("; " + words) == true)
        #expect(stage.log.filter { $0.contains(words) }.count == 1)
        #expect(
          metrics(agent).contains(sample) && metrics(agent).contains("\nanomalyd_problems 1\n"))
        mkdir(stage.file("later"), 0o700)
        agent.keepHouse()
        #expect(agent.report.status().problems?.count == 1, "it may fail again at once")
        stage.passed += ProblemWatch.hysteresis
        agent.keepHouse()
        agent.keepHouse()
        let left = agent.report.status().problems ?? []
        #expect(!left.contains { $0.kind == .output })
        #expect(stage.told.last?.contains(words) == false)
        #expect(stage.log.filter { $0.contains("output log: over after") }.count == 1)
        #expect(!metrics(agent).contains(sample))
        return true
      },
    ])
    let cause = words.dropFirst("output log: ".count)
    #expect(stage.log.filter { $0.contains(cause) }.count == 2, "its beginning and its end")
  }

  @Test func `an error that an input has logged is not logged again, but its end is`() throws {
    let stage = Stage()
    mkdir(stage.csv, 0o700)
    let fault = stage.csv
    try stage.run(steps: [
      { $0.report.status().problems?.first?.kind == .input },
      { agent in
        agent.keepHouse()
        let problem = agent.report.status().problems?.first
        #expect(problem?.sentence.contains(fault) == true)
        #expect(stage.log.filter { $0.contains(fault) && !$0.contains("watching") }.count == 1)
        #expect(stage.told.last?.contains("; input table: ") == true)
        rmdir(stage.csv)
        stage.append(wave(10))
        return true
      },
      { $0.monitor.samples == 10 },
      { agent in
        #expect(
          agent.report.status().problems?.map(\.kind) == [.input], "partly failing until then")
        // Its errors are forgotten with it.
        if var table = stage.settings.inputs[0].section as? TableSection {
          table.interval = .milliseconds(7)
          stage.settings.inputs[0].section = table
        }
        agent.reload()
        stage.passed += ProblemWatch.hysteresis
        agent.keepHouse()
        #expect(agent.report.status().problems?.contains { $0.kind == .input } == false)
        #expect(stage.log.filter { $0.contains("input table: over after") }.count == 1)
        return true
      },
    ])
  }

  @Test func `reports that a checkpoint other than the newest is in use`() throws {
    let stage = Stage()
    stage.append(wave(10))
    try stage.run(until: 10) { agent in
      agent.checkpoints.saveNow()
      return 10
    }
    write("trailing", atEndOf: stage.file("state/checkpoint"))
    try stage.run(steps: [
      { agent in
        agent.keepHouse()
        let problems = agent.report.status().problems ?? []
        #expect(problems.map(\.kind) == [.restore])
        #expect(problems[0].sentence.contains("resuming from the previous one"))
        #expect(
          stage.told.last?.contains("; saved state: the newest checkpoint is unusable") == true)
        return true
      }
    ])
    #expect(stage.log.filter { $0.contains("the newest checkpoint is unusable") }.count == 1)
  }
}
