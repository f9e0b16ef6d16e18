import CommandLine

extension Command {
  /// Runs the detector over recorded series.
  package static let backtest = Command(
    Usage(
      command: "anomalyctl backtest",
      summary: "Replay recordings of a host and report the alarms the daemon would have raised",
      details: """
        Replays CSV files through the daemon's own monitor. All files and columns of one
        invocation are treated as metrics of one host: rows are read in the order of their time
        stamps, alarms share one budget, and overlapping events form incidents. With several
        metrics, the messages that outputs would have received are printed first. Without
        --config, the daemon's defaults apply (AlarmBudget=2/day for the host); with it, the
        configured budget, rules and silences. As in the daemon, rows that are not later than the
        previous one are skipped and reported.

        Separator, header and time stamp format are detected unless specified. Compressed files
        (.gz) are read through gzip(1). Files may have any length; memory use depends only on the
        number of columns.

        --scores writes one line per sample: timestamp, value, expected, lower, upper, score,
        level, state, event. Time stamps are Unix seconds if the file uses those, otherwise RFC
        3339; event is 1 if the detector raises an alarm, otherwise 0.

        --events reads traces: a column of ids, whose order and timing are judged, and with
        --thread a column of threads, each forming a separate stream. Values are then the surprise
        of each trace event, in bits.

        --budgets replays the recordings once per budget and prints the number of incidents with
        each; on recordings without faults, these are false alarms.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with a header or without, also .csv.gz")
      ],
      options: TableOptions.options + [
        .value(
          "key", "COLUMN",
          help: "The column that distinguishes rows with the same time stamp, "
            + "such as host names"),
        .value(
          "events", "COLUMN", help: "Judge the order of the ids in a column, by name or position"),
        .value(
          "thread", "COLUMN",
          help: "With --events: a column of threads, each a separate "
            + "stream"),
        .repeated(
          "model", "FILE",
          help: "Also judge the columns that a model from 'train' knows, like [Model] in the "
            + "daemon"),
        .value(
          "export", "DIR",
          help: "Write what each metric has learnt to DIR/METRIC.state, for import or for Prior="),
        .value("scores", "OUT", help: "Write the score of every sample to a file or directory"),
        .value("seed", "N", help: "Seed of the initial weights (default 1)"),
        .value(
          "budget",
          "SAMPLES",
          help: "Normal samples per alarm of each metric, instead of the configured budget"
        ),
        .value(
          "budgets",
          "LIST",
          help: "Compare budgets of the whole host in alarms a day, such as 0.5,1,2"
        ),
        .flag("as-recorded", help: "Keep rows that are not later than the one before"),
        .flag(
          "align-starts",
          help: "Shift all files so that they begin at the same time as the "
            + "first"),
        .value(
          "config",
          short: "c",
          "PATH",
          help: "Use this file and PATH.d/*.conf (default: the daemon's defaults)"
        ),
        .flag(
          "json", short: "j", help: "One JSON object per line: events, incidents, then a summary"),
      ],
      examples: [
        .init("anomalyctl backtest cpu.csv disk.csv", "Events and incidents of one host"),
        .init(
          "anomalyctl backtest --config /etc/anomalyd/anomalyd.conf cpu.csv",
          "With the budget, rules and silences of the daemon"
        ),
        .init(
          "anomalyctl backtest --json --budget 20000 *.csv",
          "For scripts, with a separate budget for each metric"
        ),
        .init(
          "anomalyctl backtest --budgets 0.5,1,2 --align-starts quiet-*.csv",
          "False alarms of a healthy host with each budget"
        ),
        .init(
          "anomalyctl backtest --column 3 --scores scores.csv pump.csv",
          "Every sample of the third column with its expected value and score"
        ),
        .init(
          "anomalyctl backtest --model pump.model pump.csv",
          "Alarms of a trained model in the daemon, in addition to the detectors"
        ),
        .init(
          "anomalyctl backtest --events id --thread task trace.csv",
          "Trace events in an unusual order or at unusual times, per task"
        ),
      ],
      json: """
        One line per event, with the fields of Type=file (see anomalyd(8)) and muted_by; then \
        {"incident": ...} per incident: id, began, opened, closed, severity, events, metrics, \
        notified, messages (at, state, severity, explanation); finally {"summary": ...}: files, \
        failed_files, metrics, samples, gaps, malformed, events, muted_events, scheduled_events, \
        open_events, incidents, messages, event_messages, days, alarms_per_day, seed, \
        host_budget_per_day, budget, seconds. With --budgets, one object per budget: budget, \
        events, incidents, days, incidentsPerDay, shareOfBudget.
        """
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let plan = try BacktestPlan(arguments)
    let variants = plan.variants
    let bytes = max(1, plan.files.reduce(0) { $0 + LocalFile.size($1) })
    let work = ParallelWork(console: console, unit: variants.count == 1 ? "replay" : "replays")
    let results = work.map(variants, weights: variants.map { _ in bytes }) { settings, reached in
      BacktestRun(plan: plan, settings: settings).run(reached: reached)
    }
    // All replays read the same files.
    guard let first = results.first else { return }
    for line in first.notices { console.note("anomalyctl: \(Layout.printable(line))\n") }
    let isJSON = arguments.has("json")
    if let budgets = plan.budgets {
      let report = BudgetReport(budgets: budgets, results: results)
      try console.write(lines: isJSON ? try report.json() : report.text(console))
    } else if isJSON || first.failedFiles < first.fileCount {
      let report = BacktestReport(
        result: first, settings: plan.settings, elapsed: begin.duration(to: .now))
      try console.write(lines: isJSON ? try report.json() : report.text(console))
    }
    let failures = first.failures.map { Layout.printable($0) }
    if !failures.isEmpty { throw CommandFailure(failures.joined(separator: "\nanomalyctl: ")) }
  }
}
