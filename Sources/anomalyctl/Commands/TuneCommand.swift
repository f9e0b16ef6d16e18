import CommandLine
import Config
import Control
import Evaluation
import Glibc
import Models
import Series

extension Command {
  /// `anomalyctl tune`.
  package static let tune = Command(
    Usage(
      command: "anomalyctl tune",
      summary: "Search for the best parameters of a model or of the daemon's detector",
      details: """
        KIND is a kind of model (see 'anomalyctl train --help'), or 'detector', the daemon's own. Bayesian
        optimisation: a Gaussian process over the trials so far, and next the parameters with the highest
        expected improvement.

        The first 60% of the rows of each file train, the next 20% decide between trials, and the last
        20% are held out: they are judged once, with what was chosen. With labels, --measure decides;
        without, the likelihood of rows that were not trained on.

        Parameters of a model are \(ModelTuning.known.map(\.name).joined(separator: ", ")); of the detector
        \(DetectorTuning.known.map(\.name).joined(separator: ", ")) (rows). With --state, trials are kept,
        and a search that was interrupted continues.
        """,
      arguments: [
        .init("KIND", help: "A kind of model, or 'detector'"),
        .init("FILE", .oneOrMore, help: "CSV files with the same columns, also .csv.gz"),
      ],
      options: [
        .repeated(
          "parameter", "NAME[=LOW:HIGH]",
          help: "A parameter to vary (default units, window, "
            + "learning-rate and, with labels, budget; of the detector all)"),
        .value("trials", "COUNT", help: "Trials in all (default 20)"),
        .value("state", "FILE", help: "Keep trials in this file, and continue from it"),
        .choice(
          "measure", Scorecard.Measure.allCases.map(\.rawValue),
          help: "What is to be high, with labels (default event-f1)"),
        .value("tolerance", "ROWS", help: "As for evaluate (default 0)"),
        .value("join", "ROWS", help: "As for evaluate, of models (default 30)"),
      ] + TrainingOptions.options + RowRange.options + TableOptions.options + [
        .flag("json", short: "j", help: "One JSON object instead of text")
      ],
      examples: [
        .init(
          "anomalyctl tune forecaster power.csv --labels days.csv --trials 30 -o power.model",
          "Find sizes and a budget, and write the model"),
        .init(
          "anomalyctl tune window power.csv --parameter window=16:256 --parameter units",
          "Without labels: by the likelihood of rows held back"),
        .init(
          "anomalyctl tune detector --labels incidents.csv cpu.csv", "Print a [Metric] section"),
      ],
      json: """
        One object: measure, trials (parameters, value), best, importance (by parameter), \
        held_out_points, held_out_events, section (lines to use).
        """
    )
  ) { arguments, console in
    let search = try TuningSearch(arguments)
    try search.run(console, asJSON: arguments.has("json"))
  }
}
