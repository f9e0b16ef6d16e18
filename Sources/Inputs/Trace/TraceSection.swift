public import Config

/// `[Input NAME]` with `Type=events`: traces in growing text files, each row a trace event.
public struct TraceSection: InputSection {
  /// `Type=`.
  public static let typeName = "events"
  /// What it is.
  public static let summary = "a trace in a text file"
  /// The manual's introduction.
  public static let manual =
    "A growing text file in which each row is a trace event: an id, a time stamp and optionally "
    + "the thread in which it occurred, as written by firmware, drivers and tracers. The order "
    + "of the ids and the time between them is judged. Each thread is a metric named NAME or "
    + "NAME.THREAD, whose value is the surprise of the latest trace event in bits."

  /// How the files are found and read. `values`, `trace` and `timeOrder` have no meaning here.
  public var table = TableSection()
  /// The columns, and the maximum number of streams.
  public var columns = TraceColumns()

  /// The defaults; `table.paths` must still be set.
  public init() {}

  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
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
  /// Everything in the files now.
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
    // Trace events of different threads need not be in order, and several may have the same time.
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
      "The files to follow, as patterns; required. Rotation is handled as with Type=csv.",
      example: "/var/log/app/*.csv"
    ),
    Key(
      "MaximumFiles",
      \.table.maximumFiles,
      .wholeNumber(1...10_000),
      "Maximum number of files to follow. Further matches are not read, which is logged and shown "
        + "by anomalyctl status."
    ),
    .interval(\.table.interval, "How often the files are checked."),
    Key(
      "Header", \.table.header, TableSyntax.header,
      "Whether the first line contains column "
        + "names."),
    Key(
      "EventColumn",
      \.columns.event,
      TableSyntax.column(or: "auto"),
      "The column with the ids of trace events, by name or position; ids are text of at most 64 "
        + "bytes. auto: the first column that contains neither time stamps nor threads."
    ),
    Key(
      "ThreadColumn",
      \.columns.thread,
      TableSyntax.column(or: "none"),
      "The column with threads, processes or devices, each of which is a stream with its own "
        + "model. none: all trace events form one stream."
    ),
    Key(
      "TimestampColumn",
      \.table.timestampColumn,
      TableSyntax.timestampColumn,
      "The column with time stamps, by name or position. none: use the time of reading. Rows are "
        + "read in file order; the interval between two trace events of a thread whose time "
        + "stamps run backwards is not judged."
    ),
    Key(
      "TimestampFormat",
      \.table.timestampFormat,
      TableSyntax.timestampFormat,
      "The format of time stamps, as with Type=csv. Without a time zone they are in UTC."
    ),
    Key(
      "Delimiter",
      \.table.delimiter,
      TextSyntax.delimiter,
      "The column delimiter; auto determines it from the first lines."
    ),
    Key(
      "MaximumStreams",
      \.columns.maximumStreams,
      .wholeNumber(1...10_000),
      "Maximum number of threads, some 100 kB each. Trace events of further ones are rejected, "
        + "which is logged, and counted by anomalyctl status."
    ),
    Key(
      "StreamTimeout",
      \.columns.streamTimeout,
      .timeSpan(.seconds(1) ... .seconds(365 * 86_400)),
      "How long a thread must be idle before a new one may replace it; what was learnt about it "
        + "is then forgotten."
    ),
    Key(
      "Prefix",
      \.table.prefix,
      TextSyntax.filePrefix,
      "Prefix of stream names, before a dot and the thread if there are threads. Default: NAME of "
        + "the section.",
      example: "plant1"
    ),
    Key(
      "Start",
      \.table.start,
      .choice(),
      "Where to start reading: saved resumes where the last run stopped, or at the beginning of a "
        + "new file; end reads only what is appended from now on."
    ),
    .stallAfter("The right value depends on what writes the trace."),
  ]
}

/// The columns of a trace, and how many streams it may have. Streams are named after the prefix, or
/// the prefix and the thread.
public struct TraceColumns: Equatable, Sendable {
  /// `EventColumn=`: the ids; nil: the first column that contains neither time stamps nor threads.
  public var event: CSVColumn?
  /// `ThreadColumn=`: the threads, each a stream of its own; nil: all trace events are one stream.
  public var thread: CSVColumn?
  /// `MaximumStreams=`: maximum number of threads monitored at a time, 1...10,000.
  public var maximumStreams = 64
  /// `StreamTimeout=`: how long a thread must be idle before another may replace it, 1 s...365
  /// days.
  public var streamTimeout = Duration.seconds(3600)

  /// Columns to be determined, no threads.
  public init() {}
}
