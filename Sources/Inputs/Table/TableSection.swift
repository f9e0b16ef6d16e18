public import Calendar
public import Config

/// `[Input NAME]` with `Type=csv`: tables in growing text files.
///
/// Everything except the paths has a default; `automatic` settings are determined from the first
/// lines of each file. Columns are given by name (needs a header) or by position, counted from 1.
public struct TableSection: InputSection {
  /// `Type=`.
  public static let typeName = "csv"
  /// What it is.
  public static let summary = "a growing table in a text file"
  /// The manual's introduction.
  public static let manual = "A growing table in a text file."

  /// Whether the first line names the columns.
  public enum Header: String, Equatable, Sendable {
    /// Decided from the first lines: a first line without a number or a date is a header.
    case automatic = "auto"
    /// The first line is a header.
    case present = "yes"
    /// The first line is data; columns are called `column1`, `column2`, and so on.
    case absent = "no"
  }

  /// The position of a row's time stamp.
  public enum TimestampColumn: Equatable, Sendable {
    /// A column with a usual name (`timestamp`, `time`, `date`, ...) or the first one that holds
    /// dates or plausible epoch seconds; if there is none, as ``none``.
    case automatic
    /// This column.
    case column(CSVColumn)
    /// Rows carry no time: they get the time of reading.
    case none
  }

  /// Which columns become metrics.
  public enum Values: Equatable, Sendable {
    /// All but the time stamp, and but columns that hold nothing but text in the first lines.
    case all
    /// These, in this order.
    case chosen([CSVColumn])
  }

  /// Where to begin reading when the input starts.
  public enum Start: String, CaseIterable, Sendable {
    /// At the saved position; at the beginning if there is none.
    case saved
    /// At the file's first byte, whatever was read before.
    case beginning
    /// After the file's last byte, whatever was read before.
    case end
  }

  /// How a row that is not later than the previous one is handled.
  public enum TimeOrder: Equatable, Sendable {
    /// It is malformed: counted and dropped. After 32 such rows in a row that are in order among
    /// themselves, time is assumed to have been set back, so that one row from the far future
    /// cannot silence a source permanently.
    case increasing
    /// It is delivered unchanged, for recordings in which every row counts.
    case asRecorded
  }

  /// `Interval=`: how often the files are checked, 100 ms...1 day.
  public var interval: Duration = .seconds(1)
  /// `Path=`: patterns of the files, such as `/var/log/*/pump-?.csv`; absolute, at least one.
  public var paths: [String] = []
  /// `MaximumFiles=`: maximum number of matching files followed at a time, 1...10,000.
  public var maximumFiles = 200
  /// `Header=`: whether the first line names the columns.
  public var header = Header.automatic
  /// `TimestampColumn=`: the position of the time stamp.
  public var timestampColumn = TimestampColumn.automatic
  /// `TimestampFormat=`: the format of the time stamp.
  public var timestampFormat = CSVTimestampFormat.automatic
  /// `TimeZone=`: the zone of time stamps without one.
  public var timeZone = TimeZoneRules.utc
  /// `Delimiter=`: the ASCII byte between two cells; for spaces a run counts as one; nil for the
  /// one of tab, semicolon, pipe, comma and space that splits the first lines evenly.
  public var delimiter: UInt8?
  /// `ValueColumns=`: which columns become metrics.
  public var values = Values.all
  /// `KeyColumn=`: the column whose text distinguishes several series in one table, such as one for
  /// each host; nil: the table is one series.
  public var key: CSVColumn?
  /// `Prefix=`: the prefix of metric names, before a dot and the column's name; empty for no
  /// prefix. `{file}` stands for the file's name without directory and extension, `{directory}` for
  /// the name of its directory. Several files under one prefix without either are one series: read
  /// one after the other in the order of their names. nil for the name of the input, followed by a
  /// dot and `{file}` if there are several files; for a file read by itself, `{file}`.
  public var prefix: String?
  /// `Start=`: where to begin reading.
  public var start = Start.saved
  /// `StallAfter=`: how long it may deliver nothing; nil (`infinity`): forever.
  public var stallAfter: Duration?

  /// The positions of trace event ids if the files contain those instead of values.
  public var trace: TraceColumns?
  /// How rows that run backwards in time are handled.
  public var timeOrder = TimeOrder.increasing
  /// Maximum number of bytes read in one poll, at least 4,096.
  public var maximumBytesPerPoll = 1 << 20
  /// Maximum number of samples delivered in one poll, give or take one row; with learning at some 5
  /// µs a sample, the default keeps a poll near ten milliseconds.
  public var maximumSamplesPerPoll = 2_000
  /// How long a problem must not recur before its next occurrence is reported again.
  public var quietPeriod = Duration.seconds(300)

  /// The defaults; `paths` must still be set.
  public init() {}

  /// Tables with every other setting at its default.
  public init(paths: String...) {
    self.paths = paths
  }

  /// The paths.
  public var subject: String { paths.joined(separator: " ") }
  /// The interval.
  public var rhythm: InputRhythm { .every(interval) }
  /// Everything in the files now.
  public var trialPlan: InputTrialPlan { .untilDrained(.seconds(5)) }

  /// From the beginning.
  public func forTrial() -> TableSection {
    var result = self
    result.start = .beginning
    return result
  }

  /// The input `name`.
  public func make(name: String) -> any Input { CSVInput(name: name, table: named(name)) }

