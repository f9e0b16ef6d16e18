import FoundationEssentials
import Series
import Testing
import anomalyctl

/// `train`, `models show` and `evaluate`, on files.
@Suite struct ModelCommandTests {
  private let folder: TemporaryFolder
  private let transcript = Transcript()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func run(_ words: String...) -> Int32 {
    Program(commands: [
      .train, .evaluate, .modelsShow, .compare, .plot, .report, .synthesize, .tune,
    ]).run(
      words, console: transcript.console())
  }

  /// Rows of a noisy wave, a minute apart, with a labelled anomaly at `broken`.
  private func csv(rows: Int, broken: Range<Int> = 0..<0, labels: Bool = true) throws -> String {
    var state: UInt32 = 1
    var text = "time,cpu,flat" + (labels ? ",label" : "") + "\n"
    for row in 0..<rows {
      state = state &* 1_664_525 &+ 1_013_904_223
      let noise = Double(state >> 8) / Double(1 << 24)
      let swing = abs(Double(row % 40) / 40 - 0.5) * 20
      let value = 50 + (broken.contains(row) ? 30 : swing) + noise
      let time = Timestamp(nanoseconds: (1_700_000_000 + Int64(row) * 60) * 1_000_000_000)
      text +=
        "\(time.iso8601),\(value),7" + (labels ? ",\(broken.contains(row) ? 1 : 0)" : "") + "\n"
    }
    return text
  }

  private func train(_ kind: String = "window", _ more: String...) throws -> String {
    let file = try folder.write(csv(rows: 900), to: "train.csv")
    let output = folder.path + "/m.model"
    let words =
      ["train", kind, file, "-o", output, "--units", "16", "--window", "16", "--epochs", "8"]
      + ["--horizon", "4"] + more
    #expect(Program(commands: [.train]).run(words, console: transcript.console()) == 0)
    return output
  }

  private struct Summary: Decodable {
    struct Inner: Decodable {
      struct Score: Decodable {
        var anomalies: Int?
        var found: Int?
        var true_positives: Int?
        var false_negatives: Int?
      }
      var events: Score
      var points: Score
      var auc_pr: Double?
    }
    var summary: Inner
  }

  private func summary() throws -> Summary.Inner {
    let line = try #require(transcript.output.split(separator: "\n").last)
    return try JSONDecoder().decode(Summary.self, from: Data(line.utf8)).summary
  }

  @Test(arguments: ["forecaster", "autoencoder", "window"])
  func `a trained model finds a labelled anomaly`(kind: String) throws {
    let model = try train(kind)
    #expect(transcript.output.contains("\(kind) of 1 column, 16 units"))
    #expect(transcript.errors.contains("flat is constant: left out"))
    #expect(transcript.errors.contains("label holds labels: left out"))
    let file = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    #expect(run("evaluate", "--json", "--model", model, file) == 0)
    let found = try summary()
    #expect(found.events.anomalies == 1 && found.events.found == 1)
    #expect(try #require(found.auc_pr) > 0.3)
    #expect(run("evaluate", "--model", model, file) == 0)
    #expect(transcript.output.contains("1 of 1 anomalies found"))
  }

