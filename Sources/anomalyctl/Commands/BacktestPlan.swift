import Calendar
import CommandLine
import Config
import Daemon
import Detection
import Inputs
import Models
import Monitor
import Series

/// The parsed command line of `anomalyctl backtest`.
struct BacktestPlan: Sendable {
  /// The files, in order.
  let files: [String]
  /// The daemon's configuration, except for overrides on the command line.
  let settings: Settings
  /// Budgets in alarms a day to compare; nil: only that of ``settings`` is tried.
  let budgets: [Double]?
  /// Whether all files are shifted to begin when the first one does.
  let alignsStarts: Bool
  /// Whether rows that are not later than the previous one are accepted unchanged.
  private let takesAllRows: Bool
  /// The trained models that judge the recordings, in addition to the detectors.
  let models: [ModelAttachment]
  /// The priors of new metrics.
  let priors: PriorBook
  /// The directory for what each metric has learnt; nil if it is not exported.
  let export: String?
  /// Local time, for silences.
  let localTime: TimeZoneRules

  private let tables: TableOptions
  /// The columns of event ids; nil if values are judged.
  let events: TraceColumns?
  /// The column that distinguishes several series in one table; nil if there is only one.
  private let key: CSVColumn?
  /// Nil if they are not wanted.
  let scores: Scores?

  /// Where the scores of every sample are written.
  struct Scores: Sendable {
    /// A file, or a directory with one file per metric.
    let path: String
    /// Which of them it is.
    let isFolder: Bool
  }

  /// Parses the options.
  /// - Throws: `UsageError` for invalid values, ``CommandFailure`` if the directory for the scores
  ///   cannot be created.
  init(_ arguments: Arguments) throws {
    files = arguments.positional
    // The defaults unless a file is given, so that a backtest gives the same result on every host.
    var settings =
      arguments.value("config") == nil ? Settings(.all) : try LocalSettings.load(arguments)
    if let seed = try arguments.integer("seed", in: 0 ... .max) {
      settings.detector.seed = UInt64(seed)
    }
    if let samples = try arguments.number("budget", in: 10...1e9) {
      settings.setAlarmBudget(.samples(samples))
    }
    self.settings = settings
    models = try BacktestPlan.models(arguments, settings)
    do throws(SettingsRefusal) {
      priors = try settings.priorBook()
    } catch {
      throw CommandFailure("invalid configuration:\n\(error)", exitCode: 78)
    }
    export = arguments.value("export")
    if let export { try LocalFile.makeFolder(export) }
    budgets = try arguments.value("budgets").map { text throws(UsageError) in
      try BacktestPlan.budgets(text)
    }
    for option in ["budget", "scores", "export"] where budgets != nil && arguments.has(option) {
      throw UsageError.conflict(
        "--\(option) cannot be combined with --budgets, which compares "
          + "budgets")
    }
    alignsStarts = arguments.has("align-starts")
    takesAllRows = arguments.has("as-recorded")
    localTime = ZoneFiles.local(environment: Console.environment)
    tables = try TableOptions(arguments)
    if let column = arguments.value("events") {
      guard tables.columns.isEmpty else {
        throw UsageError.conflict(
          "--column selects values, --events ids of trace events: use "
            + "only one of them")
      }
      var events = TraceColumns()
      events.event = CSVColumn(parsing: column)
      events.thread = arguments.value("thread").map(CSVColumn.init(parsing:))
      self.events = events
    } else {
      guard !arguments.has("thread") else {
        throw UsageError.conflict("--thread needs --events, the column of the events' ids")
      }
      events = nil
    }
    key = arguments.value("key").map(CSVColumn.init(parsing:))
    guard key == nil || events == nil else {
      throw UsageError.conflict("--key applies to values; for trace events, use --thread")
    }
    if let path = arguments.value("scores") {
      let isFolder = files.count > 1 || path.hasSuffix("/") || LocalFile.isFolder(path)
      if isFolder { try LocalFile.makeFolder(path) }
      scores = Scores(path: path, isFolder: isFolder)
    } else {
      scores = nil
    }
    if files.count > 1, scores != nil { try BacktestPlan.requireDistinctNames(files) }
  }

  /// The configurations to replay with.
  var variants: [Settings] {
    guard let budgets else { return [settings] }
    return budgets.map { budget in
      var settings = settings
      settings.setAlarmBudget(.host(alarms: budget, per: .seconds(86_400)))
      return settings
    }
  }

  /// Budgets such as `0.5,1,2`, in alarms a day.
  private static func budgets(_ text: String) throws(UsageError) -> [Double] {
    var budgets: [Double] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let budget = Double(word), (0.01...1000).contains(budget) else {
        throw .invalidValue(
          of: "--budgets", value: text,
          expected: "alarms a day from 0.01 to 1000, such as 0.5,1,2", suggestion: nil)
      }
      budgets.append(budget)
    }
    return budgets
  }

  /// The models of the configuration, and those of `--model`.
  private static func models(
    _ arguments: Arguments, _ settings: Settings
  ) throws(CommandFailure) -> [ModelAttachment] {
    var models: [ModelAttachment] = []
    do throws(SettingsRefusal) {
      models = try settings.attachments()
    } catch {
      throw CommandFailure("invalid configuration:\n\(error)", exitCode: 78)
    }
    for path in arguments.values("model") {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      let name = file.hasSuffix(".model") ? String(file.dropLast(6)) : file
      do throws(ModelFileError) {
        models.append(
          ModelAttachment(
            name: name, path: path, loaded: try LoadedModel(contentsOf: path), metrics: nil))
      } catch {
        throw CommandFailure("\(error)")
      }
      guard models.dropLast().allSatisfy({ $0.metric != models[models.count - 1].metric }) else {
        throw CommandFailure("two models are named \(name): their scores would be the same metric")
      }
    }
    return models
  }

  /// Metrics are named after their files, and so are the files of their scores.
  private static func requireDistinctNames(_ files: [String]) throws(UsageError) {
    var seen: [Substring: String] = [:]
    for file in files {
      let name = file.split(separator: "/").last ?? ""
      if let other = seen.updateValue(file, forKey: name) {
        throw .conflict(
          "--scores names its files after the series, but \(other) and \(file) have the same name")
      }
    }
  }

  /// How files are read.
  var table: TableSection {
    var result = tables.table
    result.trace = events
    result.key = key
    // Traces of several threads need not be in order, as in the daemon.
    if events != nil || takesAllRows { result.timeOrder = .asRecorded }
    return result
  }
}

extension Settings {
  /// Gives all metrics the same budget.
  fileprivate mutating func setAlarmBudget(_ budget: AlarmBudget) {
    detector.alarmBudget = budget
    for index in metrics.indices { metrics[index].alarmBudget = nil }
  }
}

extension DetectorConfiguration {
  /// The configuration of a detector with the seed and the budget of a command line.
  init(_ arguments: Arguments) throws(UsageError) {
    self.init(
      seed: UInt64(try arguments.integer("seed", in: 0 ... .max) ?? 1),
      alarmBudget: try arguments.number("budget", in: 10...1e9) ?? 5000)
  }
}
