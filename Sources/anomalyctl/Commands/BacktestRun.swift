import Detection
import Evaluation
import Inputs
import Series

extension BacktestPlan {
  /// Rows between two reports of progress.
  private static let stride = 1024

  /// Runs the detector over every series of one file, row by row, so that a file of any length
  /// takes the memory of its columns.
  /// - Parameter reached: is told how much of the file's size is done.
  func run(_ file: String, reached: (Int) -> Void) -> BacktestResult {
    if events != nil { return runEvents(file, reached: reached) }
    var result = BacktestResult(path: file)
    // Nil for a column that is left out.
    var series: [BacktestSeries?] = []
    do {
      let reader = try CSVReader(path: file, table: table)
      let scratch = TrainingScratch()
      func takeUpColumns() throws(CommandFailure) {
        for column in reader.columns.dropFirst(series.count) {
          guard let policy = policy(for: column.name) else {
            result.notices.append("\(file): \(column.name) is left out, as the configuration says")
            series.append(nil)
            continue
          }
          let path = try scoreFile(of: column.name, among: reader.columns.count)
          let metric = try BacktestSeries(
            Backtest(
              metric: column.name, configuration: policy.detector, rules: policy.rules,
              scratch: scratch),
            of: column.name, scores: path, asEpoch: writesEpoch(reader.timestampFormat))
          series.append(metric)
        }
      }
      var order = RowOrder()
      while try reader.next() {
        if series.count < reader.columns.count { try takeUpColumns() }
        let timestamp = reader.timestamp
        order.take(timestamp)
        try reader.forEachValue { (column, value) throws(CommandFailure) in
          try series[column]?.take(Sample(timestamp: timestamp, value: value))
        }
        if reader.rows % BacktestPlan.stride == 0 { reached(reader.bytesRead) }
      }
      try takeUpColumns()
      for metric in series { try metric?.finish() }
      result.malformed = reader.malformed
      result.notices += reader.drainNotices().filter { $0.severity == .warning }.map(\.text)
      if let notice = order.notice(file) { result.notices.append(notice) }
    } catch let failure as CommandFailure {
      result.failure = failure.message
    } catch {
      result.failure = "\(error)"
    }
    result.metrics = series.compactMap { $0?.result }
    return result
  }

  /// Whether scores carry Unix seconds: where the series has epoch time, or no time at all, so
  /// that its rows are a second apart from 1970 on.
  func writesEpoch(_ format: CSVTimestampFormat?) -> Bool {
    switch format {
    case nil, .epochSeconds, .epochMilliseconds: true
    default: false
    }
  }

  /// The file for the scores of a metric, `METRIC.csv` in a folder; nil where nobody wants them.
  func scoreFile(
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

/// One column of a file on its way through the detector.
private final class BacktestSeries {
  private(set) var result: BacktestResult.Metric
  private var backtest: Backtest
  private var scores: BacktestScores?

  init(
    _ backtest: consuming Backtest, of name: MetricName, scores path: String?, asEpoch: Bool
  ) throws(CommandFailure) {
    result = BacktestResult.Metric(name: name)
    self.backtest = backtest
    scores = nil
    if let path { scores = try BacktestScores(path: path, writesEpoch: asEpoch) }
  }

  func take(_ sample: Sample) throws(CommandFailure) {
    let step = backtest.step(sample)
    result.take(sample, step.transitions, open: backtest.openEvent)
    try scores?.add(sample, step.verdict)
  }

  /// Writes what is left of the scores.
  func finish() throws(CommandFailure) {
    try scores.take()?.finish()
  }
}

/// Counts rows that are not later than all rows before them.
private struct RowOrder {
  private var latest: Timestamp?
  private var late = 0

  mutating func take(_ timestamp: Timestamp) {
    if let latest, timestamp <= latest {
      late += 1
    } else {
      latest = timestamp
    }
  }

  func notice(_ file: String) -> String? {
    guard late > 0 else { return nil }
    return "\(file): \(late) row\(late == 1 ? "" : "s") not later than the one before; taken as "
      + "recorded, where the daemon leaves \(late == 1 ? "it" : "them") out"
  }
}
