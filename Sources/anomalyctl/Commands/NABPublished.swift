import Evaluation
import Series

/// The results of another detector, as they lie in a checkout of the benchmark.
struct NABPublished: Sendable {
  let corpus: NABCorpus
  /// Its name, as the folder in `results/` and the key in `config/thresholds.json` have it.
  let detector: String

  private struct Threshold: Decodable {
    var threshold: Double
  }

  /// The detector's score in every row of a file.
  private struct Rows: Sendable {
    var series: NABSeries
    var scores: [Double]
  }

  /// Scores the results with the thresholds that the benchmark's optimiser has found for them.
  func score(_ console: Console, since begin: ContinuousClock.Instant) throws -> NABReport {
    let path = corpus.folder + "/config/thresholds.json"
    let known = try NABCorpus.read([String: [String: Threshold]].self, from: path)
    guard let thresholds = known[detector] else {
      let names = known.keys.sorted().joined(separator: ", ")
      throw CommandFailure("\(path): expected thresholds of '\(detector)', found \(names)")
    }
    let rows = try corpus.map(console) { file throws(CommandFailure) in try read(file) }
    let lines = corpus.report(rows, of: \.series.name) { part, chosen, profile in
      let threshold = thresholds[profile.name]?.threshold ?? .infinity
      let score = chosen.reduce(into: NABScore()) { sum, rows in
        let alarms = rows.scores.indices.filter { rows.scores[$0] >= threshold }
        sum += NABScore(alarms: alarms, in: rows.series, profile: profile)
      }
      let best = NABOptimum(chosen.map { ($0.series, $0.scores) }, profile: profile)
      return NABReport.Line(
        part: part, files: chosen.count, profile: profile.name,
        total: NABTotal(runs: [score]), hindsight: NABTotal(runs: [best.score]))
    }
    return NABReport(
      lines: lines, source: .published(detector: detector),
      samples: rows.reduce(0) { $0 + $1.series.rowCount }, elapsed: begin.duration(to: .now))
  }

  private func read(_ file: String) throws(CommandFailure) -> Rows {
    let parts = file.split(separator: "/").map(String.init)
    let folder = ([corpus.folder, "results", detector] + parts.dropLast()).joined(separator: "/")
    let samples = try NABCorpus.column(
      "anomaly_score", of: "\(folder)/\(detector)_\(parts.last ?? "")")
    return Rows(
      series: try corpus.series(file, samples),
      scores: samples.map { $0.value.isNaN ? -.infinity : $0.value })
  }
}
