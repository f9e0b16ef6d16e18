public import Calendar

/// How a CSV file is read and followed.
///
/// Everything but the path has a default; `automatic` settings are inferred from the first lines
/// of the file. Columns are identified by name (needs a header) or by position, counted from 1.
public struct CSVConfiguration: Equatable, Sendable {
  /// Whether the first line names the columns.
  public enum Header: Equatable, Sendable {
    /// Inferred from the first lines: a first line without a number or a date is a header.
    case automatic
    /// The first line is a header.
    case present
    /// The first line is data; columns are named `column1`, `column2`, and so on.
    case absent
  }

  /// Where the time stamp of a row is.
  public enum TimestampColumn: Equatable, Sendable {
    /// A column with a common name (`timestamp`, `time`, `date`, ...) or the first one that holds
    /// dates or plausible epoch seconds; falls back to ``none``.
    case automatic
    /// This column.
    case column(CSVColumn)
    /// Rows carry no time: they are stamped with the time of reading.
    case none
  }

  /// Which columns become metrics.
  public enum Values: Equatable, Sendable {
    /// All except the time stamp and columns that hold only text in the first lines.
    case all
    /// These, in this order.
    case chosen([CSVColumn])
  }

  /// What separates cells.
  public enum Delimiter: Equatable, Sendable {
    /// Whichever of tab, semicolon, pipe, comma and space splits the first lines evenly.
    case automatic
    /// This ASCII byte. With a space, a run of spaces counts as one.
    case character(UInt8)
  }

  /// Where reading begins when the input starts.
  public enum Start: Equatable, Sendable {
    /// At the file's first byte, whatever was read before.
    case beginning
    /// After the file's last byte, whatever was read before.
    case end
    /// At the saved position; at the beginning if there is none.
    case saved
  }

  /// What happens to a row that is not later than the previous row.
  public enum TimeOrder: Equatable, Sendable {
    /// It is malformed: counted and dropped. After 32 such rows in a row that are in order among
    /// themselves, the clock is assumed to have been set back, so that one row from the far future
    /// cannot block a source for good.
    case increasing
    /// It is delivered as is, for recordings whose every row counts.
    case asRecorded
  }

  /// The columns of an event trace. Streams are named ``prefix``, or ``prefix`` and the thread.
  public struct TraceColumns: Equatable, Sendable {
    /// The ids; nil: the first column that holds neither time stamps nor threads.
    public var event: CSVColumn?
    /// The threads, each a stream of its own; nil: all events form one stream.
    public var thread: CSVColumn?
    /// The maximum number of streams, >= 1.
    public var maximumStreams = 64
    /// How long a stream must be idle before another may take its place.
    public var streamTimeout = Duration.seconds(3600)

    /// Columns to be detected, no threads.
    public init() {}
  }

  /// The name of the configuration section.
  public var name: String
  /// The file; its name without extension is the default ``prefix``.
  public var path: String
  /// Patterns of the files that an input follows, such as `/var/log/*/pump-?.csv`; empty for the
  /// single one at ``path``.
  public var patterns: [String] = []
  /// The maximum number of files matching ``patterns`` that are followed at once.
  public var maximumFiles = 200
  /// Whether the first line names the columns.
  public var header = Header.automatic
  /// Where the time stamp is.
  public var timestampColumn = TimestampColumn.automatic
  /// How the time stamp is written.
  public var timestampFormat = CSVTimestampFormat.automatic
  /// The zone of time stamps that do not name one.
  public var timeZone = TimeZoneRules.utc
  /// Which columns become metrics.
  public var values = Values.all
  /// Where the ids of events are in a file that holds events instead of values; nil: values.
  public var events: TraceColumns?
  /// What separates cells.
  public var delimiter = Delimiter.automatic
  /// What metric names begin with, before a dot and the column's name; nil for `{file}`, empty for
  /// no prefix. `{file}` stands for the file's name without directory and extension, `{directory}`
  /// for the name of its directory. Several files under one prefix that uses neither are one
  /// series, read one after the other in the order of their names.
  public var prefix: String?
  /// Where reading begins.
  public var start = Start.saved
  /// What happens to rows that go back in time.
  public var timeOrder = TimeOrder.increasing
  /// The maximum number of bytes read in one poll, at least 4,096.
  public var maximumBytesPerPoll = 1 << 20
  /// The maximum number of samples delivered in one poll, plus or minus one row; with learning at
  /// some 5 µs a sample, the default keeps a poll near ten milliseconds.
  public var maximumSamplesPerPoll = 2_000
  /// How long a problem must not recur before its next occurrence is reported again.
  public var quietPeriod = Duration.seconds(300)

  /// A file to follow with every other setting at its default.
  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }
}

extension CSVConfiguration.Delimiter {
  /// Reads `auto`, `comma`, `semicolon`, `tab`, `pipe`, `space`, or the character itself; nil for
  /// anything else.
  public init?(parsing text: String) {
    switch text {
    case "auto": self = .automatic
    case "comma", ",": self = .character(0x2C)
    case "semicolon", ";": self = .character(0x3B)
    case "tab", "\t", "\\t": self = .character(0x09)
    case "pipe", "|": self = .character(0x7C)
    case "space", " ": self = .character(0x20)
    default: return nil
    }
  }
}

extension CSVConfiguration {
  /// Placeholders for parts of the path in ``prefix``.
  public static let placeholders = ["{file}", "{directory}"]

  /// What metric names begin with.
  var effectivePrefix: String {
    var result = prefix ?? CSVConfiguration.placeholders[0]
    let words = path.split(separator: "/").map(String.init)
    for (placeholder, value) in zip(
      CSVConfiguration.placeholders,
      [CSVConfiguration.stem(of: words.last ?? path), words.dropLast().last ?? ""])
    {
      while let range = result.firstRange(of: placeholder) {
        // Braces in a path are not placeholders.
        let text = value.map { "{}".contains($0) ? "_" : $0 }
        result.replaceSubrange(range, with: text)
      }
    }
    return result
  }

  /// Whether several files under this prefix are one series.
  var isOneSeries: Bool {
    guard let prefix, !patterns.isEmpty else { return false }
    return !CSVConfiguration.placeholders.contains { prefix.firstRange(of: $0) != nil }
  }

  /// A file's name without its extension and without that of a compressed file.
  private static func stem(of name: String) -> String {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    guard let dot = plain.lastIndex(of: "."), dot != plain.startIndex else { return plain }
    return String(plain[..<dot])
  }
}
