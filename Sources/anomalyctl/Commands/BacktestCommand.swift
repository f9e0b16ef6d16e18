import CommandLine

extension Command {
  /// Runs the detector over recorded series.
  package static let backtest = Command(
    Usage(
      command: "anomalyctl backtest",
      summary: "Replay recordings of a host and report the alarms the daemon would have raised",
      details: """
        Replays CSV files through the daemon's own monitor. All files and columns of one invocation
        are metrics of one host: their rows are taken in the order of their time stamps, their alarms
        share one budget, and events that overlap form incidents: of several metrics, the messages
        that outputs would be notified of are printed first. Without --config everything is at
        the daemon's defaults (AlarmBudget=2/day for the host), with it as configured: budget, rules,
        silences. Rows that are not later than the one before are left out and reported, as the
        daemon does.

        Separator, header and time stamps are detected, unless given. Compressed files (.gz) are read
        through gzip(1). A file may have any length: only its columns take memory.

        --scores writes one line per sample: timestamp, value, expected, lower, upper, score,
        level, state, event. The time stamp is Unix seconds where the file has those, else
        RFC 3339; event is 1 where the detector raises an alarm, else 0.

        --events reads traces: a column of ids, whose order and timing are judged, and with --thread
        a column of threads, each a stream of its own. Values are then how surprising each trace
        event was, in bits.

        --budgets replays the recordings once per budget and prints how many incidents each one lets
        pass; on recordings without faults, how often a host would call in vain.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with a header or without, also .csv.gz")
      ],
      options: TableOptions.options + [
        .value(
          "key", "COLUMN", help: "The column that tells rows of the same time apart, such as hosts"),
        .value(
          "events", "COLUMN", help: "Judge the order of the ids in a column, by name or place"),
        .value("thread", "COLUMN", help: "With --events: one stream for each thread in a column"),
        .repeated(
          "model", "FILE",
          help: "Have a model of 'train' judge the columns it knows, as [Model] does in the daemon"),
        .value(
          "export", "DIR",
          help: "Write what each metric has learnt to DIR/METRIC.state, for import or for Prior="),
        .value("scores", "OUT", help: "Write every sample's score to a file, or into a folder"),
        .value("seed", "N", help: "Seed of the network's first weights (default 1)"),
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
        .flag("align-starts", help: "Shift all files to begin when the first one does"),
        .value(
          "config",
          short: "c",
          "PATH",
          help: "Use this file and PATH.d/*.conf (default: no file, the daemon's defaults)"
        ),
        .flag(
          "json", short: "j", help: "One JSON object a line: events, incidents, then a summary"),
      ],
      examples: [
        .init("anomalyctl backtest cpu.csv disk.csv", "Events and incidents of one host"),
        .init(
          "anomalyctl backtest --config /etc/anomalyd/anomalyd.conf cpu.csv",
          "With the budget, rules and silences of the daemon"
        ),
        .init(
          "anomalyctl backtest --json --budget 20000 *.csv",
          "For scripts, each metric with a budget of its own"
        ),
        .init(
          "anomalyctl backtest --budgets 0.5,1,2 --align-starts quiet-*.csv",
          "How often a host without faults calls under each budget"
        ),
        .init(
          "anomalyctl backtest --column 3 --scores scores.csv pump.csv",
          "Every sample of the third column with what was expected and its score"
        ),
        .init(
          "anomalyctl backtest --model pump.model pump.csv",
          "What a trained model would alarm on in the daemon, beside its detectors"
        ),
        .init(
          "anomalyctl backtest --events id --thread task trace.csv",
          "Trace events in an unusual order or at unusual times, task by task"
        ),
      ],
      json: """
        A line for each event, with the fields of a line of Type=file (see anomalyd(8)) and muted_by; \
        then {"incident": ...} for each incident: id, began, opened, closed, severity, events, \
        metrics, notified, messages (at, state, severity, explanation); at last {"summary": ...}: \
        files, failed_files, metrics, samples, gaps, malformed, events, muted_events, \
        scheduled_events, open_events, incidents, messages, event_messages, days, alarms_per_day, \
        seed, host_budget_per_day, budget, seconds. With --budgets an object for each: budget, events, \
        incidents, days, incidentsPerDay, shareOfBudget.
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
