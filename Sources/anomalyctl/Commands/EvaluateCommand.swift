import CommandLine
import Evaluation
import Models
import Series

extension Command {
  /// `anomalyctl evaluate`.
  package static let evaluate = Command(
    Usage(
      command: "anomalyctl evaluate",
      summary: "Judge labelled recordings with a trained model, and score its alarms",
      details: """
        Each row is judged knowing only the rows before it. Rows that the model was trained on do not
        count, nor those before it has seen enough to judge; the report says how many.

        Labels are a column (by default one called is_anomaly, label, anomaly or the like), a CSV file
        of intervals (start,end[,file], times in UTC), or a JSON file of windows as the Numenta
        Anomaly Benchmark has them. Without labels, detections are listed and nothing is scored.

        Alarms no further apart than --join rows are one detection. An anomaly is found if any of its
        rows alarms; a detection that meets no anomaly is a false alarm. Points are single rows,
        events are whole anomalies and detections. AUC-PR ranks rows by score, whatever the threshold.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with the model's columns, also .csv.gz")
      ],
      options: [
        .value("model", short: "m", "MODEL", help: "A file that 'anomalyctl train' wrote"),
        .value(
          "labels", "WHAT", help: "A column, a .csv file of intervals or a .json file of windows"),
        .value(
          "anomalous", "NUMBER",
          help: "The number in the column that means an anomaly (default all but 0)"),
        .value("join", "ROWS", help: "Alarms this close are one detection (default 30)"),
        .value(
          "tolerance", "ROWS",
          help: "Rows after an anomaly in which an alarm still finds it (default 0)"),
        .value("scores", "FOLDER", help: "Write the score of every row, one file per recording"),
        .flag("include-training", help: "Count rows that the model was trained on, too"),
      ] + RowRange.options + TableOptions.options + [
        .flag("json", short: "j", help: "One JSON object per file, then a summary")
      ],
      examples: [
        .init(
          "anomalyctl evaluate --model pump.model --labels anomaly pump-*.csv",
          "Precision, recall, F1 by point and by event"),
        .init(
          "anomalyctl evaluate --model power.model --labels holidays.csv power.csv",
          "Anomalies are given as intervals"),
        .init(
          "anomalyctl evaluate --json --model returns.model close.csv | jq .detections",
          "What alarms in a recording without labels"),
      ]
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    guard let path = arguments.value("model") else {
      throw UsageError.conflict("--model is needed: a file that 'anomalyctl train' wrote")
    }
    let options = try EvaluationOptions(arguments, model: try ModelFile.read(path))
    let files = arguments.positional
    let work = ParallelWork(console: console, unit: "files")
    let results = work.map(files, weights: files.map { max(1, LocalFile.size($0)) }) { file, _ in
      Result { () throws(CommandFailure) in try options.judge(file) }
    }
    var series: [EvaluatedSeries] = []
    for result in results { series.append(try result.get()) }
    for line in series.flatMap(\.notices) {
      console.note("anomalyctl: \(Layout.printable(line))\n")
    }
    if let folder = arguments.value("scores") {
      try LocalFile.makeFolder(folder)
      for one in series { try EvaluationScores.write(one, into: folder) }
    }
    let report = EvaluationReport(
      model: options.model, series: series, elapsed: begin.duration(to: .now))
    try console.write(lines: arguments.has("json") ? try report.json() : report.lines(console))
  }
}
