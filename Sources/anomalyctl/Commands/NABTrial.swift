import Detection
import Evaluation
import Glibc
import Series

/// The detector on every file of a checkout of the benchmark, once per seed.
struct NABTrial: Sendable {
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
    let outcomes = try corpus.map(console) { file throws(CommandFailure) in try run(file) }
    let lines = corpus.report(outcomes, of: \.series.name) { part, chosen, profile in
      NABReport.Line(
        part: part, files: chosen.count, profile: profile.name,
        total: NABOutcome.total(of: chosen, profile: profile),
        hindsight: NABOutcome.hindsight(of: chosen, profile: profile))
    }
    return NABReport(
      lines: lines,
      source: .runs(seeds: seeds, budget: budget),
      samples: outcomes.reduce(0) { $0 + $1.series.rowCount },
      elapsed: begin.duration(to: .now)
    )
  }

  private func run(_ file: String) throws(CommandFailure) -> NABOutcome {
    let path = "\(corpus.folder)/data/\(file)"
    let samples = try NABCorpus.column("value", of: path)
    let series = try corpus.series(file, samples)
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
