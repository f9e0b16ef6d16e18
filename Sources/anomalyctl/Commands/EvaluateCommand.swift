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
        events are whole anomalies and detections. AUC-PR ranks rows by score, whatever the threshold;
        VUS-PR does so with soft borders of anomalies; affiliation compares distances in time with those
        of random alarms, for which it is about 0.5. Of five and more files, intervals say how much a
        figure depends on which files there are (95%, bootstrap). "Best in hindsight" is the point F1 of
        the threshold that nobody could have known beforehand.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with the model's columns, also .csv.gz")
      ],
      options: [
        .value("model", short: "m", "MODEL", help: "A file that 'anomalyctl train' wrote"),
        .value("scores", "FOLDER", help: "Write the score of every row, one file per recording"),
        .value(
          "run", "FOLDER",
          help: "Write run.json, results.csv, events.csv and scores/ for 'anomalyctl compare'"),
        .flag("include-training", help: "Count rows that the model was trained on, too"),
      ] + JudgingOptions.options + RowRange.options + TableOptions.options + [
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
    var judged: [EvaluationOptions.Judged] = []
    for result in results { judged.append(try result.get()) }
    for line in judged.flatMap(\.notices) {
      console.note("anomalyctl: \(Layout.printable(line))\n")
    }
    let series = judged.map(\.series)
    if let folder = arguments.value("scores") {
      try LocalFile.makeFolder(folder)
      for one in series { try EvaluationScores.write(one.series, into: folder) }
    }
    let report = EvaluationReport(options, series: series, elapsed: begin.duration(to: .now))
    if let folder = arguments.value("run") {
      try RunFolder.write(
        report, options: options, model: path, words: arguments, into: folder)
    }
    try console.write(lines: arguments.has("json") ? try report.json() : report.lines(console))
  }
}
