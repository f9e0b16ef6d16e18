import ControlSupport
import Detection
import FoundationEssentials
import Models
import Monitor
import Series
import Testing
import anomalyctl

/// `models` of a daemon, against one that answers on a real socket, and of files.
@Suite struct ModelsCommandTests {
  let folder = Folder()
  let transcript = Transcript()
  private let program = Program(commands: [
    .modelsList, .modelsShow, .modelsFreeze, .modelsUnfreeze, .modelsReset, .modelsSnapshot,
    .modelsSnapshots, .modelsDelete, .modelsRollback, .modelsUnlearn, .modelsExport, .modelsImport,
    .modelsDiff,
  ])

  private func run(_ words: String...) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    return program.run(
      ["models"] + words + ["--socket", folder.socket], console: transcript.console())
  }

  @Test func `lists what has been learnt, and what is frozen`() {
    #expect(run("list") == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(lines[1].contains("25%") && lines[1].hasSuffix("yes"))
    #expect(
      lines[5].contains("frozen since 11-20 14:00Z") || lines[5].contains("frozen since 2026"))
    #expect(run("list", "--frozen", "--json") == 0)
    #expect(transcript.output.contains(#""frozenSince":"2026-11-20T14:00:00.000Z""#))
  }

  @Test func `kinds, metrics and snapshots are completed`() {
    let program = Program(commands: [.train, .tune, .modelsShow, .modelsRollback, .modelsFreeze])
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    func words(_ words: String...) -> [String] {
      let transcript = Transcript()
      #expect(program.run(["complete", "--"] + words, console: transcript.console()) == 0)
      return transcript.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }
    #expect(words("models", "") == ["show", "rollback", "freeze"])
    #expect(words("train", "") == ModelKinds.all.map { $0.name } + ["symbols"])
    #expect(words("train", "w") == ["window"])
    #expect(words("tune", "d") == ["detector"])
    #expect(words("train", "window", "-o", "") == [":files"])
    #expect(words("models", "freeze", "--socket", folder.socket, "m4") == ["m4"])
    #expect(
      words("models", "rollback", "--socket", folder.socket, "--to", "before")
        == ["before-upgrade"])
  }

  @Test func `shows one model in words`() {
    #expect(run("show", "m4") == 0)
    #expect(transcript.output.hasPrefix("m4: model of values, normal\n"))
    #expect(transcript.output.contains("1.5 on average, 25% less than repeating the last value"))
    #expect(run("show", "m44") == 1)
    #expect(transcript.errors.contains("there is no metric 'm44'; did you mean m4?"))
  }

  @Test(arguments: [
    (["freeze", "m1", "m2"], "frozen: m1, m2\nfrozen before: 1 model\n"),
    (["unfreeze", "m1"], "learning again: m1\nnot frozen: 1 model\n"),
    (["reset", "m1"], "reset: m1\n"),
    (["delete", "before-upgrade"], "deleted: snapshot before-upgrade of 2026-11-20 14:00:00 UTC"),
    (["snapshot", "--name", "x"], "kept: snapshot x of 2026-11-20 14:00:00 UTC, 5.0 MB"),
    (
      ["rollback", "--all", "--to", "before-upgrade"],
      "5 models returned to snapshot before-upgrade"
    ),
    (["rollback", "m1", "--to", "2h"], "1 model returned to snapshot auto-20261120T000000Z"),
    (["unlearn", "2h..1h", "m1"], "200 kept samples learnt again\n"),
    (["unlearn", "2h..1h", "--all"], "not rolled back: events and their history"),
  ])
  func `changes are confirmed`(words: [String], part: String) {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let code = program.run(
      ["models"] + words + ["--socket", folder.socket], console: transcript.console())
    #expect(code == 0, "\(transcript.errors)")
    #expect(transcript.output.contains(part), "\(transcript.output)")
  }

  @Test(arguments: [
    (["freeze"], 2, "METRIC"), (["freeze", "x"], 1, "there is no metric 'x'"),
    (["freeze", "["], 2, "every [ closed"), (["rollback", "--all"], 2, "--to"),
    (["rollback", "--to", "x"], 2, "METRIC or --all"),
    (["rollback", "--all", "m1", "--to", "x"], 2, "mutually exclusive"),
    (["rollback", "--all", "--to", "x"], 1, "there is no snapshot 'x'"),
    (["unlearn", "1h..2h", "--all"], 2, "the earlier first"),
    (["unlearn", "x", "--all"], 2, "SINCE..UNTIL"),
    (["snapshot", "--name", "a b"], 2, "at most 64 letters"),
    (["snapshot", "--name", "before-upgrade"], 1, "there is one already"),
    (["export", "m1"], 2, "--output"), (["import", "/nonexistent"], 1, "cannot be read"),
    (["diff", "m1", "x"], 1, "expected the exported state of a metric"),
  ])
  func `mistakes are explained`(words: [String], code: Int, part: String) {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let found = program.run(
      ["models"] + words + ["--socket", folder.socket], console: transcript.console())
    #expect(found == Int32(code))
    #expect(transcript.errors.contains(part), "\(transcript.errors)")
    #expect(transcript.output.isEmpty)
  }

  @Test func `lists snapshots and why they were made`() {
    #expect(run("snapshots") == 0)
    #expect(transcript.output.contains("on schedule"))
    #expect(transcript.output.contains("by a user, kept until deleted"))
    #expect(transcript.output.contains("use 4.0 MB of at most 268 MB (SnapshotBytes=)"))
  }

  @Test func `exported states are compared without a daemon`() throws {
    let monitor = HostMonitor(
      limits: HostMonitor.Limits(metrics: 1, history: 16), hostSeed: 0
    ) { _ in .watch(DetectorConfiguration()) }
    let name = MetricName(sanitizing: "a")
    let id = try #require(monitor.metric(named: name))
    func export(_ file: String, after count: Int, from first: Int = 0) throws -> String {
      for index in first..<count {
        let value = Double(index * index % 13) + (index > 400 ? 100 : 0)
        monitor.receive(Sample(timestamp: Timestamp(seconds: Double(index)), value: value), of: id)
      }
      let model = try #require(
        LearntModels(monitor).export(name, rules: [], at: Timestamp(seconds: 0)))
      let path = "\(folder.path)/\(file)"
      try Data(model.bytes).write(to: URL(filePath: path))
      return path
    }
    let first = try export("first", after: 350)
    let second = try export("second", after: 600, from: 350)
    #expect(program.run(["models", "show", first], console: transcript.console()) == 0)
    #expect(transcript.output.hasPrefix("a: exported 1970-01-01 00:00:00 UTC by anomalyd "))
    #expect(transcript.output.contains("  learnt    from 350 observations, one every 1 s\n"))
    #expect(program.run(["models", "show", "--json", first], console: transcript.console()) == 0)
    #expect(transcript.output.contains(#""metric":"a","rules":[],"seed":1"#))
    #expect(program.run(["models", "diff", first, first], console: transcript.console()) == 0)
    #expect(transcript.output.hasSuffix("no difference in what was learnt\n"))
    #expect(program.run(["models", "diff", first, second], console: transcript.console()) == 0)
    #expect(transcript.output.contains("learnt from 250 samples more: 350, then 600"))
    #expect(transcript.output.contains("usual value: "))
    #expect(transcript.output.contains("network weights: changed by "))
  }
}
