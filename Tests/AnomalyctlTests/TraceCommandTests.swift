import FoundationEssentials
import Testing
import anomalyctl

/// `synthesize --threads`, `train symbols` and `evaluate` with such a model, on files.
@Suite struct TraceCommandTests {
  private let folder: TemporaryFolder
  private let transcript = Transcript()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func run(_ words: String...) -> Int32 {
    Program(commands: [.train, .evaluate, .modelsShow, .synthesize])
      .run(words, console: transcript.console())
  }

  private struct Line: Decodable {
    struct Detection: Decodable {
      var because: String?
    }
    struct Summary: Decodable {
      struct Events: Decodable {
        var anomalies: Int
        var found: Int
      }
      var events: Events
      var false_alarms_per_budget: Double?
    }
    var file: String?
    var detections: [Detection]?
    var summary: Summary?
  }

  @Test func `a synthetic trace is learnt, and its faults are found and explained`() throws {
    let (trace, faults) = (folder.path + "/made.csv", folder.path + "/faults.csv")
    let model = folder.path + "/made.model"
    #expect(
      run(
        "synthesize", "--threads", "2", "--rows", "9000", "--anomaly", "foreign:3", "--anomaly",
        "reordered:3", "-o", trace, "--intervals", faults) == 0)
    #expect(transcript.output.contains("2 threads") && transcript.output.contains("12 anomalies"))
    #expect(try folder.lines(of: "faults.csv").count == 13)
    #expect(
      run(
        "train", "symbols", trace, "--events", "event", "--thread", "thread", "--first", "4500",
        "--epochs", "2", "-o", model) == 0)
    #expect(transcript.output.contains("symbols of 2 threads, 9,000 events"))
    #expect(run("models", "show", model) == 0)
    #expect(transcript.output.contains("one alarm per 5,000 normal trace events"))
    #expect(
      run("evaluate", "--json", "--model", model, "--skip", "4500", "--labels", faults, trace) == 0)
    let lines = try transcript.output.split(separator: "\n").suffix(3).map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(Set(lines.compactMap(\.file)) == [trace + ":t0", trace + ":t1"])
    let summary = try #require(lines.last?.summary)
    #expect(summary.events.anomalies == 12 && summary.events.found >= 9)
    #expect(try #require(summary.false_alarms_per_budget) < 6)
    let reasons = lines.flatMap { $0.detections ?? [] }.compactMap(\.because)
    #expect(reasons.contains { $0.hasPrefix("sent event") || $0.hasPrefix("sent its last") })
  }

  @Test func `options without meaning for a trace are refused`() throws {
    let file = try folder.write("time,event\n1,a\n2,b\n", to: "short.csv")
    let model = folder.path + "/m.model"
    #expect(run("train", "symbols", file, "-o", model, "--units", "8") == 2)
    #expect(transcript.errors.contains("--units does not apply to trace models"))
    #expect(run("train", "symbols", file, "-o", model) == 1)
    #expect(transcript.errors.contains("at least 2,000 trace events, found 2 at most"))
    #expect(run("train", "window", file, "-o", model, "--thread", "event") == 2)
    #expect(transcript.errors.contains("--thread applies to traces only"))
    #expect(run("synthesize", "--threads", "2", "--like", file, "-o", model) == 2)
    #expect(transcript.errors.contains("--like does not apply to traces"))
    #expect(run("synthesize", "--threads", "2", "--anomaly", "spike", "-o", model) == 2)
  }
}
