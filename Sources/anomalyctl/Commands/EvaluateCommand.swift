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
        Anomaly Benchmark has them; or the daemon's own events (--labels events, or events:PATTERN for those of
        some metrics, or a .jsonl file that 'anomalyctl events --json' wrote), by their feedback: confirmed
        ones are anomalies, false alarms are not, and spans of the others do not count. Without labels, detections are listed and nothing is scored.

        Several models judge together: the score of a row is the geometric mean of theirs, so that what one of
        them alone takes for unusual counts less. Forecasts shown are those of the first.

        Alarms no further apart than --join rows are one detection. An anomaly is found if any of its
        rows alarms; a detection that meets no anomaly is a false alarm. Points are single rows,
        events are whole anomalies and detections. AUC-PR ranks rows by score, whatever the threshold;
        VUS-PR does so with soft borders of anomalies; affiliation compares distances in time with those
        of random alarms, for which it is about 0.5. Of five and more files, intervals say how much a
        figure depends on which files there are (95%, bootstrap). "Best in hindsight" is the point F1 of
        the threshold that nobody could have known beforehand.

        With a model of traces, files are traces and each thread is judged for itself; the columns are
        those of the training unless given. Labels are intervals, whose third cell may name the thread;
        an alarm up to 8 trace events after an anomaly finds it (--tolerance), and --first and --skip
        count the trace events of each thread.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with the model's columns, also .csv.gz")
      ],
      options: [
        .repeated(
          "model", short: "m", "MODEL",
          help: "A file that 'anomalyctl train' wrote; several judge together"),
        .value("scores", "FOLDER", help: "Write the score of every row, one file per recording"),
        .value(
          "run", "FOLDER",
          help: "Write run.json, results.csv, events.csv and scores/ for 'anomalyctl compare'"),
        .flag("include-training", help: "Count rows that the model was trained on, too"),
      ] + JudgingOptions.options + TraceOptions.options + RowRange.options + TableOptions.options
        + [
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
          "anomalyctl evaluate --model pump.model --labels events:pump.* recorded.csv",
          "Against the daemon's events and the feedback on them"),
        .init(
          "anomalyctl evaluate --json --model returns.model close.csv | jq .detections",
          "What alarms in a recording without labels"),
      ],
      json: """
        One object a file: file, rows, trained_rows, lead_rows, ignored_rows, points \
        (true_positives, false_positives, false_negatives, true_negatives, precision, recall, f1, \
        false_alarm_rate, f1_of_everything), events (anomalies, found, false_alarms, precision, \
        recall, f1, false_alarms_per_day, median_delay_seconds), affiliation (precision, recall, \
        f1), auc_pr, vus_pr, missed (first, last), detections (first, last, score, true, columns, \
        because), forecasts (rmse, last_value_rmse by column). Then {"summary": ...}: files, points, \
        events, affiliation, auc_pr, vus_pr, best_in_hindsight (f1, threshold), intervals (lower, \
        upper by measure), coverage (by horizon), budget_per_day, false_alarms_per_budget, \
        matching, seconds.
        """
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let models = arguments.values("model")
    guard let path = models.first else {
      throw UsageError.conflict("--model is needed: a file that 'anomalyctl train' wrote")
    }
    if models.count == 1, let model = try ModelFile.traces(path) {
      let report = try TraceEvaluation(arguments, model: model)
        .report(of: arguments.positional, begin: begin, console)
      if let folder = arguments.value("scores") {
        try LocalFile.makeFolder(folder)
        for one in report.series { try EvaluationScores.write(one.series, into: folder) }
      }
      return try console.write(
        lines: arguments.has("json") ? try report.json() : report.lines(console))
    }
    for option in ["events", "thread"] where arguments.has(option) {
      throw UsageError.conflict("--\(option) is for models of traces")
    }
    let options = try EvaluationOptions(
      arguments, model: try ModelFile.read(path),
      others: try models.dropFirst().map { try ModelFile.read($0) })
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
    let report = EvaluationReport(
      matching: options.judging.matchingText, rule: options.model.judge.ruleForm, series: series,
      elapsed: begin.duration(to: .now))
    if let folder = arguments.value("run") {
      try RunFolder.write(
        report, options: options, model: path, words: arguments, into: folder)
    }
    try console.write(lines: arguments.has("json") ? try report.json() : report.lines(console))
  }
}
