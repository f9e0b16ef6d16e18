import CommandLine
import Evaluation
import Models
import Reports
import Series

extension Command {
  /// `anomalyctl plot`.
  package static let plot = Command(
    Usage(
      command: "anomalyctl plot",
      summary: "Plot recordings, labels, scores and detections",
      details: """
        Plots values with the first model's expected values and 95% band, the scores of all
        models, labelled anomalies, detections and false alarms: in the terminal, or with --output
        as SVG, which adapts to light and dark mode. Each file gets its own plot. Without a model,
        only columns and labels are plotted.
        """,
      arguments: [.init("FILE", .oneOrMore, help: "CSV files, also .csv.gz")],
      options: [
        .repeated("model", short: "m", "MODEL", help: "A file written by 'anomalyctl train'"),
        .value(
          "output", short: "o", "OUT", help: "An SVG file, or a directory for several files"),
        .value(
          "show", "COLUMN",
          help: "The column to plot (default: the one that contributes most to "
            + "alarms)"),
      ] + JudgingOptions.options + RowRange.options + TableOptions.options,
      examples: [
        .init("anomalyctl plot --labels anomaly pump-1.csv", "Columns and labels in the terminal"),
        .init(
          "anomalyctl plot -m power.model --labels holidays.csv power.csv -o power.svg",
          "A figure for a web page"),
        .init(
          "anomalyctl plot -m forecaster.model -m autoencoder.model close.csv -o both.svg",
          "Two models in one plot"),
      ]
    )
  ) { arguments, console in
    let judging = try JudgingOptions(arguments)
    var models: [(name: String, model: TrainedModel)] = []
    for path in arguments.values("model") { models.append((path, try ModelFile.read(path))) }
    let output = arguments.value("output")
    let files = arguments.positional
    if let output, files.count > 1 || LocalFile.isFolder(output) {
      try LocalFile.makeFolder(output)
    }
    var notices: [String] = []
    for path in files {
      let drawing = try PlotDrawing(path, models, judging, column: arguments.value("show"))
      guard let chart = drawing.chart else {
        console.note("anomalyctl: \(Layout.printable(path)): no rows to plot\n")
        continue
      }
      guard let output else {
        let width = console.width ?? 100
        try console.write(lines: TerminalChart(chart, width: width).lines(console.style) + [""])
        continue
      }
      let name = EvaluationScores.fileName(of: path).split(separator: ".").first ?? "plot"
      let target = LocalFile.isFolder(output) ? "\(output)/\(name).svg" : output
      try LocalFile.write(SVGChart(chart).file.utf8, to: target)
      notices.append("wrote \(Layout.printable(target))")
    }
    try console.write(lines: notices)
  }
}

/// The drawing of one recording.
struct PlotDrawing {
  /// The chart; nil if there are no rows.
  let chart: Chart?

  /// Judges a recording with all models.
  init(
    _ path: String, _ models: [(name: String, model: TrainedModel)], _ judging: JudgingOptions,
    column: String?
  ) throws(CommandFailure) {
    let needed = Set(models.flatMap { $0.model.columns.map(\.name) })
    let table = try judging.read(path, needed: needed).table
    if let column, !table.columns.contains(column) {
      throw CommandFailure(
        "\(path): expected a column '\(column)', found " + table.columns.joined(separator: ", "))
    }
    guard !models.isEmpty else {
      chart = EvaluationChart.chart(of: table, columns: [column].compactMap(\.self))
      return
    }
    var judged: [(name: String, series: EvaluatedSeries)] = []
    for (name, model) in models {
      let evaluator = Evaluator(
        model, judging.matching, ignored: judging.ignoredSpans(of: path), keepsCourses: true)
      judged.append((name, try evaluator.evaluate(table, at: path)))
    }
    chart = EvaluationChart.chart(judged, column: column)
  }
}
