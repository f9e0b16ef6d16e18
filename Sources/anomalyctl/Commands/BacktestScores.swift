import Detection
import Monitor
import Series

/// CSV files with one line per sample and the detector's results for it.
///
/// Columns: `timestamp,value,expected,lower,upper,score,level,state,event`. The time stamp is Unix
/// seconds if the recording has those, otherwise RFC 3339; unknown values are empty; `state` is
/// `warming`, `normal` or `anomalous`; `event` is 1 where the detector raises an alarm, otherwise
/// 0.
final class BacktestScores: SampleObserver {
  /// Whether the current recording has Unix seconds.
  var writesEpoch = false

  private let place: BacktestPlan.Scores
  /// By index of the metric.
  private var files: [ScoreFile?] = []
  private var failure: CommandFailure?

  init(_ place: BacktestPlan.Scores) {
    self.place = place
  }

  /// The number of columns of a recording.
  /// - Returns: false if scores can no longer be written.
  func begin(columns: Int) -> Bool {
    if !place.isFolder, columns > 1, failure == nil { failure = tooMany(columns) }
    return failure == nil
  }

  func note(_ sample: Sample, of metric: MonitoredMetric, at index: Int) {
    guard failure == nil, let verdict = metric.verdict else { return }
    do throws(CommandFailure) {
      try open(index, metric.name)
      let line = line(sample, verdict)
      try files[index]?.append(line.utf8)
    } catch {
      failure = error
    }
  }

  /// Never called: a replay removes no metric.
  func forget(_ index: Int) {}

  /// Writes the remaining data and closes the files.
  /// - Throws: ``CommandFailure`` if one could not be written.
  func finish() throws(CommandFailure) {
    if let failure { throw failure }
    for file in files { try file?.finish() }
  }

  private func open(_ index: Int, _ metric: MetricName) throws(CommandFailure) {
    while files.count <= index { files.append(nil) }
    guard files[index] == nil else { return }
    var path = place.path
    if place.isFolder {
      path += "/" + metric.text.split(separator: "/").joined(separator: "_") + ".csv"
    } else if index > 0 {
      throw tooMany(index + 1)
    }
    let file = try ScoreFile(path: path)
    try file.append("timestamp,value,expected,lower,upper,score,level,state,event\n".utf8)
    files[index] = file
  }

  private func tooMany(_ metrics: Int) -> CommandFailure {
    CommandFailure(
      "\(place.path): a file can hold the scores of one metric only, found \(metrics); specify a "
        + "directory, or one column with --column")
  }

  private func line(_ sample: Sample, _ verdict: Verdict) -> String {
    var line = writesEpoch ? BacktestScores.epoch(sample.timestamp) : sample.timestamp.iso8601
    line += BacktestScores.cell(sample.value)
    line += BacktestScores.cell(verdict.expected)
    line += BacktestScores.cell(verdict.lower)
    line += BacktestScores.cell(verdict.upper)
    line += BacktestScores.cell(verdict.score)
    line += BacktestScores.cell(verdict.level)
    line += ",\(verdict.state.name),\(verdict.opensEvent ? 1 : 0)\n"
    return line
  }

  /// Unix seconds, with a fraction only if there is one.
  private static func epoch(_ moment: Timestamp) -> String {
    let (seconds, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return rest == 0 ? "\(seconds)" : "\(moment.seconds)"
  }

  private static func cell<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ number: Number
  ) -> String {
    number.isFinite ? ",\(number)" : ","
  }
}

/// A file that is kept in an array.
private final class ScoreFile {
  private var file: FileWriter?

  init(path: String) throws(CommandFailure) {
    file = try FileWriter(path: path)
  }

  func append(_ bytes: String.UTF8View) throws(CommandFailure) { try file?.append(bytes) }

  func finish() throws(CommandFailure) { try file.take()?.finish() }
}