  /// The paths are required.
  public func check(_ check: inout SectionCheck) {
    check.require(
      "Path", isMissing: paths.isEmpty, expected: "the absolute path of the file to follow")
  }

  /// The keys.
  public static let keys: [Key<TableSection>] = [
    Key(
      "Path",
      \.paths,
      TableSyntax.paths,
      "The files to follow, as patterns; required. New files that match are picked up, deleted "
        + "files are dropped. Files may be rotated by renaming or by copying and truncating: "
        + "unread data in file.1, file.2 or file-20260102 beside them is read first, oldest "
        + "first. Compressed files are not read. A second assignment adds to the first.",
      example: "/var/log/app/*.csv"
    ),
    Key(
      "MaximumFiles",
      \.maximumFiles,
      .wholeNumber(1...10_000),
      "Maximum number of files to follow. Further matches are not read, which is logged and shown "
        + "by anomalyctl status."
    ),
    .interval(\.interval, "How often the files are checked."),
    Key("Header", \.header, TableSyntax.header, "Whether the first line contains column names."),
    Key(
      "TimestampColumn",
      \.timestampColumn,
      TableSyntax.timestampColumn,
      "The column with time stamps, by name or position. Quote names that are numbers. none: use "
        + "the time of reading."
    ),
    Key(
      "TimestampFormat",
      \.timestampFormat,
      TableSyntax.timestampFormat,
      "The format of time stamps. iso8601: 2026-03-01 12:00:00; dmy and mdy: 01.03.2026 and "
        + "3/1/2026, optionally with a time of day; epoch, epoch-ms, epoch-us and epoch-ns: "
        + "seconds and so on since 1970; relative, relative-ms, relative-us and relative-ns: "
        + "since an unknown moment, with the newest row assumed to be as old as the file's last "
        + "modification; or a pattern as in strptime(3). auto determines it from the first lines, "
        + "and requires dmy or mdy if those are ambiguous. The time of day may be in a separate "
        + "column after the date."
    ),
    Key(
      "TimeZone",
      \.timeZone,
      TableSyntax.timeZone,
      "The time zone of time stamps that have none: UTC, local for this host's, or a name from "
        + "timedatectl list-timezones. When clocks are set back, an ambiguous time is taken as "
        + "the first one unless earlier rows show otherwise; a time skipped when clocks are set "
        + "forward is interpreted as if they had not been set yet, 02:30 as 03:30."
    ),
    Key(
      "Delimiter",
      \.delimiter,
      TextSyntax.delimiter,
      "The column delimiter; auto determines it from the first lines."
    ),
    Key(
      "ValueColumns",
      \.values,
      TableSyntax.values,
      "The columns to read, each a separate metric; all is every column except time stamps. A "
        + "second assignment adds to the first."
    ),
    Key(
      "KeyColumn",
      \.key,
      TableSyntax.column(or: "none"),
      "The column that distinguishes rows with the same time stamp, such as one row per host, by "
        + "name or position. Its text becomes part of metric names, between Prefix= and the name "
        + "of the column. none: each row has its own time stamp."
    ),
    Key(
      "Prefix",
      \.prefix,
      TextSyntax.filePrefix,
      "Prefix of metric names, before a dot and the name of the column. {file} is replaced by the "
        + "file name without its extension, {directory} by the name of its directory. Several "
        + "files with the same prefix form one series and are read one after the other in the "
        + "order of their names. Default: NAME of the section, or NAME.{file} if Path= has "
        + "wildcards or several paths; \"\" for none.",
      example: "plant1"
    ),
    Key(
      "Start",
      \.start,
      .choice(),
      "Where to start reading: saved resumes where the last run stopped, or at the beginning of a "
        + "new file; end reads only what is appended from now on."
    ),
    .stallAfter("The right value depends on what writes the file."),
  ]
}

extension TableSection {
  /// The placeholders for parts of the path in ``prefix``.
  public static let placeholders = ["{file}", "{directory}"]

  /// The prefix of the names of a file's metrics.
  func metricPrefix(of path: String) -> String {
    var result = prefix ?? TableSection.placeholders[0]
    let words = path.split(separator: "/").map(String.init)
    for (placeholder, value) in zip(
      TableSection.placeholders,
      [TableSection.stem(of: words.last ?? path), words.dropLast().last ?? ""])
    {
      while let range = result.firstRange(of: placeholder) {
        // Braces in a path are not placeholders.
        let text = value.map { "{}".contains($0) ? "_" : $0 }
        result.replaceSubrange(range, with: text)
      }
    }
    return result
  }

  /// The same section with the effective prefix for the input `name`: its own, or otherwise the
  /// name, with each file's name if there are several.
  func named(_ name: String) -> TableSection {
    var result = self
    let isOneFile = paths.count == 1 && !paths[0].contains { "*?[".contains($0) }
    result.prefix =
      prefix ?? (isOneFile ? name : name + "." + TableSection.placeholders[0])
    return result
  }

  /// Whether several files under this prefix are one series.
  var isOneSeries: Bool {
    guard let prefix else { return false }
    return !TableSection.placeholders.contains { prefix.firstRange(of: $0) != nil }
  }

  /// A file's name without its extension, and without that of a compressed file.
  private static func stem(of name: String) -> String {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    guard let dot = plain.lastIndex(of: "."), dot != plain.startIndex else { return plain }
    return String(plain[..<dot])
  }
}
