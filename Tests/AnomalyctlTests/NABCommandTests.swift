import FoundationEssentials
import Series
import Synchronization
import Testing
import anomalyctl

extension TemporaryFolder {
  /// A synthetic checkout of the benchmark: two series of 1,500 rows, a jump at row 900 in the
  /// middle of a window of the first, a jump outside every window in the second.
  static func withBenchmark() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, jump) in [("one", 900), ("two", 1_000)] {
      let rows = wave(rows: 1_500, jumps: [jump]).map { row in
        "\(row.timestamp.iso8601.prefix(10)) \(row.timestamp.iso8601.dropFirst(11).prefix(8)),"
          + "\(row.value)\n"
      }
      try folder.write("timestamp,value\n" + rows.joined(), to: "data/made/\(name).csv")
    }
    // Rows 890...909: 2023-11-15 13:03:20 to 13:22:20.
    try folder.write(
      """
      {"made/one.csv": [["2023-11-15 13:03:20.000000", "2023-11-15 13:22:20.000000"]],
       "made/two.csv": []}
      """, to: "labels/combined_windows.json")
    try folder.write(
      """
      {"standard": {"CostMatrix":
        {"tpWeight": 1.0, "fnWeight": 1.0, "fpWeight": 0.11, "tnWeight": 1.0}}}
      """, to: "config/profiles.json")
    return folder
  }
}

@Suite struct NABCommandTests {
  private let folder: TemporaryFolder
  private let transcript = Transcript()

  init() throws {
    folder = try .withBenchmark()
  }

  private func run(_ words: String...) -> Int32 {
    Program(commands: [.nab]).run(["nab", folder.path] + words, console: transcript.console())
  }

  private struct Line: Decodable {
    var part: String?
    var files: Int?
    var anomalies: Int?
    var score: Double?
    var scores: [Double?]?
    var hindsight: Double?
    var found: Double?
    var false_alarms: Double?
    var summary: Summary?

    struct Summary: Decodable {
      var samples: Int
      var seeds: [Int]?
      var detector: String?
    }
  }

  private func output() throws -> [Line] {
    try transcript.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test func `scores the detector's events against the labels`() throws {
    #expect(run("--json") == 0)
    #expect(transcript.errors.isEmpty)
    let lines = try output()
    #expect(lines.map(\.part) == ["all", nil])
    #expect(lines[0].files == 2)
    #expect(lines[0].anomalies == 1)
    #expect(lines[0].found == 1)
    // An alarm half-way into the window is worth 0.86 of a hit; the second series costs 0.11.
    let score = try #require(lines[0].score)
    let falseAlarms = try #require(lines[0].false_alarms)
    #expect(falseAlarms >= 1)
    #expect(abs(score - 100 * (0.8598 + 1 - 0.11 * falseAlarms) / 2) < 1)
    #expect(try #require(lines[0].hindsight) >= score)
    #expect(lines[1].summary?.samples == 3_000)
  }

  @Test func `runs once per seed`() throws {
    #expect(run("--json", "--seeds", "3", "--seed", "7") == 0)
    #expect(try output()[0].scores?.count == 3)
    #expect(try output()[1].summary?.seeds == [7, 8, 9])
  }

  @Test func `writes results that give the same score when they are read again`() throws {
    #expect(run("--json", "--results", folder.path + "/results") == 0)
    let own = try #require(try output()[0].score)
    let lines = try folder.lines(of: "results/anomalyd/made/anomalyd_one.csv")
    #expect(lines[0] == "timestamp,value,anomaly_score,label")
    #expect(lines[901].hasPrefix("2023-11-15 13:13:20,"))
    #expect(lines[901].hasSuffix(",1.0,0"))
    #expect(lines.count == 1_501)
    let thresholds = try folder.lines(of: "results/anomalyd_thresholds.json")
    try folder.write(thresholds.joined(separator: "\n"), to: "config/thresholds.json")
    transcript.text.withLock { $0.output = "" }
    #expect(run("--json", "--detector", "anomalyd") == 0)
    #expect(try output()[0].score == own)
    #expect(try output()[1].summary?.detector == "anomalyd")
  }

  @Test func `reports the totals of the parts of a split, or of one of them`() throws {
    try folder.write(
      #"{"development": ["made/one.csv"], "held_out": ["made/two.csv"]}"#, to: "split.json")
    #expect(run("--json") == 0)
    #expect(try output().map(\.part) == ["development", "held_out", "all", nil])
    transcript.text.withLock { $0.output = "" }
    #expect(run("--json", "--only", "development") == 0)
    #expect(try output().map(\.part) == ["development", nil])
    #expect(try output()[1].summary?.samples == 1_500)
  }

  struct Mistake: Sendable {
    var words: [String]
    var code: Int32
    var message: String
  }

  static let mistakes = [
    Mistake(
      words: ["--only", "nothing"], code: 2, message: "there is no part 'nothing', only all"),
    Mistake(
      words: ["--detector", "other"], code: 1,
      message: "thresholds.json: cannot be read: No such file"),
    Mistake(
      words: ["--detector", "other", "--seeds", "2"], code: 2,
      message: "--seeds cannot be combined with --detector"),
    Mistake(
      words: ["--split", "/dev/null"], code: 1,
      message: "/dev/null: not in the benchmark's format"),
    Mistake(words: ["--results", "/proc/none"], code: 1, message: "/proc/none"),
  ]

  @Test(arguments: mistakes)
  func `describes the problem of an input`(mistake: Mistake) {
    let status = Program(commands: [.nab]).run(
      ["nab", folder.path] + mistake.words, console: transcript.console())
    #expect(status == mistake.code)
    #expect(transcript.errors.contains(mistake.message))
    #expect(transcript.output.isEmpty)
  }

  @Test(arguments: [
    ("labels", "found no labels/combined_windows.json"), ("data", "found no data"),
  ])
  func `reports what a directory lacks to be a checkout of the benchmark`(
    part: String, message: String
  ) throws {
    try FileManager.default.removeItem(atPath: "\(folder.path)/\(part)")
    #expect(run() == 2)
    #expect(transcript.errors.contains("expected a checkout of the Numenta Anomaly Benchmark"))
    #expect(transcript.errors.contains(message))
    #expect(transcript.errors.contains("https://github.com/numenta/NAB"))
  }

  @Test func `names the file and the label that do not fit`() throws {
    try folder.write(
      #"{"made/one.csv": [["2023-11-15 13:03:21", "2023-11-15 13:22:20"]]}"#,
      to: "labels/combined_windows.json")
    #expect(run() == 1)
    #expect(
      transcript.errors
        == "anomalyctl: made/one.csv: a label's edge must be the time stamp of exactly one row, "
        + "but 2023-11-15T13:03:21.000Z is that of 0\n")
  }
}
