import CommandLine
import Config
import Models
import Series

extension Command {
  /// `anomalyctl synthesize`.
  package static let synthesize = Command(
    Usage(
      command: "anomalyctl synthesize",
      summary:
        "Generate a labelled recording with trend, seasons, noise and anomalies, or one like "
        + "another",
      details: """
        Writes a CSV file with a column 'label' and, with --intervals, a second file that lists \
        the anomalies as start,end,file,kind for 'evaluate --labels'.

        --anomaly is KIND[:COUNT[:ROWS[:STRENGTH]]], with the strength in multiples of the typical \
        change from row to row. KIND is one of \
        \(Injection.Kind.allCases.map(\.rawValue).joined(separator: ", ")). The first tenth of the \
        rows contains no anomalies.

        --like FILE repeats the pattern of a recording instead: its periods in random order, \
        distorted in length and height (--distort), without anything labelled as anomalous. The \
        same seed produces the same file.

        --threads COUNT generates a trace instead (timestamp,thread,event): each thread runs \
        procedures of a few ids. --rows and the COUNT of --anomaly then apply per thread, \
        --interval is the mean time between its trace events, and KIND is one of \
        \(TraceRecipe.Anomaly.allCases.map(\.rawValue).joined(separator: ", ")). The first half \
        contains no anomalies. Intervals name the thread: start,end,thread,kind.
        """,
      options: [
        .value("output", short: "o", "OUT", help: "The CSV file to write"),
        .value("intervals", "OUT", help: "Write the anomalies as intervals to this file"),
        .value("rows", "ROWS", help: "Rows (default 10000, or as many as --like has)"),
        .value("columns", "COUNT", help: "Columns (default 1)"),
        .value("interval", "TIME", help: "Sampling interval, such as 5s or 15min (default 1min)"),
        .value("level", "NUMBER", help: "Initial value (default 50)"),
        .value("trend", "NUMBER", help: "Increase over 1000 rows (default 0)"),
        .repeated("season", "ROWS:HEIGHT", help: "A wave, such as 1440:10"),
        .value(
          "noise", "KIND:DEVIATION",
          help: SeriesRecipe.Noise.allCases.map(\.rawValue).joined(separator: ", ")
            + " (default gaussian:1)"),
        .repeated("anomaly", "WHAT", help: "Anomalies, such as spike:5 or level:2:100:6"),
        .value("threads", "COUNT", help: "Generate a trace of COUNT threads"),
        .value("like", "FILE", help: "Repeat the pattern of this recording"),
        .value("distort", "SHARE", help: "With --like: amount of distortion (default 0.1)"),
        .value("seed", "N", help: "Seed (default 1)"),
        .value("labels", "WHAT", help: "With --like: labels of FILE, as for evaluate"),
      ] + TableOptions.options,
      examples: [
        .init(
          "anomalyctl synthesize --season 1440:10 --anomaly spike:5 --anomaly stuck:2 -o made.csv",
          "A week of minutes with a daily wave, five spikes and two stuck sensors"),
        .init(
          "anomalyctl synthesize --like power.csv --anomaly collective:3:96 -o more.csv",
          "A series like another, with three unusual days"),
        .init(
          "anomalyctl synthesize --threads 3 --anomaly missing:5 --intervals faults.csv -o trace.csv",
          "A trace in which a few trace events are missing five times in each thread"),
      ]
    )
  ) { arguments, console in
    if arguments.has("threads") { return try TraceSynthesis(arguments).write(console) }
    let options = try SynthesisOptions(arguments)
    try LocalFile.requireWritable(options.output)
    var table = try options.base()
    let placed = Injection.inject(options.injections, into: &table, seed: options.seed)
    try options.write(table, placed)
    let wanted = options.injections.reduce(0) { $0 + $1.count }
    if placed.count < wanted {
      console.note(
        "anomalyctl: only \(placed.count) of \(wanted) anomalies fit: increase --rows\n"
      )
    }
    try console.write(
      lines: [
        "wrote \(Layout.printable(options.output)): \(HumanNumber.counted(table.count, "row")), "
          + HumanNumber.counted(placed.count, "anomaly", "anomalies")
      ])
  }
}

/// The parsed command line of `anomalyctl synthesize`.
struct SynthesisOptions {
  /// The output path of the recording.
  let output: String
  /// The anomalies.
  let injections: [Injection]
  /// Seed of everything.
  let seed: UInt64
  private let intervals: String?
  private let recipe: SeriesRecipe
  private let like: (path: String, rows: Int?, distortion: Double)?
  private let labels: LabelSource
  private let tables: TableOptions

