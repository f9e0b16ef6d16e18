import FoundationEssentials
import Series
import Support
import Testing
import anomalyctl

/// Rows of a noisy wave, one a minute, which jumps by 60 at some rows.
func wave(rows: Int, jumps: Set<Int>) -> [(timestamp: Timestamp, value: Double)] {
  var state: UInt32 = 1
  return (0..<rows).map { row in
    state = state &* 1_664_525 &+ 1_013_904_223
    let noise = Double(state >> 8) / Double(1 << 24)
    let swing = abs(Double(row % 120) / 120 - 0.5) * 10
    return (
      Timestamp(nanoseconds: (1_700_000_000 + Int64(row) * 60) * 1_000_000_000),
      50 + swing + noise + (jumps.contains(row) ? 60 : 0)
    )
  }
}

@Suite struct BacktestCommandTests {
  private let folder: TemporaryFolder
  private let transcript = Transcript()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func run(_ words: String...) -> Int32 {
    Program(commands: [.backtest]).run(["backtest"] + words, console: transcript.console())
  }

  private func csv(_ rows: [(timestamp: Timestamp, value: Double)], epoch: Bool) -> String {
    rows.reduce(into: "time,cpu\n") { text, row in
      let time = epoch ? "\(Int(row.timestamp.seconds))" : row.timestamp.iso8601
      text += "\(time),\(row.value)\n"
    }
  }

  private struct Line: Decodable {
    var metric: String?
    var muted_by: String?
    var incident: Incident?
    var budget: Double?
    var incidents: Int?
    var share_of_budget: Double?

    struct Incident: Decodable {
      var id: String
      var metrics: [String]?
      var severity: String?
      var size: Int?
    }

    var opened: String?
    var closed: String?
    var reason: String?
    var summary: Summary?

    struct Summary: Decodable {
      var files: Int
      var failed_files: Int
      var samples: Int
      var gaps: Int
      var malformed: Int
      var events: Int
      var open_events: Int
      var days: Double
    }
  }

