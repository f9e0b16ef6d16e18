import CommandLine
import Evaluation
import Models
import Series

/// `anomalyctl evaluate` with a trace model.
struct TraceEvaluation {
  /// Default number of trace events after an anomaly in which an alarm still finds it: the order of
  /// the last eight is judged together.
  private static let tolerance = 8

  private let model: TraceModel
  private let source: TraceOptions
  private let judging: JudgingOptions
  private let rows: RowRange
  private let includesTraining: Bool

  /// Parses the options.
  init(_ arguments: Arguments, model: TraceModel) throws {
    self.model = model
    for option in ["run", "anomalous"] where arguments.has(option) {
      throw UsageError.conflict("--\(option) does not apply to trace models")
    }
    source = try TraceOptions(arguments, defaults: model.columns)
    judging = try JudgingOptions(arguments, tolerance: TraceEvaluation.tolerance)
    rows = try RowRange(arguments)
    includesTraining = arguments.has("include-training")
  }

  /// Judges the streams of traces.
  func report(
    of files: [String], begin: ContinuousClock.Instant, _ console: Console
  ) throws(CommandFailure) -> EvaluationReport {
    var series: [EvaluatedSeries] = []
    let evaluator = TraceEvaluator(
      model, judging.matching, includesTraining: includesTraining)
    for path in files {
      let (whole, notices) = try source.read(path)
      let trace = rows.kept(of: whole)
      let run = TraceRun(model)
      let unknown = trace.streams.map(\.thread).filter { !run.knows($0) }
      for line in notices { console.note("anomalyctl: \(Layout.printable(line))\n") }
      if !unknown.isEmpty {
        console.note(
          "anomalyctl: \(Layout.printable(path)): the model does not know "
            + "\(HumanNumber.counted(unknown.count, "thread")), which are judged as new ones: "
            + Layout.printable(unknown.prefix(5).joined(separator: ", "))
            + (unknown.count > 5 ? ", ..." : "") + "\n")
      }
      series += evaluator.evaluate(trace, ignored: judging.ignoredSpans(of: path)) {
        judging.spans(of: path, thread: $0)
      }
    }
    return EvaluationReport(
      matching: judging.matchingText, rule: .calibrated(budget: model.plan.budget),
      traceBudget: model.plan.budget, series: series, elapsed: begin.duration(to: .now))
  }
}
