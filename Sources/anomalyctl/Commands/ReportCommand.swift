import CommandLine
import Evaluation
import Models
import Reports
import Series

extension Command {
  /// `anomalyctl report`.
  package static let report = Command(
    Usage(
      command: "anomalyctl report",
      summary:
        "Write an HTML report about a model: data, losses, scores, events, charts, comparison",
      details: """
        Writes a self-contained HTML file that needs no network, adapts to light and dark mode,
        and is suitable for printing. Recordings are judged as by 'anomalyctl evaluate', the most
        interesting ones are plotted, and the model is compared with --baseline detectors, which
        are fitted to the first rows of each file (--fit), and with --against models.
        """,
      arguments: [.init("FILE", .oneOrMore, help: "CSV files with the model's columns")],
      options: [
        .value("model", short: "m", "MODEL", help: "A file written by 'anomalyctl train'"),
        .value("output", short: "o", "OUT", help: "Write the page to this file"),
        .repeated("against", "MODEL", help: "Another model for comparison"),
        .value("title", "TEXT", help: "Title of the page (default: the file name of the model)"),
        .flag("include-training", help: "Include rows that the model was trained on"),
      ] + ComparisonOptions.options + JudgingOptions.options + RowRange.options
        + TableOptions.options,
      examples: [
        .init(
          "anomalyctl report -m pump.model --labels anomaly pump-*.csv -o pump.html",
          "The accuracy of a model on labelled recordings"),
        .init(
          "anomalyctl report -m power.model --baseline all --labels days.csv power.csv -o p.html",
          "The same with a comparison"),
      ]
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    guard let path = arguments.value("model"), let output = arguments.value("output") else {
      throw UsageError.conflict("--model and --output are required")
    }
    try LocalFile.requireWritable(output)
    let options = try EvaluationOptions(arguments, model: try ModelFile.read(path))
    let files = arguments.positional
    let work = ParallelWork(console: console, unit: "files")
    let results = work.map(files, weights: files.map { max(1, LocalFile.size($0)) }) { file, _ in
      Result { () throws(CommandFailure) in try options.judge(file, keepsCourses: true) }
    }
    var series: [EvaluatedSeries] = []
    for result in results { series.append(try result.get().series) }
    var comparison: Comparison?
    if arguments.has("baseline") || arguments.has("against") {
      let models = [path] + arguments.values("against")
      comparison = try ComparisonOptions(arguments, models: models).compare(files, console)
    }
    let report = EvaluationReport(
      matching: options.judging.matchingText, rule: options.model.judge.ruleForm, series: series,
      elapsed: begin.duration(to: .now))
    let page = ReportPage(
      title: arguments.value("title") ?? path, model: options.model, report: report,
      comparison: comparison)
    try LocalFile.replace(output, with: Array(page.html.utf8))
    try console.write(lines: ["wrote \(Layout.printable(output))"])
  }
}
