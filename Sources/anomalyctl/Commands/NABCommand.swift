import Detection
import Evaluation
import Glibc
import Inputs
import Series
import Terminal

extension Command {
  /// Runs the detector over the Numenta Anomaly Benchmark and scores its events.
  static let nab = Command(
    Usage(
      command: "anomalyctl nab",
      summary: "Score the detector on the Numenta Anomaly Benchmark",
      details: """
        DIR is a checkout of the benchmark: data/, labels/combined_windows.json and
        config/profiles.json. The detector runs over every labelled file under one fixed alarm
        budget, and its events are scored as the benchmark's own scorer does it.

        Where DIR holds split.json, with lists of files called development and held_out, the
        totals of these are told too; single files never are. 'Best in hindsight' is what the one
        budget that suits these very files best would have given: nobody knows it beforehand.
        """,
      arguments: [.init("DIR", help: "A checkout of the benchmark")],
      options: [
        .value("seed", "N", help: "Seed of the first run (default 1)"),
        .value("seeds", "COUNT", help: "Runs, each with the next seed (default 1)"),
        .value(
          "budget",
          "SAMPLES",
          help: "Alarm budget: normal samples per alarm (default 5000)"
        ),
        .value("split", "FILE", help: "Lists of files (default DIR/split.json if there is one)"),
        .value("only", "PART", help: "Run on one part only, such as development"),
        .value(
          "results",
          "DIR",
          help: "Also write the events of the first run for the benchmark's own scorer"
        ),
        .flag("json", help: "One JSON object a line: a score each, then a summary"),
      ],
      examples: [
        .init("anomalyctl nab ~/NAB --seeds 5", "Mean and deviation over five seeds"),
        .init(
          "anomalyctl nab ~/NAB --results ~/NAB/results",
          "Write results that the benchmark's run.py can score"
        ),
      ]
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let configuration = try DetectorConfiguration(arguments)
    let count = try arguments.integer("seeds", in: 1...1000) ?? 1
    let corpus = try NABCorpus(
      folder: arguments.positional[0],
      split: arguments.value("split"),
      only: arguments.value("only")
    )
    let trial = NABTrial(
      corpus: corpus,
      budget: configuration.alarmBudget,
      seeds: (0..<count).map { configuration.seed &+ UInt64($0) },
      results: arguments.value("results").map(NABResults.init)
    )
    let report = try trial.run(console, since: begin)
    try console.write(lines: arguments.has("json") ? try report.json() : report.text(console))
  }
}

/// The detector on every file of a checkout of the benchmark, once per seed.
private struct NABTrial: Sendable {
  let corpus: NABCorpus
  let budget: Double
  let seeds: [UInt64]
  let results: NABResults?

  /// Budgets that are tried in hindsight: 600 to 160,000 samples per alarm in steps of a tenth.
  private static let budgets = (0...60).map { pow(10, 2.8 + 0.04 * Double($0)) }

  func run(
    _ console: Console,
    since begin: ContinuousClock.Instant
  ) throws(CommandFailure) -> NABReport {
    try results?.writeThresholds(profiles: corpus.profiles.map(\.name))
    let work = ParallelWork(console: console, unit: "files")
    let weights = corpus.files.map { LocalFile.size("\(corpus.folder)/data/\($0)") }
    let attempts = work.map(corpus.files, weights: weights) { file, _ in
      Result { () throws(CommandFailure) in try run(file) }
    }
    var outcomes: [NABOutcome] = []
    for attempt in attempts { outcomes.append(try attempt.get()) }

    var lines: [NABReport.Line] = []
    for part in corpus.parts {
      let chosen = outcomes.filter { part.files.contains($0.series.name) }
      for profile in corpus.profiles where !chosen.isEmpty {
        lines.append(
          NABReport.Line(
            part: part.name,
            files: chosen.count,
            profile: profile.name,
            total: NABOutcome.total(of: chosen, profile: profile),
            hindsight: NABOutcome.hindsight(of: chosen, profile: profile)
          )
        )
      }
    }
    return NABReport(
      lines: lines,
      seeds: seeds,
      budget: budget,
      samples: outcomes.reduce(0) { $0 + $1.series.rowCount },
      elapsed: begin.duration(to: .now)
    )
  }

  private func run(_ file: String) throws(CommandFailure) -> NABOutcome {
    let path = "\(corpus.folder)/data/\(file)"
    let samples = try NABCorpus.column("value", of: path)
    let series: NABSeries
    do {
      series = try NABSeries(
        name: file, timestamps: samples.map(\.timestamp), windows: corpus.windows[file] ?? [])
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
    let runs = seeds.map { run(samples, seed: $0) }
    if let results, let first = runs.first {
      try results.write(file: file, samples: samples, alarms: first.alarms)
    }
    return NABOutcome(series: series, runs: runs)
  }

  private func run(_ samples: [Sample], seed: UInt64) -> NABOutcome.Run {
    var backtest = Backtest(
      metric: MetricName(sanitizing: "value"),
      configuration: DetectorConfiguration(seed: seed, alarmBudget: budget),
      scratch: TrainingScratch()
    )
    var alarms: [Int] = []
    var scores: [Float] = []
    scores.reserveCapacity(samples.count)
    for (index, sample) in samples.enumerated() {
      let verdict = backtest.step(sample).verdict
      scores.append(sample.value.isFinite ? verdict.score : .nan)
      if verdict.opensEvent { alarms.append(index) }
    }
    let replay = AlarmReplay(scores: scores)
    return NABOutcome.Run(
      alarms: alarms,
      alternatives: NABTrial.budgets.map { replay.alarms(budget: $0) }
    )
  }
}
