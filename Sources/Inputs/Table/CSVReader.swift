public import Series

/// Reads a recorded CSV file row by row by the rules of ``CSVInput``, whatever its length; a
/// compressed one through gzip(1). Rows are values, or trace events if ``TableSection/trace`` says
/// so.
///
/// Rows without a time stamp are assumed to be one second apart, starting at 1970. Start, patterns
/// and poll limits of the configuration are ignored here.
public final class CSVReader {
  /// A delivered column.
  public struct Column: Equatable, Sendable {
    /// The metric's name, as the live input would name it.
    public var name: MetricName
    /// Its name in the header; `column2` and so on without a header.
    public var label: String
  }

  /// All columns so far: a header in the middle of the file may add more.
  public private(set) var columns: [Column] = []
  /// The format of time stamps, never `automatic`; nil if rows carry none.
  public private(set) var timestampFormat: CSVTimestampFormat?
  /// The number of rows read.
  public private(set) var rows = 0
  /// Values that were missing or not finite.
  public private(set) var gaps = 0

  private var maximumStreams = 0
  private let path: String
  private let source: CSVRecordedSource
  private var decoder: CSVDecoder
  private let prefix: String
  /// The index in ``columns`` of each column of the layout, for each key in turn.
  private var places: [Int] = []
  private var streams: TraceThreads?
  private var ids: [MetricID?] = []
  private var generation = 0
  private var isAtEnd = false
  private var now = Timestamp(nanoseconds: 0)

  /// Opens the file at `path`.
  /// - Throws: ``CSVFileError`` if it cannot be opened.
  public init(path: String, table: TableSection) throws(CSVFileError) {
    var table = table
    // Everything happens at one time here, so no problem is reported twice.
    table.quietPeriod = .seconds(Int64.max / 2)
    self.path = path
    prefix = table.metricPrefix(of: path)
    decoder = CSVDecoder(path: path, table: table, isRecorded: true)
    source = try CSVRecordedSource(path: path)
    var scratch = CSVScratch()
    decoder.attach(&scratch)
    if let trace = table.trace {
      maximumStreams = trace.maximumStreams
      streams = TraceThreads(
        prefix: prefix, maximum: trace.maximumStreams,
        timeout: trace.streamTimeout)
    }
  }

  /// Advances to the next row; false at the end of the file.
  /// - Throws: ``CSVFileError`` if reading fails, or the file contains no table at all.
  public func next() throws(CSVFileError) -> Bool {
    while true {
      if decoder.next(now: now, isFinal: isAtEnd) == .row {
        if let layout = decoder.layout {
          if generation != decoder.layoutGeneration { adopt(layout) }
          if layout.keyIndex != nil { adoptKeys(layout) }
        }
        rows += 1
        gaps += decoder.row.gaps
        if timestampFormat == nil { now = Timestamp(nanoseconds: Int64(rows) * 1_000_000_000) }
        return true
      }
      if isAtEnd { break }
      isAtEnd = try source.fill(&decoder, path: path) == 0
    }
    if generation == 0 {
      if let error = decoder.layoutError ?? decoder.emptyError { throw .layout(path: path, error) }
      if let layout = decoder.layout { adopt(layout) }
    }
    return false
  }

  /// When the row was measured.
  public var timestamp: Timestamp { decoder.row.timestamp }

  /// Passes the values of the row to `body`, each with the index of its column; gaps are NaN, text
  /// cells are left out.
  public func forEachValue<Failure: Error>(
    _ body: (Int, Double) throws(Failure) -> Void
  ) throws(Failure) {
    let first = decoder.row.key * decoder.row.values.count
    for index in decoder.row.values.indices where !decoder.row.isText[index] {
      try body(places[first + index], decoder.row.values[index])
    }
  }

  /// Delivers the row to a sink, which must be the same for all rows, as the live input would.
  /// - Parameter moment: its time, which need not be ``timestamp``.
  public func deliver(at moment: Timestamp, into sink: some SampleSink) {
    guard streams == nil else { return deliverEvent(at: moment, into: sink) }
    while ids.count < columns.count { ids.append(sink.metric(named: columns[ids.count].name)) }
    forEachValue { column, value in
      if let id = ids[column] { sink.receive(Sample(timestamp: moment, value: value), of: id) }
    }
  }

  private func deliverEvent(at moment: Timestamp, into sink: some SampleSink) {
    let places = decoder.eventPlaces
    let bytes = decoder.buffer.bytes
    let outcome = streams?.deliver(
      bytes.span.extracting(places.id), of: bytes.span.extracting(places.thread), at: moment,
      poll: 1, into: sink)
    if outcome == .tooManyStreams, decoder.problems.count(.tooManyStreams, at: now) {
      decoder.problems.word(
        .tooManyStreams,
        "\(path): expected at most \(maximumStreams) threads, found another while all of them "
          + "are active; its events are dropped")
    }
  }

  /// How many bytes of the file have been read, for progress.
  public var bytesRead: Int {
    switch source {
    case .plain: decoder.buffer.readOffset
    case .compressed(let stream): stream.compressedBytesRead
    }
  }

  /// Malformed lines and cells, including rows out of time order.
  public var malformed: Int { decoder.problems.malformed }

  /// Notices for the user: the first problem of each kind, and how many more followed; empties the
  /// list.
  public func drainNotices() -> [Notice] {
    decoder.problems.settleAll()
    return decoder.problems.drain()
  }

  /// Maps the columns of a layout to ``columns`` by name: a header in the middle may reorder them.
  private func adopt(_ layout: CSVLayout) {
    generation = decoder.layoutGeneration
    timestampFormat = layout.timestampIndex == nil ? nil : layout.timestampFormat
    places = layout.keyIndex == nil ? layout.columns.map { place($0.name, $0.label) } : []
  }

  /// Adds the columns of keys that are new.
  private func adoptKeys(_ layout: CSVLayout) {
    let width = layout.columns.count
    while places.count < decoder.keys.count * width {
      let key = decoder.keys.text(places.count / width)
      places += zip(layout.names(ofKey: key, prefix: prefix), layout.columns).map {
        place($0, key + "." + $1.label)
      }
    }
  }

  private func place(_ name: MetricName, _ label: String) -> Int {
    if let known = columns.firstIndex(where: { $0.name == name }) { return known }
    columns.append(Column(name: name, label: label))
    return columns.count - 1
  }
}
