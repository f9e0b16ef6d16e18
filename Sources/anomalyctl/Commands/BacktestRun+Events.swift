import Detection
import Evaluation
import Inputs
import Series

extension BacktestPlan {
  /// Events between two reports of progress.
  private static let stride = 1024

  /// Runs the detector over every stream of a trace of events.
  /// - Parameter reached: is told how much of the file's size is done.
  func runEvents(_ file: String, reached: (Int) -> Void) -> BacktestResult {
    var result = BacktestResult(path: file)
    do {
      let recording = try TraceFile.read(path: file, table: table)
      result.malformed = recording.malformed
      result.notices = recording.notices.filter { $0.severity == .warning }.map(\.text)
      let total = recording.streams.reduce(0) { $0 + $1.events.count }
      let size = LocalFile.size(file)
      let training = SymbolTraining()
      var done = 0
      for stream in recording.streams {
        guard let policy = policy(for: stream.name) else {
          result.notices.append("\(file): \(stream.name) is left out, as the configuration says")
          continue
        }
        let path = try scoreFile(of: stream.name, among: recording.streams.count)
        var metric = BacktestResult.Metric(name: stream.name)
        var backtest = EventBacktest(
          stream: stream.name, configuration: policy.detector, rules: policy.rules,
          training: training)
        var scores: BacktestScores?
        if let path {
          scores = try BacktestScores(
            path: path, writesEpoch: writesEpoch(recording.timestampFormat))
        }
        for event in stream.events {
          var id = event.id
          let step = id.withUTF8 {
            backtest.step(Span(_unsafeElements: $0), at: event.timestamp)
          }
          metric.take(step.sample, step.transitions, open: backtest.openEvent)
          try scores?.add(step.sample, step.verdict)
          done += 1
          if done % BacktestPlan.stride == 0 {
            reached(Int(Double(size) * Double(done) / Double(total)))
          }
        }
        try scores.take()?.finish()
        result.metrics.append(metric)
      }
    } catch let failure as CommandFailure {
      result.failure = failure.message
    } catch {
      result.failure = "\(error)"
    }
    return result
  }
}