  @Test func `a classifier learns from labels and needs them`() throws {
    let train = try folder.write(csv(rows: 900, broken: 300..<380), to: "labelled.csv")
    let model = folder.path + "/c.model"
    let sizes = ["--units", "8", "--window", "16", "--epochs", "20", "-o", model]
    let program = Program(commands: [.train])
    #expect(
      program.run(["train", "classifier", train] + sizes, console: transcript.console()) == 0)
    #expect(transcript.errors.contains("label holds labels: learnt from as labels"))
    let test = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    #expect(run("evaluate", "--json", "-m", model, test) == 0)
    let found = try summary()
    #expect(found.events.found == 1 && (found.points.true_positives ?? 0) > 20)
    let plain = try folder.write(csv(rows: 300, labels: false), to: "plain.csv")
    #expect(
      program.run(["train", "classifier", plain] + sizes, console: transcript.console()) == 1)
    #expect(transcript.errors.contains("found 0 normal and 0 anomalous rows"))
    #expect(run("models", "show", model) == 0)
    #expect(transcript.output.contains("the best point F1 in training"))
  }

  @Test func `training rows do not count unless requested`() throws {
    let model = try train()
    #expect(run("evaluate", "--model", model, folder.path + "/train.csv") == 0)
    #expect(transcript.output.contains("900 used for training, not counted"))
    #expect(
      run("evaluate", "--include-training", "--model", model, folder.path + "/train.csv") == 0)
    #expect(!transcript.output.split(separator: "\n").last!.contains("used for training"))
  }

  @Test func `labels may be intervals, and scores are written to a directory`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 600, broken: 400..<430, labels: false), to: "test.csv")
    let at = { (row: Int64) in
      Timestamp(nanoseconds: (1_700_000_000 + row * 60) * 1_000_000_000).iso8601
    }
    let labels = try folder.write(
      "start,end\n\(at(400)),\(at(429))\n\(at(10_000)),\(at(10_001))\n", to: "labels.csv")
    let scores = folder.path + "/scores"
    #expect(
      run(
        "evaluate", "--json", "-m", model, "--labels", labels, "--scores", scores, file) == 0)
    let found = try summary()
    #expect(found.events.anomalies == 1)
    #expect((found.points.true_positives ?? 0) + (found.points.false_negatives ?? 0) == 30)
    let lines = try folder.lines(of: "scores/test.csv")
    #expect(lines.count == 601 && lines[0] == "timestamp,score,alarm,label")
    #expect(lines[401].hasSuffix(",1"))
    let wrong = try folder.write("start,end\n2024-01-02,2024-01-01\n", to: "wrong.csv")
    #expect(run("evaluate", "-m", model, "--labels", wrong, file) == 1)
    #expect(transcript.errors.contains("wrong.csv:2: expected 'start,end'"))
  }

  @Test func `without labels nothing is scored`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 300, labels: false), to: "test.csv")
    #expect(run("evaluate", "-m", model, file) == 0)
    #expect(transcript.output.contains("no labels: not scored"))
  }

  @Test func `a model is described`() throws {
    let model = try train("forecaster", "--threshold", "quantile:0.99:1.5", "--seed", "9")
    #expect(run("models", "show", model) == 0)
    #expect(transcript.output.contains("train.csv, 900 rows"))
    #expect(transcript.output.contains("beyond 1.5 times the quantile 0.99"))
    #expect(run("models", "show", "--json", model) == 0)
    #expect(transcript.output.contains("\"seed\":9"))
  }

  @Test func `damaged models, missing columns and impossible requests say what is wrong`() throws {
    let model = try train()
    let other = try folder.write("time,disk\n2024-01-01T00:00:00Z,1\n", to: "other.csv")
    #expect(run("evaluate", "-m", model, other) == 1)
    #expect(transcript.errors.contains("found none named 'cpu'"))
    #expect(run("evaluate", "-m", other, other) == 1)
    #expect(transcript.errors.contains("expected a model written by 'anomalyctl train'"))
    #expect(run("train", "forecastor", other, "-o", model) == 2)
    #expect(transcript.errors.contains("did you mean 'forecaster'"))
    #expect(run("train", "window", other) == 2)
    #expect(run("train", "window", other, "-o", "/nowhere/m.model") == 1)
    #expect(transcript.errors.contains("/nowhere/m.model: cannot be written"))
    #expect(run("train", "window", other, "-o", model, "--threshold", "magic") == 2)
    #expect(run("train", "window", other, "-o", model) == 1)
  }

  @Test func `a run directory records what was run and can be compared`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    let runFolder = folder.path + "/run"
    #expect(run("evaluate", "-m", model, "--run", runFolder, "--join", "20", file) == 0)
    let described = try folder.lines(of: "run/run.json").joined()
    for text in ["\"join\":[\"20\"]", "\"seed\":1", "\"instruction_set\":", "test.csv"] {
      #expect(described.contains(text), "\(described)")
    }
    let results = try folder.lines(of: "run/results.csv")
    #expect(results.count == 2 && results[1].contains("test.csv,scored,600,1,1,"))
    #expect(try folder.lines(of: "run/events.csv")[1].contains(",found,"))
    #expect(try folder.lines(of: "run/scores/test.csv").count == 601)

    #expect(run("compare", "-m", model, "--run", runFolder, file) == 0)
    #expect(transcript.output.contains("Difference: event-f1 of the first minus that of the row"))
    #expect(run("compare", "--json", "-m", model, "--baseline", "all", file) < 2)
    #expect(transcript.output.contains("\"name\":\"seasonal-naive\""))
    #expect(run("compare", "-m", model, file) == 2)
    #expect(transcript.errors.contains("at least two detectors are required"))
    #expect(run("compare", "-m", model, "--baseline", "pcb", file) == 2)
    let shorter = try folder.write(csv(rows: 500, broken: 400..<430), to: "short/test.csv")
    #expect(run("compare", "-m", model, "--run", runFolder, shorter) == 1)
    #expect(transcript.errors.contains("expected 500 rows"))
  }

  @Test func `reports how alarms were matched and which choices are in hindsight`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    let quiet = try folder.write(
      "start,end\n2023-11-14T22:13,2023-11-14T23:13\n", to: "ignore.csv")
    #expect(run("evaluate", "-m", model, "--ignore", quiet, "--tolerance", "3", file) == 0)
    for text in [
      "Matched: an anomaly is found if a row in it or up to 3 rows after it alarms",
      "best in hindsight", "(budget 0.288)", "Values inside the 95% band, by rows ahead:",
      "ignored",
      "VUS-PR", "affiliation",
    ] {
      #expect(transcript.output.contains(text), "\(text)")
    }
  }

  @Test func `recordings, models and labels are drawn and described on a page`() throws {
    let model = try train("forecaster")
    let file = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    #expect(run("plot", file) == 0)
    #expect(transcript.output.contains("labelled anomaly") && transcript.output.contains("cpu"))
    let picture = folder.path + "/test.svg"
    #expect(run("plot", "-m", model, "-m", model, file, "-o", picture) == 0)
    let svg = try folder.lines(of: "test.svg").joined()
    #expect(svg.contains("95% band") && svg.contains("class=\"label\""))
    #expect(svg.contains("score of \(model)"))
    #expect(run("plot", "-m", model, file, file, "-o", folder.path + "/pictures") == 0)
    #expect(try !folder.lines(of: "pictures/test.svg").isEmpty)
    #expect(run("plot", "--show", "gpu", file) == 1)

    let page = folder.path + "/test.html"
    #expect(run("report", "-m", model, "--baseline", "all", file, "-o", page) == 0)
    let html = try folder.lines(of: "test.html").joined()
    for text in [
      "Loss by epoch", "class=\"confusion\"", "seasonal-naive", "<h2>Anomalies and detections</h2>",
      "matched: an anomaly is found",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(run("report", "-m", model, file) == 2)
  }

  @Test func `a recording is synthesized with labels, and its anomalies are found`() throws {
    let (made, intervals) = (folder.path + "/made.csv", folder.path + "/made.intervals.csv")
    #expect(
      run(
        "synthesize", "-o", made, "--intervals", intervals, "--rows", "2000", "--season", "50:10",
        "--anomaly", "spike:3:1:30", "--anomaly", "level:1:50") == 0)
    #expect(transcript.output.contains("2,000 rows, 4 anomalies"))
    let lines = try folder.lines(of: "made.csv")
    #expect(lines.count == 2001 && lines[0] == "timestamp,value,label")
    #expect(lines.count { $0.hasSuffix(",1") } == 53)
    #expect(try folder.lines(of: "made.intervals.csv").count { $0.hasSuffix(",spike") } == 3)
    #expect(run("compare", "--baseline", "all", "--labels", intervals, made) < 2)
    let like = folder.path + "/like.csv"
    #expect(run("synthesize", "--like", made, "-o", like, "--seed", "4") == 0)
    #expect(try folder.lines(of: "like.csv").count == 2001)
    for wrong in [["--anomaly", "spikes"], ["--season", "5"], ["--noise", "pink"], []] {
      let words = ["synthesize"] + (wrong.isEmpty ? [] : ["-o", made]) + wrong
      #expect(Program(commands: [.synthesize]).run(words, console: transcript.console()) == 2)
    }
  }

  @Test func `parameters are tuned, kept and reported, with labels and without`() throws {
    let file = try folder.write(csv(rows: 1500, broken: 1400..<1430), to: "long.csv")
    let state = folder.path + "/trials"
    let words = [
      "tune", "window", file, "--parameter", "units=4:16", "--window", "8", "--horizon", "2",
      "--epochs", "3", "--state", state,
    ]
    let program = Program(commands: [.tune])
    let plain = try folder.write(csv(rows: 1000, labels: false), to: "plain.csv")
    #expect(
      program.run(
        words.map { $0 == file ? plain : $0 } + ["--trials", "3"], console: transcript.console())
        == 0)
    #expect(transcript.output.contains("log-likelihood"))
    #expect(try folder.lines(of: "trials").count == 3)
    #expect(
      program.run(
        words.map { $0 == file ? plain : $0 } + ["--trials", "5"], console: transcript.console())
        == 0)
    #expect(transcript.errors.contains("3 trials loaded: continuing"))
    #expect(transcript.output.contains("Importance, as") && transcript.output.contains("--units"))
    #expect(transcript.output.contains("Held out, the last 20% of the rows, judged once"))
    #expect(
      program.run(
        ["tune", "window", plain, "--parameter", "batch", "--state", state],
        console: transcript.console()) == 1)
    #expect(transcript.errors.contains("choose another --state"))
    #expect(run("tune", "detector", plain) == 1)
    let labelled = try folder.write(
      csv(rows: 3000, broken: 2000..<2030), to: "labelled.csv")
    #expect(
      run(
        "tune", "detector", labelled, "--column", "cpu", "--labels", "label", "--trials", "4") == 0)
    #expect(transcript.output.contains("[Metric cpu]"))
    #expect(transcript.output.contains("AlarmBudget=") && transcript.output.contains("Merge="))
  }

  @Test func `several models judge together`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 600, broken: 400..<430), to: "test.csv")
    let score = { (name: String) in
      try folder.lines(of: name).dropFirst().map { line -> Double in
        Double(line.split(separator: ",", omittingEmptySubsequences: false)[1]) ?? .nan
      }
    }
    #expect(run("evaluate", "-m", model, "--scores", folder.path + "/one", file) == 0)
    let other = folder.path + "/other.model"
    #expect(
      run(
        "train", "window", folder.path + "/train.csv", "-o", other, "--units", "8", "--window",
        "16", "--epochs", "4", "--seed", "2") == 0)
    #expect(run("evaluate", "-m", other, "--scores", folder.path + "/two", file) == 0)
    #expect(
      run("evaluate", "-m", model, "-m", other, "--scores", folder.path + "/both", file) == 0)
    let (one, two, both) = (
      try score("one/test.csv"), try score("two/test.csv"), try score("both/test.csv")
    )
    for row in 410..<420 {
      let expected = (one[row] * two[row]).squareRoot()
      #expect(abs(both[row] - expected) < 1e-6 * max(1, expected), "\(row)")
    }
  }

  @Test func `the daemon's events are labels by their feedback`() throws {
    let model = try train()
    let file = try folder.write(csv(rows: 600, broken: 400..<430, labels: false), to: "test.csv")
    let at = { (row: Int64) in
      Timestamp(nanoseconds: (1_700_000_000 + row * 60) * 1_000_000_000).iso8601
    }
    func event(_ first: Int64, _ last: Int64, _ judgement: String?) -> String {
      let id = "019aa2c4-5f10-7abc-8def-0123456789a\(first % 10)"
      let feedback =
        judgement.map {
          ", \"feedback\": {\"event\": \"\(id)\", \"judgement\": \"\($0)\", \"at\": \"\(at(last))\", "
            + "\"user\": 0, \"note\": \"\"}"
        } ?? ""
      return """
        {"state": "closed", "closed": "\(at(last))", "sentence": "", "recorded": "\(at(last))",
         "event": {"id": "\(id)", "metric": "cpu", "began": "\(at(first))",
         "opened": "\(at(first))", "score": 4, "peakScore": 5, "peakAt": "\(at(first))",
         "severity": "error", "direction": "high", "reason": "jump", "explanation": ""}\(feedback)}
        """.replacing("\n", with: "")
    }
    let events = try folder.write(
      [event(400, 429, "confirmed"), event(100, 104, "falseAlarm"), event(200, 219, nil)]
        .joined(separator: "\n"), to: "events.jsonl")
    #expect(run("evaluate", "--json", "-m", model, "--labels", events, file) == 0)
    let found = try summary()
    #expect(found.events.anomalies == 1 && found.events.found == 1)
    #expect(transcript.output.contains("\"ignored_rows\":20"))
    let wrong = try folder.write("{\"a\": 1}\n", to: "wrong.jsonl")
    #expect(run("evaluate", "-m", model, "--labels", wrong, file) == 1)
    #expect(transcript.errors.contains("wrong.jsonl:1: expected an event"))
  }

  @Test func `a model learns from copies of a recording too, and keeps its scale`() throws {
    func content(_ more: String...) throws -> Data {
      try Data(contentsOf: URL(filePath: train("window", "--augment", more[0])))
    }
    let plain = try content("0")
    #expect(try content("0") == plain)
    #expect(try content("2") != plain)
    #expect(run("models", "show", folder.path + "/m.model") == 0)
    #expect(transcript.output.contains("train.csv, 900 rows"))
  }
}
