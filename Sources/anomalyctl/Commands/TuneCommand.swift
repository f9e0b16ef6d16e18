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
        KIND is a kind of model (see 'anomalyctl train --help'), or 'detector', the daemon's own.
        The search uses Bayesian optimisation: a Gaussian process over the trials so far selects
        the parameters with the highest expected improvement.

        The first 60% of the rows of each file are used for training, the next 20% to compare
        trials, and the last 20% are held out: they are judged once, with the chosen parameters.
        With labels, trials are compared by --measure; without, by the likelihood of rows that
        were not trained on.

        The parameters of a model are \(ModelTuning.known.map(\.name).joined(separator: ", ")); of
        the detector \(DetectorTuning.known.map(\.name).joined(separator: ", ")) (rows). With
        --state, trials are saved, and an interrupted search can be continued.
        """,
      arguments: [
        .init("KIND", help: "A kind of model, or 'detector'"),
        .init("FILE", .oneOrMore, help: "CSV files with the same columns, also .csv.gz"),
      ],
      options: [
        .repeated(
          "parameter", "NAME[=LOW:HIGH]",
          help: "A parameter to vary (default: units, window, learning-rate and, with labels, "
            + "budget; for the detector, all)"),
        .value("trials", "COUNT", help: "Total number of trials (default 20)"),
        .value("state", "FILE", help: "Save trials in this file, and continue from it"),
        .choice(
          "measure", Scorecard.Measure.allCases.map(\.rawValue),
          help: "The measure to maximise, with labels (default event-f1)"),
        .value("tolerance", "ROWS", help: "As for evaluate (default 0)"),
        .value("join", "ROWS", help: "As for evaluate, for models (default 30)"),
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
        held_out_points and \
        held_out_events (as points and events of 'evaluate'), section (lines to use).
        """
    )
  ) { arguments, console in
    let search = try TuningSearch(arguments)
    try search.run(console, asJSON: arguments.has("json"))
  }
}
