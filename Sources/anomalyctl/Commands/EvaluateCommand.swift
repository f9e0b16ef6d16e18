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
        Each row is judged from the rows before it only. Rows that the model was trained on do not
        count, nor do the first rows, for which it has not yet seen enough; the report says how
        many.

        Labels come from a column (by default one named is_anomaly, label, anomaly or the like), a
        CSV file of intervals (start,end[,file], times in UTC), a JSON file of windows in the
        format of the Numenta Anomaly Benchmark, or the daemon's own events with feedback
        (--labels events, or events:PATTERN for some metrics, or a .jsonl file written by
        'anomalyctl events --json'): confirmed events are anomalies, false alarms are not, and the
        time of all other events does not count. Without labels, detections are listed but not
        scored.

        Several models are combined: the score of a row is the geometric mean of their scores, so
        that what only one of them finds unusual counts less. Forecasts shown are those of the
        first.

        Alarms at most --join rows apart form one detection. An anomaly is found if any of its
        rows alarms; a detection that overlaps no anomaly is a false alarm. Points are single
        rows, events are whole anomalies and detections. AUC-PR ranks rows by score, independently
        of the threshold; VUS-PR does the same with soft borders of anomalies; affiliation
        compares distances in time with those of random alarms, which score about 0.5. With five
        or more files, confidence intervals show how much a figure depends on the choice of files
        (95%, bootstrap). "Best in hindsight" is the point F1 at the best threshold, which could
        not have been known beforehand.

        With a trace model, files are traces and each thread is judged separately; columns are
        those of the training unless specified. Labels are intervals, whose third column may name
        the thread; an alarm up to 8 trace events after an anomaly still finds it (--tolerance),
        and --first and --skip count trace events per thread.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with the model's columns, also .csv.gz")
      ],
      options: [
        .repeated(
          "model", short: "m", "MODEL",
          help: "A file written by 'anomalyctl train'; several are combined"),
        .value("scores", "FOLDER", help: "Write the score of every row, one file per recording"),
        .value(
          "run", "FOLDER",
          help: "Write run.json, results.csv, events.csv and scores/ for 'anomalyctl compare'"),
        .flag("include-training", help: "Include rows that the model was trained on"),
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
          "With anomalies given as intervals"),
        .init(
          "anomalyctl evaluate --model pump.model --labels events:pump.* recorded.csv",
          "Against the daemon's events and their feedback"),
        .init(
          "anomalyctl evaluate --json --model returns.model close.csv | jq .detections",
          "The alarms in a recording without labels"),
      ],
      json: """
        One object per file: file, rows, trained_rows, lead_rows, ignored_rows, points \
        (true_positives, false_positives, false_negatives, true_negatives, precision, recall, f1, \
        false_alarm_rate, f1_of_everything), events (anomalies, found, false_alarms, precision, \
        recall, f1, false_alarms_per_day, median_delay_seconds), affiliation (precision, recall, \
        f1), auc_pr, vus_pr, missed (first, last), detections (first, last, score, true, columns, \
        because), forecasts (rmse, last_value_rmse, by column). Then {"summary": ...}: files, \
        points, events, affiliation, auc_pr, vus_pr, best_in_hindsight (f1, threshold), intervals \
        (lower, upper, by measure), coverage (by horizon), budget_per_day, \
        false_alarms_per_budget, matching, seconds.
        """
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let models = arguments.values("model")
    guard let path = models.first else {
      throw UsageError.conflict("--model is required: a file written by 'anomalyctl train'")
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
      throw UsageError.conflict("--\(option) applies to trace models only")
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
