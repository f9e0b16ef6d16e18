import Detection
import Evaluation
import Inputs
import Series

extension BacktestPlan {
  /// Samples between two reports of progress.
  private static let stride = 4096

  /// Runs the detector over every series of one file.
  /// - Parameter reached: is told how much of the file's size is done.
  func run(_ file: String, reached: (Int) -> Void) -> BacktestResult {
    var result = BacktestResult(path: file)
    do {
      let recording = try CSVFile.read(path: file, configuration: csvConfiguration(file))
      result.malformed = recording.malformed
      result.notices = recording.notices.filter { $0.severity == .warning }.map(\.text)
      if let notice = orderNotice(file, recording) { result.notices.append(notice) }
      let total = recording.series.reduce(0) { $0 + $1.samples.count }
      let size = LocalFile.size(file)
      var done = 0
      for series in recording.series {
        guard let policy = policy(for: series.name) else {
          result.notices.append("\(file): \(series.name) is left out, as the configuration says")
          continue
        }
        let path = try scoreFile(of: series.name, among: recording.series.count)
        let metric = try run(
          series, policy, scores: path, asEpoch: writesEpoch(recording.timestampFormat)
        ) {
          done += $0
          reached(total == 0 ? 0 : Int(Double(size) * Double(done) / Double(total)))
        }
        result.metrics.append(metric)
      }
    } catch let failure as CommandFailure {
      result.failure = failure.message
    } catch {
      result.failure = "\(error)"
    }
    return result
  }

  private func orderNotice(_ file: String, _ recording: CSVRecording) -> String? {
    guard let samples = recording.series.first?.samples else { return nil }
    var latest = samples.first?.timestamp
    var late = 0
    for sample in samples.dropFirst() {
      if let seen = latest, sample.timestamp <= seen {
        late += 1
      } else {
        latest = sample.timestamp
      }
    }
    guard late > 0 else { return nil }
    return "\(file): \(late) row\(late == 1 ? "" : "s") not later than the one before; taken as "
      + "recorded, where the daemon leaves \(late == 1 ? "it" : "them") out"
  }

  private func run(
    _ series: CSVSeries, _ policy: (detector: DetectorConfiguration, rules: EventRules),
    scores path: String?, asEpoch: Bool, advanced: (Int) -> Void
  ) throws(CommandFailure) -> BacktestResult.Metric {
    var result = BacktestResult.Metric(name: series.name)
    var backtest = Backtest(
      metric: series.name, configuration: policy.detector, rules: policy.rules,
      scratch: TrainingScratch())
    var scores: BacktestScores?
    if let path { scores = try BacktestScores(path: path, writesEpoch: asEpoch) }
    for (index, sample) in series.samples.enumerated() {
      let step = backtest.step(sample)
      result.take(sample, step.transitions, open: backtest.openEvent)
      try scores?.add(sample, step.verdict)
      if index % BacktestPlan.stride == BacktestPlan.stride - 1 { advanced(BacktestPlan.stride) }
    }
    try scores.take()?.finish()
    return result
  }

  /// Whether scores carry Unix seconds: where the series has epoch time, or no time at all, so
  /// that its rows are a second apart from 1970 on.
  private func writesEpoch(_ format: CSVTimestampFormat?) -> Bool {
    switch format {
    case nil, .epochSeconds, .epochMilliseconds: true
    default: false
    }
  }

  /// The file for the scores of a metric, `METRIC.csv` in a folder; nil where nobody wants them.
  private func scoreFile(
    of metric: MetricName, among metrics: Int
  ) throws(CommandFailure) -> String? {
    guard let scores else { return nil }
    if scores.isFolder {
      return scores.path + "/" + metric.text.split(separator: "/").joined(separator: "_") + ".csv"
    }
    guard metrics == 1 else {
      throw CommandFailure(
        "\(scores.path): one file takes the scores of one metric, found \(metrics); name a folder, "
          + "or one column with --column")
    }
    return scores.path
  }
}
