import CommandLine
import Detection
import Evaluation
import Series

extension Command {
  /// Runs the detector over the Numenta Anomaly Benchmark and scores its events.
  package static let nab = Command(
    Usage(
      command: "anomalyctl nab",
      summary: "Score the detector on the Numenta Anomaly Benchmark",
      details: """
        DIR is a checkout of the benchmark (https://github.com/numenta/NAB) with data/,
        labels/combined_windows.json and config/profiles.json. The detector runs over every
        labelled file with one fixed alarm budget, and its events are scored like the benchmark's
        own scorer does.

        If DIR contains split.json, with lists of files named development and held_out, totals for
        these are reported as well, but never single files. 'Best in hindsight' is the score with
        the single budget that suits these files best, which cannot be known beforehand.
        """,
      arguments: [.init("DIR", help: "A checkout of the benchmark")],
      options: [
        .value("seed", "N", help: "Seed of the first run (default 1)"),
        .value("seeds", "COUNT", help: "Number of runs, each with the next seed (default 1)"),
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
        .value(
          "detector",
          "NAME",
          help: "Score DIR/results/NAME with the thresholds in DIR/config, without running the "
            + "detector"
        ),
        .flag("json", short: "j", help: "One JSON object per line: a score each, then a summary"),
      ],
      examples: [
        .init("anomalyctl nab ~/NAB --seeds 5", "Mean and deviation over five seeds"),
        .init(
          "anomalyctl nab ~/NAB --results ~/NAB/results",
          "Write results that the benchmark's run.py can score"
        ),
        .init(
          "anomalyctl nab ~/NAB --detector ARTime", "Score the results of a published detector"),
      ],
      json: """
        One object per score: part, files, anomalies, profile, score, sd, scores (one per seed), \
        found, false_alarms, hindsight. Then {"summary": ...}: samples, seconds, seeds, budget, \
        detector.
        """
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let configuration = try DetectorConfiguration(arguments)
    let count = try arguments.integer("seeds", in: 1...1000) ?? 1
    let files = try NABFiles(
      folder: arguments.positional[0],
      split: arguments.value("split"),
      only: arguments.value("only")
    )
    let report: NABReport
    if let detector = arguments.value("detector") {
      for option in ["seed", "seeds", "budget", "results"] where arguments.has(option) {
        throw UsageError.conflict("--\(option) cannot be combined with --detector")
      }
      report = try published(detector, files, console, since: begin)
    } else {
      report = try trial(
        NABTrial(budget: configuration.alarmBudget),
        seeds: (0..<count).map { configuration.seed &+ UInt64($0) }, files,
        results: arguments.value("results").map(NABResults.init), console, since: begin)
    }
    try console.write(lines: arguments.has("json") ? try report.json() : report.text(console))
  }

  /// Runs our detector on every file, once per seed.
  private static func trial(
    _ trial: NABTrial, seeds: [UInt64], _ files: NABFiles, results: NABResults?,
    _ console: Console, since begin: ContinuousClock.Instant
  ) throws(CommandFailure) -> NABReport {
    try results?.writeThresholds(profiles: files.corpus.profiles.map(\.name))
    let outcomes = try files.map(console) { file throws(CommandFailure) in
      let samples = try files.column("value", of: "\(files.folder)/data/\(file)")
      let series = try files.series(file, samples)
      let runs = seeds.map { trial.run(samples, seed: $0) }
      if let results, let first = runs.first { try results.write(first, of: file, samples) }
      return NABOutcome(series: series, runs: runs)
    }
    return NABReport(
      lines: files.corpus.lines(outcomes),
      source: .runs(seeds: seeds, budget: trial.budget),
      samples: outcomes.reduce(0) { $0 + $1.series.rowCount },
      elapsed: begin.duration(to: .now)
    )
  }

  /// Scores the results of another detector, which are in the checkout.
  private static func published(
    _ detector: String, _ files: NABFiles, _ console: Console,
    since begin: ContinuousClock.Instant
  ) throws(CommandFailure) -> NABReport {
    let thresholds = try files.thresholds(of: detector)
    let results = try files.map(console) { file throws(CommandFailure) in
      let parts = file.split(separator: "/").map(String.init)
      let folder = ([files.folder, "results", detector] + parts.dropLast())
        .joined(separator: "/")
      let samples = try files.column(
        "anomaly_score", of: "\(folder)/\(detector)_\(parts.last ?? "")")
      return NABPublished(
        series: try files.series(file, samples), scores: samples.map(\.value))
    }
    return NABReport(
      lines: files.corpus.lines(results, thresholds: thresholds),
      source: .published(detector: detector),
      samples: results.reduce(0) { $0 + $1.series.rowCount },
      elapsed: begin.duration(to: .now)
    )
  }
}
