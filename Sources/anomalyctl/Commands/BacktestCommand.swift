import CommandLine
import Detection
import Evaluation
import Inputs
import Series

extension Command {
  /// Runs the detector over recorded series.
  package static let backtest = Command(
    Usage(
      command: "anomalyctl backtest",
      summary: "Tell what the daemon would have alarmed on in recorded series",
      details: """
        Reads CSV files and runs the daemon's own detector over each column of numbers, from the
        first row to the last. Every file and column is a metric of its own. Separator, header and
        time stamps are found out, unless told. Files ending in .gz are read through gzip(1). A file
        may have any length: only its columns take memory.

        --scores writes one line per sample: timestamp, value, expected, lower, upper, score,
        level, state, event. The time stamp is Unix seconds where the file has those, else
        RFC 3339; event is 1 where one opens, else 0.

        --events takes rows as events instead: a column of ids, whose order and timing are judged,
        and with --thread a column of threads, each a stream of its own. Values are then how
        surprising each event was, in bits.
        """,
      arguments: [
        .init("FILE", .oneOrMore, help: "CSV files with a header or without, also .csv.gz")
      ],
      options: [
        .repeated(
          "column",
          "COLUMN",
          help: "A column by name or by place from 1 (default all of numbers)"
        ),
        .value("timestamp", "COLUMN", help: "The column of time stamps, or 'none'"),
        .value(
          "timestamp-format",
          "FORMAT",
          help: "iso8601, epoch, epoch-milliseconds or a pattern such as '%d/%m/%Y %H:%M'"
        ),
        .value(
          "time-zone",
          "ZONE",
          help: "Zone of time stamps that say none, such as local or Europe/Berlin (default UTC)"
        ),
        .value(
          "delimiter",
          "CHARACTER",
          help: "comma, semicolon, tab, pipe, space or a character"
        ),
        .value(
          "events", "COLUMN", help: "Judge the order of the ids in a column, by name or place"),
        .value("thread", "COLUMN", help: "With --events: one stream for each thread in a column"),
        .value("scores", "OUT", help: "Write every sample's score to a file, or into a folder"),
        .value("seed", "N", help: "Seed of the network's first weights (default 1)"),
        .value(
          "budget",
          "SAMPLES",
          help: "Alarm budget: normal samples per alarm (default 5000)"
        ),
        .value(
          "config",
          short: "c",
          "PATH",
          help: "Go by this file and PATH.d/*.conf (default: no file, the built-in defaults)"
        ),
        .flag("json", short: "j", help: "One JSON object a line: the events, then a summary"),
      ],
      examples: [
        .init("anomalyctl backtest cpu.csv", "A table of the events"),
        .init(
          "anomalyctl backtest --json --budget 20000 *.csv",
          "For scripts, with a quarter of the alarms"
        ),
        .init(
          "anomalyctl backtest --config /etc/anomalyd/anomalyd.conf cpu.csv",
          "With the rules of the daemon"
        ),
        .init(
          "anomalyctl backtest --column 3 --scores scores.csv pump.csv",
          "Every sample of the third column with what was expected and its score"
        ),
        .init(
          "anomalyctl backtest --events id --thread task trace.csv",
          "Events in an unusual order or at unusual times, task by task"
        ),
      ]
    )
  ) { arguments, console in
    let begin = ContinuousClock.now
    let plan = try BacktestPlan(arguments)
    let work = ParallelWork(console: console, unit: plan.files.count == 1 ? "file" : "files")
    let results = work.map(plan.files, weights: plan.files.map(LocalFile.size)) {
      plan.run($0, reached: $1)
    }
    for line in results.flatMap(\.notices) {
      console.note("anomalyctl: \(Layout.printable(line))\n")
    }
    let failures = results.compactMap(\.failure).map { Layout.printable($0) }
    let report = BacktestReport(
      results: results,
      configuration: plan.configuration,
      elapsed: begin.duration(to: .now)
    )
    if arguments.has("json") {
      try console.write(lines: try report.json())
    } else if failures.count < results.count {
      try console.write(lines: report.text(console))
    }
    if !failures.isEmpty { throw CommandFailure(failures.joined(separator: "\nanomalyctl: ")) }
  }
}
