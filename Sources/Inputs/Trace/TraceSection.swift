public import Config

/// `[Input NAME]` with `Type=events`: traces in growing text files, each row a trace event.
public struct TraceSection: InputSection {
  /// `Type=`.
  public static let typeName = "events"
  /// What it is.
  public static let summary = "a trace in a text file"
  /// The manual's introduction.
  public static let manual =
    "A growing text file in which each row is a trace event: an id, a time stamp and perhaps the "
    + "thread it happened in, as firmware, drivers and tracers write them. What is judged is the "
    + "order of the ids and the time between them. Each thread is a metric called NAME or "
    + "NAME.THREAD, whose value is how surprising the newest trace event was, in bits."

  /// How the files are found and read. `values`, `trace` and `timeOrder` have no meaning here.
  public var table = TableSection()
  /// The columns, and how many streams there may be.
  public var columns = TraceColumns()

  /// The defaults; `table.paths` must still be set.
  public init() {}

  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): for ever.
  public var stallAfter: Duration? {
    get { table.stallAfter }
    set { table.stallAfter = newValue }
  }

  /// `Interval=`.
  public var interval: Duration { table.interval }
  /// The paths.
  public var subject: String { table.subject }
  /// The interval.
  public var rhythm: InputRhythm { table.rhythm }
  /// Everything that is in the files now.
  public var trialPlan: InputTrialPlan { table.trialPlan }

  /// From the beginning.
  public func forTrial() -> TraceSection {
    var result = self
    result.table = table.forTrial()
    return result
  }

  /// The input `name`.
  public func make(name: String) -> any Input {
    var table = table
    table.trace = columns
    // Trace events of different threads need not be in order, and several may happen at once.
    table.timeOrder = .asRecorded
    table.prefix = table.prefix ?? name
    return CSVInput(name: name, table: table)
  }

  /// The paths are required.
  public func check(_ check: inout SectionCheck) { table.check(&check) }

  /// The keys.
  public static let keys: [Key<TraceSection>] = [
    Key(
      "Path",
      \.table.paths,
      TableSyntax.paths,
      "The files to follow, as patterns; required. Rotation is followed as with Type=csv.",
      example: "/var/log/app/*.csv"
    ),
    Key(
      "MaximumFiles",
      \.table.maximumFiles,
      .wholeNumber(1...10_000),
      "The most files that are followed at once. Further matches are not read, which is logged and "
        + "shown by anomalyctl status."
    ),
    .interval(\.table.interval, "How often the files are checked."),
    Key("Header", \.table.header, TableSyntax.header, "Whether the first line names the columns."),
    Key(
      "EventColumn",
      \.columns.event,
      TableSyntax.column(or: "auto"),
      "The column of the trace events' ids, by name or position; ids are text of at most 64 bytes. "
        + "auto: the first column that holds neither time stamps nor threads."
    ),
    Key(
      "ThreadColumn",
      \.columns.thread,
      TableSyntax.column(or: "none"),
      "The column of threads, processes or devices, each a stream with a model of its own. none: "
        + "all trace events are one stream."
    ),
    Key(
      "TimestampColumn",
      \.table.timestampColumn,
      TableSyntax.timestampColumn,
      "The column of the time stamps, by name or position. none: the time of reading is the time "
        + "stamp. Rows are read in the order of the file; between two trace events of a thread that "
        + "run back in time no interval is judged."
    ),
    Key(
      "TimestampFormat",
      \.table.timestampFormat,
      TableSyntax.timestampFormat,
      "How time stamps are written, as with Type=csv. Without a zone they are in UTC."
    ),
    Key(
      "Delimiter",
      \.table.delimiter,
      TextSyntax.delimiter,
      "What separates two cells; auto determines it from the first lines."
    ),
    Key(
      "MaximumStreams",
      \.columns.maximumStreams,
      .wholeNumber(1...10_000),
      "The most threads that are watched at once, some 100 kB each. Trace events of further ones are "
        + "refused, which is logged, and counted by anomalyctl status."
    ),
    Key(
      "StreamTimeout",
      \.columns.streamTimeout,
      .timeSpan(.seconds(1) ... .seconds(365 * 86_400)),
      "How long a thread must be idle before a new one may take its place; what was learnt about it "
        + "is then forgotten."
    ),
    Key(
      "Prefix",
      \.table.prefix,
      TextSyntax.filePrefix,
      "What streams are called, before a dot and the thread where there are threads. Default: NAME "
        + "of the section.",
      example: "plant1"
    ),
    Key(
      "Start",
      \.table.start,
      .choice(),
      "Where to begin: saved continues where the last run stopped, or at the beginning of a new "
        + "file; end reads only what is added from now on."
    ),
    .stallAfter("It depends on what writes the trace."),
  ]
}

/// The columns of a trace, and how many streams it may have. Streams are named after the prefix, or
/// the prefix and the thread.
public struct TraceColumns: Equatable, Sendable {
  /// `EventColumn=`: the ids; nil: the first column that holds neither time stamps nor threads.
  public var event: CSVColumn?
  /// `ThreadColumn=`: the threads, each a stream of its own; nil: all trace events are one stream.
  public var thread: CSVColumn?
  /// `MaximumStreams=`: the most threads that are watched at once, 1...10,000.
  public var maximumStreams = 64
  /// `StreamTimeout=`: how long a thread must be idle before another may take its place, 1 s...365
  /// days.
  public var streamTimeout = Duration.seconds(3600)

  /// Columns to be determined, no threads.
  public init() {}
}
