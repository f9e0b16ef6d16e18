import CommandLine
import Config
import Models
import Series

/// `anomalyctl synthesize --threads`.
struct TraceSynthesis {
  private let output: String
  private let intervals: String?
  private let recipe: TraceRecipe

  /// Parses the options.
  init(_ arguments: Arguments) throws {
    let known: Set<String> = [
      "output", "intervals", "rows", "interval", "anomaly", "threads", "seed",
    ]
    if let other = arguments.all.keys.filter({ !known.contains($0) }).sorted().first {
      throw UsageError.conflict("--\(other) does not apply to traces")
    }
    guard let output = arguments.value("output") else {
      throw UsageError.conflict("--output is required: the file for the trace")
    }
    self.output = output
    intervals = arguments.value("intervals")
    var recipe = TraceRecipe()
    recipe.threads = try arguments.integer("threads", in: 1...64) ?? recipe.threads
    recipe.rows = try arguments.integer("rows", in: 1000...10_000_000) ?? recipe.rows
    recipe.seed = UInt64(try arguments.integer("seed", in: 0 ... .max) ?? 1)
    if let text = arguments.value("interval") {
      guard let interval = TimeSpan.parse(text), interval > .zero else {
        throw UsageError.invalidValue(
          of: "--interval", value: text, expected: "a time such as 10ms", suggestion: nil)
      }
      recipe.interval = interval
    }
    recipe.injections = try arguments.values("anomaly").map { try TraceSynthesis.injection($0) }
    self.recipe = recipe
  }

  private static func injection(_ text: String) throws(UsageError) -> TraceRecipe.Injection {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    let kinds = TraceRecipe.Anomaly.allCases.map(\.rawValue)
    guard let kind = TraceRecipe.Anomaly(rawValue: String(words[0])) else {
      throw .invalidValue(
        of: "--anomaly", value: text, expected: kinds.joined(separator: ", "),
        suggestion: NearMiss.of(String(words[0]), among: kinds))
    }
    let numbers = words.dropFirst().map { Int($0) ?? 0 }
    guard numbers.count <= 2, numbers.allSatisfy({ (1...1_000_000).contains($0) }) else {
      throw .invalidValue(
        of: "--anomaly", value: text, expected: "KIND[:COUNT[:ROWS]], such as missing:5:3",
        suggestion: nil)
    }
    var injection = TraceRecipe.Injection(kind)
    injection.count = numbers.first ?? injection.count
    injection.length = numbers.dropFirst().first
    return injection
  }

  /// Writes the trace and its labels.
  func write(_ console: Console) throws {
    try LocalFile.requireWritable(output)
    let (events, placed) = recipe.trace()
    var file = try FileWriter(path: output)
    try file.append("timestamp,thread,event\n".utf8)
    for event in events {
      try file.append("\(TraceSynthesis.text(event.timestamp)),\(event.thread),\(event.id)\n".utf8)
    }
    try file.finish()
    if let intervals {
      var text = "start,end,thread,kind\n"
      for one in placed {
        text += "\(TraceSynthesis.text(one.first)),\(TraceSynthesis.text(one.last)),"
        text += "\(one.thread),\(one.kind.rawValue)\n"
      }
      try LocalFile.write(text.utf8, to: intervals)
    }
    let wanted = recipe.injections.reduce(0) { $0 + $1.count } * recipe.threads
    if placed.count < wanted {
      console.note(
        "anomalyctl: only \(placed.count) of \(wanted) anomalies fit: increase --rows\n"
      )
    }
    try console.write(
      lines: [
        "wrote \(Layout.printable(output)): "
          + "\(HumanNumber.counted(recipe.threads, "thread")), "
          + "\(HumanNumber.counted(events.count, "event")), "
          + HumanNumber.counted(placed.count, "anomaly", "anomalies")
      ])
  }

  /// Unix seconds to the nanosecond: pauses are far below a millisecond.
  private static func text(_ moment: Timestamp) -> String {
    let (seconds, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let digits = String(rest)
    return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits
  }
}
