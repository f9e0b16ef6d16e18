import CommandLine
import Detection
import Evaluation

extension Command {
  /// Runs the detector over the Numenta Anomaly Benchmark and scores its events.
  package static let nab = Command(
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
        .value(
          "detector",
          "NAME",
          help: "Score DIR/results/NAME with the thresholds in DIR/config, and run nothing"
        ),
        .flag("json", short: "j", help: "One JSON object a line: a score each, then a summary"),
      ],
      examples: [
        .init("anomalyctl nab ~/NAB --seeds 5", "Mean and deviation over five seeds"),
        .init(
          "anomalyctl nab ~/NAB --results ~/NAB/results",
          "Write results that the benchmark's run.py can score"
        ),
        .init(
          "anomalyctl nab ~/NAB --detector ARTime", "Score the results of a published detector"),
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
    let report: NABReport
    if let detector = arguments.value("detector") {
      for option in ["seed", "seeds", "budget", "results"] where arguments.has(option) {
        throw UsageError.conflict("--\(option) has no meaning for results of --detector")
      }
      report = try NABPublished(corpus: corpus, detector: detector).score(console, since: begin)
    } else {
      let trial = NABTrial(
        corpus: corpus,
        budget: configuration.alarmBudget,
        seeds: (0..<count).map { configuration.seed &+ UInt64($0) },
        results: arguments.value("results").map(NABResults.init)
      )
      report = try trial.run(console, since: begin)
    }
    try console.write(lines: arguments.has("json") ? try report.json() : report.text(console))
  }
}
