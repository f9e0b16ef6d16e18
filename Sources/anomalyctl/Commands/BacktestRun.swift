import Config
import Daemon
import Evaluation
import Inputs
import Monitor
import Series

/// One replay of the files of a command line.
struct BacktestRun {
  let plan: BacktestPlan
  /// The configuration; with a budget other than the plan's if several are compared.
  let settings: Settings

  /// Rows between two reports of progress.
  private static let stride = 1024

  /// Replays all files as one host.
  /// - Parameter reached: called with the number of bytes read of all files.
  func run(reached: (Int) -> Void) -> BacktestResult {
    var result = BacktestResult(fileCount: plan.files.count)
    let scores = plan.scores.map { BacktestScores($0) }
    var recordings: [RecordedFile] = []
    for file in plan.files {
      do throws(CSVFileError) {
        recordings.append(
          RecordedFile(
            try CSVReader(path: file, table: plan.table), at: file,
            isTrace: plan.events != nil, scores: scores))
      } catch {
        result.fail("\(error)")
      }
    }
    let silences = SilenceBook(local: plan.localTime)
    settings.configure(silences, local: plan.localTime)
    let monitor = settings.makeMonitor(hostSeed: 0, silences: silences)
    monitor.attach(plan.models)
    LearntModels(monitor).begin(with: settings.priors(in: plan.priors))
    if let scores { monitor.attach(scores) }
    var replay = Replay(recordings, through: monitor, alignsStarts: plan.alignsStarts)
    var rows = 0
    while replay.next() {
      rows += 1
      if rows % BacktestRun.stride == 0 {
        reached(recordings.reduce(0) { $0 + $1.reader.bytesRead })
      }
    }
    result.outcome = replay.outcome
    for (index, recording) in recordings.enumerated() {
      result.malformed += recording.reader.malformed
      result.notices += recording.notices(settings)
      if let failure = replay.outcome.failures[index] { result.fail(failure) }
      if let (metric, owner) = replay.outcome.conflicts[index] {
        result.fail(
          "\(recording.name): \(metric) comes from \(owner) already; a host has each metric only "
            + "once, so rows that both files contain were taken from that one")
      }
    }
    for model in plan.models {
      let missing = monitor.columns(of: model).filter { $0.metric == nil }.map(\.column)
      guard !missing.isEmpty else { continue }
      result.fail(
        "\(model.path): no column of the recordings is named \(missing.joined(separator: ", ")), "
          + "which the model reads")
    }
    if replay.outcome.refusedMetrics > 0 {
      result.notices.append(
        "\(replay.outcome.refusedMetrics) metrics beyond \(settings.agent.maximumMetrics) "
          + "(MaximumMetrics=) are ignored, as in the daemon")
    }
    do throws(CommandFailure) {
      try scores?.finish()
      try export(monitor)
    } catch {
      result.failures.append(error.message)
    }
    return result
  }
}

extension BacktestRun {
  /// Writes what each metric has learnt into a file of its own.
  private func export(_ monitor: HostMonitor) throws(CommandFailure) {
    guard let folder = plan.export else { return }
    let models = LearntModels(monitor)
    for metric in monitor.metrics where metric.isJudged {
      guard let newest = metric.newest?.timestamp,
        let model = models.export(
          metric.name, rules: settings.metricLines(of: metric.name), at: newest)
      else { continue }
      let file = metric.name.text.replacing("/", with: "_")
      try LocalFile.replace("\(folder)/\(file).state", with: model.bytes)
    }
  }
}

/// A file that is being replayed.
private final class RecordedFile: Recording {
  let reader: CSVReader
  let name: String
  private let isTrace: Bool
  private let scores: BacktestScores?

  init(_ reader: CSVReader, at path: String, isTrace: Bool, scores: BacktestScores?) {
    self.reader = reader
    self.isTrace = isTrace
    self.scores = scores
    name = path
  }

  func next() throws -> Timestamp? {
    guard try reader.next(), scores?.begin(columns: isTrace ? 1 : reader.columns.count) ?? true
    else { return nil }
    return reader.timestamp
  }

  func deliver(at moment: Timestamp, into sink: InputSink) {
    scores?.writesEpoch = writesEpoch
    reader.deliver(at: moment, into: sink)
  }

  /// Whether scores carry Unix seconds: if the file has epoch times, or no times at all, so that
  /// its rows are one second apart starting at 1970.
  private var writesEpoch: Bool {
    reader.timestampFormat?.isCount ?? true
  }

  /// Remarks on the file.
  func notices(_ settings: Settings) -> [String] {
    (isTrace ? [] : reader.columns).filter { settings.ignores($0.name) }
      .map { "\(name): \($0.name) is ignored by the configuration" }
      + reader.drainNotices().filter { $0.severity == .warning }.map(\.text)
  }
}
