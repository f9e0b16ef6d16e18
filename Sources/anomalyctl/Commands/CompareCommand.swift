import CommandLine
import Evaluation
import Models
import Series

extension Command {
  /// `anomalyctl compare`.
  package static let compare = Command(
    Usage(
      command: "anomalyctl compare",
      summary: "Compare models, runs and simple detectors on labelled recordings",
      details: """
        The first detector of the command line - models, then runs, then baselines - is compared with
        each other one, file by file, on the rows that count for all of them: rows that a model was
        trained on, and the first rows of each file that baselines are fitted to, count for none.

        Baselines: \(Baselines.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ")); window, a
        feed-forward network that is trained on the first rows.

        Of five and more files the difference has an interval (95%, bootstrap over files). Exit code 1 if
        the first detector is worse than another: the interval of the difference is below 0 or, of fewer
        files, the difference itself is. That gates a roll-out.
        """,
      arguments: [.init("FILE", .oneOrMore, help: "CSV files with labels, also .csv.gz")],
      options: [
        .repeated("model", short: "m", "MODEL", help: "A file that 'anomalyctl train' wrote"),
        .repeated("run", "FOLDER", help: "What 'anomalyctl evaluate --run' wrote of these files"),
      ] + ComparisonOptions.options + JudgingOptions.options + RowRange.options
        + TableOptions.options + [
          .flag("json", short: "j", help: "One JSON object")
        ],
      examples: [
        .init(
          "anomalyctl compare -m new.model -m old.model --labels anomaly pump-*.csv",
          "Exit code 1 if the new model is worse than the old one"),
        .init(
          "anomalyctl compare -m pump.model --baseline all --labels anomaly pump-*.csv",
          "Is the model worth its trouble?"),
        .init(
          "anomalyctl compare --baseline pca --baseline var --fit 400 --measure point-f1 *.csv",
          "Two simple detectors, fitted to the first 400 rows"),
      ]
    )
  ) { arguments, console in
    let options = try ComparisonOptions(arguments)
    let comparison = try options.compare(arguments.positional, console)
    let report = ComparisonReport(comparison, matching: options.judging.matchingText)
    try console.write(
      lines: arguments.has("json") ? [try JSONLine.text(report.json)] : report.lines(console))
    if comparison.isFirstWorse {
      throw CommandFailure("\(comparison.rows[0].name) is worse: see the difference above")
    }
  }
}
