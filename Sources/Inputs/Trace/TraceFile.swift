public import Series

/// One stream of a recorded trace.
public struct TraceSeries: Equatable, Sendable {
  /// One event.
  public struct Element: Equatable, Sendable {
    /// What happened.
    public var id: String
    /// When.
    public var timestamp: Timestamp
  }

  /// The stream's name, as the live input would call it.
  public var name: MetricName
  /// In the order of the file.
  public var events: [Element]
}

/// A recorded trace of events, read as a whole.
public struct TraceRecording: Equatable, Sendable {
  /// Its streams in the order in which they appear.
  public var streams: [TraceSeries] = []
  /// How time stamps were written, never `automatic`; nil where rows carry none.
  public var timestampFormat: CSVTimestampFormat?
  /// Lines that could not be understood.
  public var malformed = 0
  /// What a person should hear of: the first problem of each kind, and how many more.
  public var notices: [Notice] = []
}

/// Reads recorded traces by the rules of the live input.
public enum TraceFile {
  /// Reads the whole file at `path`, through gzip(1) where it is compressed; `table.trace` says where
  /// the ids are. There is no limit to the number of streams.
  ///
  /// Rows without a time stamp are taken as one second apart, beginning at 1970.
  /// - Throws: ``CSVFileError`` when it cannot be read at all; what is wrong within it is counted.
  public static func read(
    path: String, table: TableSection
  ) throws(CSVFileError) -> TraceRecording {
    var table = table
    // Everything happens in one moment here, so no problem is told twice.
    table.quietPeriod = .seconds(Int64.max / 2)
    let sink = TraceRecorder()
    var streams = TraceThreads(
      prefix: table.metricPrefix(of: path), maximum: .max, timeout: .seconds(0))
    let source = try CSVRecordedSource(path: path)
    var decoder = CSVDecoder(path: path, table: table)
    var scratch = CSVScratch()
    decoder.attach(&scratch)
    var isAtEnd = false
    var rows: Int64 = 0
    while true {
      while decoder.next(now: Timestamp(nanoseconds: rows * 1_000_000_000), isFinal: isAtEnd)
        == .row
      {
        rows += 1
        let places = decoder.eventPlaces
        let bytes = decoder.buffer.bytes
        _ = streams.deliver(
          bytes.span.extracting(places.id), of: bytes.span.extracting(places.thread),
          at: decoder.row.timestamp, poll: 1, into: sink)
      }
      if isAtEnd { break }
      isAtEnd = try source.fill(&decoder, path: path) == 0
    }
    if decoder.layoutGeneration == 0, let error = decoder.layoutError ?? decoder.emptyError {
      throw .layout(path: path, error)
    }
    decoder.problems.settleAll()
    var recording = TraceRecording(streams: sink.streams)
    if let layout = decoder.layout, layout.timestampIndex != nil {
      recording.timestampFormat = layout.timestampFormat
    }
    recording.malformed = decoder.problems.malformed
    recording.notices = decoder.problems.drain()
    return recording
  }
}

/// Keeps every event.
private final class TraceRecorder: SampleSink {
  private(set) var streams: [TraceSeries] = []
  private var ids: [MetricName: MetricID] = [:]

  /// A trace has no samples.
  func metric(named name: MetricName) -> MetricID? { nil }

  /// Never called, as every metric is refused.
  func receive(_ sample: Sample, of metric: MetricID) {}

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    if let known = ids[name] { return known }
    let id = MetricID(index: streams.count)
    ids[name] = id
    streams.append(TraceSeries(name: name, events: []))
    return id
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    let text = id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    streams[stream.index].events.append(.init(id: text, timestamp: timestamp))
  }
}
