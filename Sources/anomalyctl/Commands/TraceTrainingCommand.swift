import CommandLine
import Control
import Glibc
import Models
import Series

/// `anomalyctl train symbols`.
enum TraceTrainingCommand {
  /// The options that apply to traces.
  private static let options: Set<String> = [
    "output", "events", "thread", "epochs", "patience", "validation", "budget", "seed", "from",
    "until", "first", "skip", "timestamp", "timestamp-format", "time-zone", "delimiter", "json",
  ]

  static func run(_ arguments: Arguments, _ console: Console) throws {
    let begin = ContinuousClock.now
    if let other = arguments.all.keys.filter({ !options.contains($0) }).sorted().first {
      throw UsageError.conflict("--\(other) does not apply to trace models")
    }
    guard let output = arguments.value("output") else {
      throw UsageError.conflict("--output is required: the file for the model")
    }
    try LocalFile.requireWritable(output)
    var plan = TraceModel.Plan()
    if let count = try arguments.integer("epochs", in: 1...100_000) { plan.epochs = count }
    if let count = try arguments.integer("patience", in: 1...100_000) { plan.patience = count }
    if let share = try arguments.number("validation", in: 0...0.9) { plan.validationShare = share }
    if let budget = try arguments.number("budget", in: 10...1e9) { plan.budget = budget }
    if let seed = try arguments.integer("seed", in: 0 ... .max) { plan.seed = UInt64(seed) }
    let source = try TraceOptions(arguments)
    let rows = try RowRange(arguments)
    var traces: [RecordedTrace] = []
    for path in arguments.positional.dropFirst() {
      let (trace, notices) = try source.read(path)
      for line in notices { console.note("anomalyctl: \(Layout.printable(line))\n") }
      traces.append(rows.kept(of: trace))
    }
    let signals = SignalInterruption([SIGINT, SIGTERM])
    var progress = TrainingProgress(console: console)
    var isInterrupted = false
    let model: TraceModel
    do throws(TraceTraining.Failure) {
      model = try TraceTraining(plan, traces).run(
        threads: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), columns: source.columns
      ) { state in
        progress.show(state)
        isInterrupted = signals?.hasArrived ?? false
        return !isInterrupted
      }
    } catch {
      throw CommandFailure(text(of: error))
    }
    progress.finish()
    for thread in model.provenance.dropped {
      console.note("anomalyctl: \(Layout.printable(thread)): left out\n")
    }
    try LocalFile.replace(output, with: model.bytes)
    if isInterrupted { console.note("anomalyctl: interrupted, keeping the best model so far\n") }
    let report = TraceModelReport(model)
    let elapsed = begin.duration(to: .now)
    try console.write(
      lines: arguments.has("json")
        ? [try report.json()]
        : [
          report.oneLine + ", took \(HumanNumber.duration(elapsed))",
          "wrote \(Layout.printable(output))",
        ])
  }

  private static func text(of failure: TraceTraining.Failure) -> String {
    switch failure {
    case .tooFewEvents(let found, let needed):
      "expected a thread with at least \(HumanNumber.count(needed)) trace events, found "
        + "\(HumanNumber.count(found)) at most"
    case .tooManyThreads(let found, let most):
      "expected at most \(most) threads, found \(found): choose another column with --thread, or "
        + "none"
    }
  }
}

/// A description of a trace model, for people and for scripts.
struct TraceModelReport {
  private let model: TraceModel

  init(_ model: TraceModel) {
    self.model = model
  }

  private struct JSON: Encodable {
    struct Thread: Encodable {
      var thread: String
      var events: Int
    }

    var kind = TraceModel.kind
    var threads: [Thread]
    var budget: Double
    var seed: UInt64
    var epochs: Int
    var bestEpoch: Int
    var losses: [Double]
    var validationLosses: [Double?]
    var leftOut: [String]
    var files: [String]
    var version: String

    enum CodingKeys: String, CodingKey {
      case kind, threads, budget, seed, epochs, losses, files, version
      case bestEpoch = "best_epoch"
      case validationLosses = "validation_losses"
      case leftOut = "left_out"
    }
  }

  /// Such as `symbols of 3 threads, 60,016 events, 7 epochs (best: 4), 1.81 bits an event`.
  var oneLine: String {
    let events = model.streams.reduce(0) { $0 + $1.events }
    return "\(TraceModel.kind) of \(HumanNumber.counted(model.streams.count, "thread")), "
      + "\(HumanNumber.count(events)) events, \(HumanNumber.count(model.trainingLosses.count)) "
      + "epochs (best: \(model.bestEpoch))\(bits)"
  }

  private var bits: String {
    let index = model.bestEpoch - 1
    guard model.validationLosses.indices.contains(index),
      model.validationLosses[index].isFinite
    else { return "" }
    return ", \(HumanNumber.value(model.validationLosses[index])) bits per event in the last part"
  }

  /// The full description for people.
  func lines(_ console: Console) -> [String] {
    var entries = [
      ("Kind", "\(TraceModel.kind), \(TraceModel.summary)"), ("Training", oneLine),
      (
        "Alarms",
        "calibrated: one alarm per \(HumanNumber.value(model.plan.budget)) normal trace "
          + "events"
      ),
      ("Seed", "\(model.plan.seed)"), ("Version", "anomalyctl \(model.provenance.version)"),
    ]
    for file in model.provenance.files {
      entries.append(
        (
          "From",
          "\(file.name), \(HumanNumber.count(file.rows)) events, \(file.first.iso8601) to "
            + file.last.iso8601
        ))
    }
    for dropped in model.provenance.dropped { entries.append(("Left out", dropped)) }
    let width = entries.map(\.0.count).max() ?? 0
    var table = Table([.name("thread"), .number("events")])
    for stream in model.streams {
      table.add([
        Table.Cell(stream.thread.isEmpty ? "(one stream)" : stream.thread),
        Table.Cell(HumanNumber.count(stream.events)),
      ])
    }
    return entries.map { name, value in
      console.style.bold(name) + String(repeating: " ", count: width - name.count + 2)
        + Layout.printable(value)
    } + [""] + table.lines(width: console.width, style: console.style)
  }

  /// One JSON object.
  func json() throws -> String {
    try JSONLine.text(
      JSON(
        threads: model.streams.map { .init(thread: $0.thread, events: $0.events) },
        budget: model.plan.budget, seed: model.plan.seed, epochs: model.trainingLosses.count,
        bestEpoch: model.bestEpoch, losses: model.trainingLosses,
        validationLosses: model.validationLosses.map { $0.isFinite ? $0 : nil },
        leftOut: model.provenance.dropped, files: model.provenance.files.map(\.name),
        version: model.provenance.version))
  }
}