  private func output() throws -> [Line] {
    try transcript.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test func `prints events as JSON lines and a summary, with closed null at the end`() throws {
    let file = try folder.write(
      csv(wave(rows: 1_500, jumps: [900, 1_490]), epoch: true), to: "host.csv")
    #expect(run("--json", file) == 0)
    let lines = try output()
    #expect(lines.count == 5)
    #expect(lines[0].metric == "host.cpu")
    #expect(lines[0].opened == "2023-11-15T13:13:20.000Z")
    #expect(lines[0].closed != nil)
    #expect(lines[1].closed == nil)
    #expect(transcript.output.contains("\"closed\":null,"))
    let summary = try #require(lines.last?.summary)
    #expect(summary.samples == 1_500)
    #expect(summary.events == 2)
    #expect(summary.open_events == 1)
    #expect(abs(summary.days - 1499.0 / 1440) < 1e-9)
    #expect(transcript.errors.isEmpty)
  }

  @Test func `prints the events in a table and explains them`() throws {
    let file = try folder.write(csv(wave(rows: 1_500, jumps: [900]), epoch: false), to: "host.csv")
    #expect(run(file) == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines[0].hasPrefix("opened (UTC)         closed    value  expected  band "))
    #expect(lines[1].hasPrefix("2023-11-15 13:13:20  1"))
    #expect(lines[1].contains("the value is far from "))
    #expect(try #require(lines.last).hasPrefix("1,500 samples, 1 event (one in 1.041 days), took "))
  }

  @Test func `explains reasons below the table if the terminal is narrow`() throws {
    let file = try folder.write(csv(wave(rows: 1_500, jumps: [900]), epoch: false), to: "host.csv")
    let words = ["backtest", file]
    #expect(Program(commands: [.backtest]).run(words, console: transcript.console(width: 80)) == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    let reason = try #require(lines[1].split(separator: " ").last)
    #expect(lines[2].hasPrefix("\(reason): the value is far from "))
  }

  @Test func `names the metric of each event if there are several`() throws {
    let rows = wave(rows: 1_500, jumps: [900])
    let text = rows.reduce(into: "time,a,b\n") {
      $0 += "\($1.timestamp.iso8601),\($1.value),\(100 - $1.value)\n"
    }
    #expect(run(try folder.write(text, to: "host.csv")) == 0)
    let lines = transcript.output.split(separator: "\n")
    // First the messages that outputs would have received: the opening and the close of one
    // incident.
    #expect(lines[0].contains(" ANOMALY incident "))
    #expect(lines[0].contains(": host unusual (2 metrics): host."))
    #expect(lines[1].contains(" is over after "))
    #expect(lines[3].contains("  host.a  "))
    #expect(lines[4].contains("  host.b  "))
    #expect(try #require(lines.last).contains(", 2 messages instead of "))
    #expect(
      try #require(lines.last).hasPrefix(
        "3,000 samples of 2 metrics, 2 events in 1 incident (one in "))
  }

  @Test func `judges the order of events thread by thread`() throws {
    var text = "time,id,task\n"
    var ids = ["open", "read", "read", "close"]
    for row in 0..<6_000 {
      let second = 1_700_000_000 + row
      if row == 5_001 { ids = ["open", "close", "read", "read"] }
      if row == 5_004 { ids = ["open", "read", "read", "close"] }
      text += "\(second),\(ids[row % 4]),a\n\(second).5,tick,b\n"
    }
    let file = try folder.write(text, to: "trace.csv")
    #expect(run("--json", "--events", "id", "--thread", "task", file) == 0)
    let lines = try output()
    let summary = try #require(lines.last?.summary)
    #expect(summary.samples == 12_000)
    #expect(lines.contains { $0.metric == "trace.a" && $0.reason == "symbol" })
    #expect(!lines.contains { $0.metric == "trace.b" })
    #expect(transcript.output.contains(#""previous":"open""#))
  }

  @Test(arguments: [
    (["--thread", "task"], "--thread needs --events"),
    (["--events", "id", "--column", "2"], "--column selects values, --events ids of trace events"),
  ])
  func `refuses incompatible options`(options: [String], reason: String) throws {
    let file = try folder.write("time,id\n1700000000,a\n", to: "trace.csv")
    let words = ["backtest"] + options + [file]
    #expect(Program(commands: [.backtest]).run(words, console: transcript.console()) == 2)
    #expect(transcript.errors.contains(reason))
  }

  @Test func `finds fewer events under a larger budget`() throws {
    let file = try folder.write(csv(wave(rows: 1_500, jumps: [900]), epoch: true), to: "host.csv")
    #expect(run("--json", "--budget", "1e9", file) == 0)
    #expect(try #require(try output().last?.summary).events <= 1)
    #expect(run("--budget", "3", file) == 2)
    #expect(transcript.errors.contains("--budget"))
  }

  @Test(arguments: [(true, "1700054000,"), (false, "2023-11-15T13:13:20.000Z,")])
  func `writes every sample with its score, in the file's own kind of time`(
    epoch: Bool, time: String
  ) throws {
    let rows = wave(rows: 1_000, jumps: [900])
    let file = try folder.write(csv(rows, epoch: epoch), to: "host.csv")
    #expect(run(file, "--scores", folder.path + "/scores.csv") == 0)
    let lines = try folder.lines(of: "scores.csv")
    #expect(lines.count == 1_001)
    #expect(lines[0] == "timestamp,value,expected,lower,upper,score,level,state,event")
    #expect(lines[1].hasSuffix(",warming,0"))
    #expect(lines[901].hasPrefix(time + "\(rows[900].value),"))
    #expect(lines[901].hasSuffix(",anomalous,1"))
    #expect(
      lines.dropFirst().allSatisfy {
        $0.split(separator: ",", omittingEmptySubsequences: false).count == 9
      })
  }

  @Test func `writes the scores of several series into a folder, one file each`() throws {
    let rows = wave(rows: 400, jumps: [])
    let one = try folder.write(csv(rows, epoch: true), to: "one.csv")
    let two = try folder.write(csv(rows, epoch: true), to: "two.csv")
    #expect(run(one, two, "--scores", folder.path + "/out/deep") == 0)
    #expect(try folder.lines(of: "out/deep/one.cpu.csv").count == 401)
    #expect(try folder.lines(of: "out/deep/two.cpu.csv").count == 401)
  }

  @Test func `refuses to mix the scores of two series in one file`() throws {
    let file = try folder.write("time,a,b\n1700000000,1,2\n1700000060,1,2\n", to: "host.csv")
    #expect(run(file, "--scores", folder.path + "/scores.csv") == 1)
    #expect(transcript.errors.contains("can hold the scores of one metric only, found 2"))
    let other = try folder.write("time,a\n1700000000,1\n", to: "other/host.csv")
    #expect(run(file, other, "--scores", folder.path + "/out") == 2)
    #expect(transcript.errors.contains("have the same name"))
  }

  @Test func `continues with the other files when one cannot be read, and fails at the end`() throws
  {
    let good = try folder.write(csv(wave(rows: 400, jumps: []), epoch: true), to: "good.csv")
    let missing = folder.path + "/missing.csv"
    #expect(run("--json", missing, good) == 1)
    let summary = try #require(try output().last?.summary)
    #expect(summary.files == 1)
    #expect(summary.failed_files == 1)
    #expect(summary.samples == 400)
    #expect(
      transcript.errors == "anomalyctl: \(missing): cannot open: No such file or directory\n")
  }

  @Test func `counts malformed lines and gaps and says where the first one is`() throws {
    var lines = csv(wave(rows: 50, jumps: []), epoch: true).split(separator: "\n").map(String.init)
    lines[10] = "1700000540,"
    lines[20] = "yesterday,5"
    lines[30] = "1,2,3"
    let file = try folder.write(lines.joined(separator: "\n") + "\n", to: "host.csv")
    #expect(run("--json", file) == 0)
    let summary = try #require(try output().last?.summary)
    #expect(summary.malformed == 2)
    #expect(summary.gaps == 1)
    #expect(summary.samples == 48)
    #expect(transcript.errors.contains("host.csv:21: "))
    #expect(transcript.errors.contains("host.csv:31: "))
  }

  @Test func `skips a row that goes back in time, as the daemon does, and reports it`() throws {
    var rows = wave(rows: 50, jumps: [])
    rows.swapAt(20, 21)
    let file = try folder.write(csv(rows, epoch: true), to: "host.csv")
    #expect(run("--json", file) == 0)
    let summary = try #require(try output().last?.summary)
    #expect(summary.samples == 49)
    #expect(summary.malformed == 1)
    #expect(transcript.errors.contains("host.csv:23: expected a time after "))
    #expect(run("--json", "--as-recorded", file) == 0)
    #expect(try output().last?.summary?.samples == 50)
  }

  @Test func `files and columns are one host: overlapping events form one incident`() throws {
    let one = try folder.write(
      csv(wave(rows: 2_000, jumps: [900, 1_800]), epoch: true), to: "a.csv")
    let two = try folder.write(csv(wave(rows: 2_000, jumps: [902]), epoch: true), to: "b.csv")
    #expect(run("--json", one, two) == 0)
    let lines = try output()
    let events = lines.filter { $0.metric != nil }
    #expect(events.map(\.metric) == ["a.cpu", "b.cpu", "a.cpu"])
    #expect(events.map { $0.incident?.size } == [2, 2, 1])
    let incidents = lines.compactMap { $0.incident?.metrics }
    #expect(incidents == [["a.cpu", "b.cpu"], ["a.cpu"]])
    #expect(run(one, two) == 0)
    #expect(transcript.output.contains(": a unusual, b with it (2 metrics): a.cpu "))
  }

  @Test func `a metric that two files have is refused for the second one`() throws {
    let text = csv(wave(rows: 50, jumps: []), epoch: true)
    let one = try folder.write(text, to: "one/host.csv")
    let two = try folder.write(text, to: "two/host.csv")
    #expect(run("--json", one, two) == 1)
    #expect(transcript.errors.contains("\(two): host.cpu comes from \(one) already"))
    #expect(try output().last?.summary?.samples == 50)
  }

  @Test func `goes by the configuration: budget, rules and silences`() throws {
    let file = try folder.write(
      csv(wave(rows: 2_000, jumps: [900, 1_800]), epoch: true), to: "a.csv")
    let configuration = try folder.write(
      """
      [Detector]
      AlarmBudget=1/day
      [Metric a.*]
      Severity=critical
      [Silence night]
      Schedule=2023-11-15 13:10 UTC
      Duration=1d
      """, to: "anomalyd.conf")
    #expect(run("--json", "--config", configuration, file) == 0)
    let events = try output().filter { $0.metric != nil }
    #expect(events.map(\.muted_by) == ["night", "night"])
    #expect(transcript.output.contains(#""severity":"critical""#))
    #expect(transcript.output.contains(#""host_budget_per_day":1"#))
  }

  @Test func `compares budgets`() throws {
    let file = try folder.write(
      csv(wave(rows: 2_000, jumps: [900, 1_800]), epoch: true), to: "a.csv")
    #expect(run("--json", "--budgets", "0.5,2", file) == 0)
    let lines = try output()
    #expect(lines.map(\.budget) == [0.5, 2])
    #expect(lines.allSatisfy { $0.incidents == 2 })
    #expect(run("--budgets", "0.5,2", file) == 0)
    #expect(transcript.output.contains("2,000 samples of 1 metric, 1.2 days after the warm-up"))
    for wrong in [["--budgets", "0.5,x"], ["--budgets", "1", "--budget", "100"]] {
      let words = ["backtest"] + wrong + [file]
      #expect(Program(commands: [.backtest]).run(words, console: transcript.console()) == 2)
    }
  }

  /// Fifteen stretches of eleven days without incidents, as if one host had them all.
  @Test(.enabled(if: Needs.sharedData.isMet, "\(Needs.sharedData)"))
  func `a host without incidents has as many false alarms as its budget allows`() throws {
    let folder = SharedData.path("data/kpi_web_clean")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .map { "\(folder)/\($0)" }
    let words = ["backtest", "--json", "--budgets", "2", "--align-starts", "--column", "value"]
    #expect(Program(commands: [.backtest]).run(words + files, console: transcript.console()) == 0)
    #expect((0.5...2).contains(try #require(try output().first?.share_of_budget)))
  }

  /// Between 03:05 and 03:40, thirteen nights in a row.
  @Test(.enabled(if: Needs.sharedData.isMet, "\(Needs.sharedData)"))
  func `a nightly job alarms three times, and other anomalies still alarm`() throws {
    let name = "data/nab/data/realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv"
    let words = ["backtest", "--json", "--budget", "5000", SharedData.path(name)]
    #expect(Program(commands: [.backtest]).run(words, console: transcript.console()) == 0)
    let alarms = transcript.output.split(separator: "\n").compactMap { line -> String? in
      let event = try? JSONDecoder().decode(BacktestEvent.self, from: Data(line.utf8))
      return event.flatMap { $0.severity == "info" ? nil : $0.opened }
    }
    #expect(alarms.count { $0.contains("T03:") } <= 3)
    // The labelled windows begin at these times or before.
    for opening in ["2014-02-26T22", "2014-02-27T17"] {
      #expect(alarms.contains { $0.hasPrefix(opening) })
    }
  }

  @Test func `prints no table when nothing could be read`() {
    #expect(run(folder.path) == 1)
    #expect(transcript.output.isEmpty)
    #expect(transcript.errors.contains("expected a regular file, found a directory"))
  }
}

private struct BacktestEvent: Decodable {
  var opened, severity: String
}
