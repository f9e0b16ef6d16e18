public import Series

/// One column of a recorded CSV file.
public struct CSVSeries: Equatable, Sendable {
  /// The metric's name, as the live input would name it.
  public var name: MetricName
  /// What the header calls it; `column2` and so on without a header.
  public var label: String
  /// The samples in file order; gaps are NaN, cells of text are left out.
  public var samples: [Sample]
}

/// A recorded CSV file, read as a whole.
public struct CSVRecording: Equatable, Sendable {
  /// Its columns in the requested order.
  public var series: [CSVSeries]
  /// How time stamps were written, never `automatic`; nil if rows carry none.
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
