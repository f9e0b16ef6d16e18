public import Series

/// One column of a recorded CSV file.
public struct CSVSeries: Equatable, Sendable {
  /// The metric's name, as the live input would call it.
  public var name: MetricName
  /// What the header calls the column; `column2` and so on without a header.
  public var label: String
  /// The samples in the order of the file; gaps are NaN, cells of text are left out.
  public var samples: [Sample]
}

/// A recorded CSV file, read as a whole.
public struct CSVRecording: Equatable, Sendable {
  /// Its columns in the order asked for.
  public var series: [CSVSeries]
  /// How time stamps were written, never `automatic`; nil where rows carry none.
  public var timestampFormat: CSVTimestampFormat?
  /// How many rows were read.
  public var rows: Int
  /// Lines and cells that could not be understood, rows out of time order included.
  public var malformed: Int
  /// Values that were missing or not finite.
  public var gaps: Int
  /// What a person should hear of: the first problem of each kind, and how many more.
  public var notices: [Notice]
}

/// Reads recorded CSV files by the rules of ``CSVInput``.
public enum CSVFile {
  /// Reads the whole file at `path`; `configuration.path` only names the metrics.
  ///
  /// Rows without a time stamp are taken as one second apart, beginning at 1970. Start and poll
  /// bounds of the configuration have no meaning here.
  /// - Throws: ``CSVFileError`` when it cannot be read at all; what is wrong within it is counted.
  public static func read(
    path: String,
    configuration: CSVConfiguration
  ) throws(CSVFileError) -> CSVRecording {
    var configuration = configuration
    configuration.path = path
    // Everything happens in one moment here, so no problem is told twice.
    configuration.quietPeriod = .seconds(Int64.max / 2)
    let file = try CSVFileHandle(path: path)
    var decoder = CSVDecoder(configuration: configuration)
    var scratch = CSVScratch()
    decoder.attach(&scratch)
    var recording = CSVRecording(series: [], rows: 0, malformed: 0, gaps: 0, notices: [])
    var columns: [Int] = []
    var generation = 0
    var isAtEnd = false
    var now = Timestamp(nanoseconds: 0)
    while true {
      while decoder.next(now: now, isFinal: isAtEnd) == .row {
        if generation != decoder.layoutGeneration, let layout = decoder.layout {
          generation = decoder.layoutGeneration
          columns = recording.places(for: layout)
        }
        recording.append(decoder.row, columns)
        if decoder.layout?.timestampIndex == nil {
          now = Timestamp(nanoseconds: Int64(recording.rows) * 1_000_000_000)
        }
      }
      if isAtEnd { break }
      isAtEnd = try decoder.fill(from: file, limit: .max) == 0
    }
    if generation == 0, let error = decoder.layoutError ?? decoder.emptyError {
      throw .layout(path: path, error)
    }
    if generation == 0, let layout = decoder.layout { _ = recording.places(for: layout) }
    decoder.problems.settleAll()
    recording.malformed = decoder.problems.malformed
    recording.notices = decoder.problems.drain()
    return recording
  }
}

extension CSVRecording {
  /// Where the columns of a layout go, by name: a header in the middle may reorder them.
  fileprivate mutating func places(for layout: CSVLayout) -> [Int] {
    timestampFormat = layout.timestampIndex == nil ? nil : layout.timestampFormat
    return layout.columns.map { column in
      if let known = series.firstIndex(where: { $0.name == column.name }) { return known }
      series.append(CSVSeries(name: column.name, label: column.label, samples: []))
      return series.count - 1
    }
  }

  fileprivate mutating func append(_ row: CSVRow, _ places: [Int]) {
    rows += 1
    gaps += row.gaps
    for column in places.indices where !row.isText[column] {
      series[places[column]].samples.append(
        Sample(timestamp: row.timestamp, value: row.values[column])
      )
    }
  }
}
