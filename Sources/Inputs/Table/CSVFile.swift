public import Series
public import System

/// One column of a recorded CSV file.
public struct CSVSeries: Equatable, Sendable {
  /// The metric's name, as the live input would name it.
  public var name: MetricName
  /// Its name in the header; `column2` and so on without a header.
  public var label: String
  /// The samples in file order; gaps are NaN, text cells are left out.
  public var samples: [Sample]
}

/// A recorded CSV file, read as a whole.
public struct CSVRecording: Equatable, Sendable {
  /// Its columns in the requested order.
  public var series: [CSVSeries]
  /// The format of time stamps, never `automatic`; nil if rows carry none.
  public var timestampFormat: CSVTimestampFormat?
  /// How many rows were read.
  public var rows: Int
  /// Malformed lines and cells, including rows out of time order.
  public var malformed: Int
  /// Values that were missing or not finite.
  public var gaps: Int
  /// Notices for the user: the first problem of each kind, and how many more followed.
  public var notices: [Notice]
}

/// Reads recorded CSV files by the rules of ``CSVInput``.
public enum CSVFile {
  /// Reads the whole file at `path` as ``CSVReader`` does.
  /// - Throws: ``CSVFileError`` if it cannot be read at all; problems within it are counted.
  public static func read(
    path: String,
    table: TableSection
  ) throws(CSVFileError) -> CSVRecording {
    let reader = try CSVReader(path: path, table: table)
    var series: [CSVSeries] = []
    func name() {
      for column in reader.columns.dropFirst(series.count) {
        series.append(CSVSeries(name: column.name, label: column.label, samples: []))
      }
    }
    while try reader.next() {
      name()
      let timestamp = reader.timestamp
      reader.forEachValue { series[$0].samples.append(Sample(timestamp: timestamp, value: $1)) }
    }
    name()
    return CSVRecording(
      series: series,
      timestampFormat: reader.timestampFormat,
      rows: reader.rows,
      malformed: reader.malformed,
      gaps: reader.gaps,
      notices: reader.drainNotices()
    )
  }
}

/// The last lines of a file when it was opened. They show when its relative times began: its newest
/// row was written when the file was.
struct CSVFileEnd {
  /// The last bytes.
  var bytes: [UInt8]
  /// When the file was last modified.
  var modified: Timestamp

  /// The instant that the times of the rows count from; nil if the newest row does not show it.
  func start(of layout: CSVLayout) -> Timestamp? {
    var lines = bytes.split(separator: layout.lineEnd, omittingEmptySubsequences: false)
    // The text after the last line end is unfinished.
    lines.removeLast()
    var tokens = CSVTokens()
    guard let index = layout.timestampIndex else { return nil }
    for line in lines.reversed() {
      let text = Array(line.last == 0x0D ? line.dropLast() : line)
      guard tokens.split(text.span, 0..<text.count, delimiter: layout.delimiter) == .complete,
        tokens.count == layout.width,
        case .sinceStart(let elapsed)? = layout.time(text.span, tokens, at: index)
      else { continue }
      let (start, overflow) = modified.nanoseconds.subtractingReportingOverflow(elapsed)
      return overflow ? nil : Timestamp(nanoseconds: start)
    }
    return nil
  }
}

/// Why a CSV file cannot be read.
public enum CSVFileError: Error, Equatable, CustomStringConvertible {
  /// The system refused to open it.
  case cannotOpen(path: String, errno: Errno)
  /// Opening it would use descriptors reserved for everything other than inputs.
  case noDescriptor(path: String, DescriptorLimit)
  /// The system refused to read it.
  case cannotRead(path: String, errno: Errno)
  /// It is a directory, a FIFO or the like.
  case notRegular(path: String, found: String)
  /// It was truncated or overwritten while it was read.
  case hasChanged(path: String)
  /// It is compressed and therefore cannot be followed.
  case isCompressed(path: String, by: String)
  /// gzip is missing or failed to decompress it.
  case cannotDecompress(path: String, reason: String)
  /// It is being renamed right now; the next poll will find it settled.
  case isChanging
  /// Its first lines do not match the configuration.
  case layout(path: String, CSVLayoutError)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let errno):
      "\(path): cannot open: \(errno)\(FileAccess.explanation(of: path, errno, isRead: true))"
    case .noDescriptor(let path, let limit):
      "\(path): not opened, \(limit)"
    case .cannotRead(let path, let errno):
      "\(path): cannot read: \(errno)"
    case .notRegular(let path, let found): "\(path): expected a regular file, found \(found)"
    case .hasChanged(let path):
      "\(path): expected a file that only grows, found that it was truncated or overwritten "
        + "while it was read"
    case .isCompressed(let path, let program):
      "\(path): expected text, found a file compressed by \(program); inputs follow uncompressed "
        + "files only, .gz files are read by 'anomalyctl backtest'"
    case .cannotDecompress(let path, let reason):
      "\(path): cannot be decompressed by gzip: \(reason)"
    case .isChanging: "files are being renamed, trying again"
    case .layout(let path, let error): "\(path): \(error)"
    }
  }
}