  /// Parses the options.
  init(_ arguments: Arguments) throws {
    guard let output = arguments.value("output") else {
      throw UsageError.conflict("--output is required: the file for the recording")
    }
    self.output = output
    intervals = arguments.value("intervals")
    seed = UInt64(try arguments.integer("seed", in: 0 ... .max) ?? 1)
    var recipe = SeriesRecipe()
    recipe.seed = seed
    let rows = try arguments.integer("rows", in: 10...100_000_000)
    recipe.rows = rows ?? recipe.rows
    recipe.columns = try arguments.integer("columns", in: 1...256) ?? 1
    recipe.level = try arguments.number("level") ?? recipe.level
    recipe.trend = try arguments.number("trend") ?? 0
    if let text = arguments.value("interval") {
      guard let interval = TimeSpan.parse(text), interval > .zero else {
        throw UsageError.invalidValue(
          of: "--interval", value: text, expected: "a time such as 5s, 15min or 1h",
          suggestion: nil)
      }
      recipe.interval = interval
    }
    for text in arguments.values("season") {
      let numbers = text.split(separator: ":").map { Double($0) ?? .nan }
      guard numbers.count == 2, numbers[0] > 0, numbers.allSatisfy(\.isFinite) else {
        throw UsageError.invalidValue(
          of: "--season", value: text, expected: "rows and height, such as 1440:10",
          suggestion: nil)
      }
      recipe.seasons.append(.init(period: numbers[0], amplitude: numbers[1]))
    }
    if let text = arguments.value("noise") {
      let words = text.split(separator: ":")
      let deviation = words.count > 1 ? Double(words[1]) : 1
      guard let word = words.first, let noise = SeriesRecipe.Noise(rawValue: String(word)),
        words.count <= 2, let deviation, deviation >= 0, deviation.isFinite
      else {
        throw UsageError.invalidValue(
          of: "--noise", value: text,
          expected: "gaussian, laplace, student or exponential, and a deviation, such as student:2",
          suggestion: nil)
      }
      (recipe.noise, recipe.deviation) = (noise, deviation)
    }
    injections = try arguments.values("anomaly").map { try SynthesisOptions.injection($0) }
    let distortion = try arguments.number("distort", in: 0...1) ?? 0.1
    like = arguments.value("like").map { ($0, rows, distortion) }
    self.recipe = recipe
    labels = try LabelSource(arguments.value("labels"))
    tables = try TableOptions(arguments)
  }

  private static func injection(_ text: String) throws(UsageError) -> Injection {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    let kinds = Injection.Kind.allCases.map(\.rawValue)
    guard let kind = Injection.Kind(rawValue: String(words[0])) else {
      throw .invalidValue(
        of: "--anomaly", value: text, expected: kinds.joined(separator: ", "),
        suggestion: NearMiss.of(String(words[0]), among: kinds))
    }
    var injection = Injection(kind)
    let numbers = words.dropFirst().map { Double($0) ?? .nan }
    guard numbers.count <= 3, numbers.allSatisfy({ $0 > 0 && $0 < 1e9 }) else {
      throw .invalidValue(
        of: "--anomaly", value: text,
        expected: "KIND[:COUNT[:ROWS[:STRENGTH]]], such as level:2:100:6",
        suggestion: nil)
    }
    if numbers.count > 0 { injection.count = max(1, Int(numbers[0])) }
    if numbers.count > 1 { injection.length = max(1, Int(numbers[1])) }
    if numbers.count > 2 { injection.strength = numbers[2] }
    return injection
  }

  /// The recording without anomalies.
  func base() throws(CommandFailure) -> RecordedTable {
    guard let like else { return recipe.table(name: output) }
    var file = try RecordingFile(like.path, tables, label: labels.column)
    file.table.labels = labels.labels(of: file, value: nil)
    guard let pattern = DistortedSeries(file.table, distortion: like.distortion) else {
      throw CommandFailure(
        "\(like.path): expected at least 20 consecutive rows without gaps and anomalies, found "
          + "none"
      )
    }
    return pattern.table(name: output, rows: like.rows ?? file.table.count, seed: seed)
  }

  /// Writes the recording and its labels.
  func write(_ table: RecordedTable, _ placed: [Injection.Placed]) throws(CommandFailure) {
    var file = try FileWriter(path: output)
    try file.append(
      ("timestamp," + table.columns.map(CSVText.cell).joined(separator: ",") + ",label\n").utf8)
    for row in 0..<table.count {
      var line = table.timestamps[row].iso8601
      for column in table.columns.indices {
        let value = table[row, column]
        line += value.isFinite ? ",\(value)" : ","
      }
      try file.append((line + (table.labels?[row] == true ? ",1\n" : ",0\n")).utf8)
    }
    try file.finish()
    guard let intervals else { return }
    let name = output.split(separator: "/").last.map(String.init) ?? output
    var text = "start,end,file,kind\n"
    for one in placed {
      text += "\(table.timestamps[one.rows.lowerBound].iso8601),"
      text +=
        "\(table.timestamps[one.rows.upperBound].iso8601),\(CSVText.cell(name)),\(one.kind.rawValue)\n"
    }
    try LocalFile.write(text.utf8, to: intervals)
  }
}
