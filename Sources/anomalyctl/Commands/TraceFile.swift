import CommandLine
import Inputs
import Models
import Series

/// The columns of the traces of a command line.
struct TraceOptions: Sendable {
  /// The options.
  static let options: [Option] = [
    .value(
      "events", "COLUMN",
      help: "For traces: the column of ids (default: the first that contains neither time stamps "
        + "nor threads)"),
    .value("thread", "COLUMN", help: "For traces: the column of threads, each a separate stream"),
  ]

  /// How the tables are read.
  let tables: TableOptions
  /// The columns; empty if not given.
  let columns: (event: String, thread: String)

  /// Parses the options.
  /// - Parameter defaults: the columns if none are given.
  init(_ arguments: Arguments, defaults: (event: String, thread: String) = ("", "")) throws {
    tables = try TableOptions(arguments)
    guard tables.columns.isEmpty else {
      throw UsageError.conflict("--column selects values; for the ids of a trace, use --events")
    }
    columns = (
      arguments.value("events") ?? defaults.event, arguments.value("thread") ?? defaults.thread
    )
  }

  /// Reads a trace.
  func read(_ path: String) throws(CommandFailure) -> (trace: RecordedTrace, notices: [String]) {
    var section = tables.table
    var trace = TraceColumns()
    trace.event = columns.event.isEmpty ? nil : CSVColumn(parsing: columns.event)
    trace.thread = columns.thread.isEmpty ? nil : CSVColumn(parsing: columns.thread)
    trace.maximumStreams = 1024
    section.trace = trace
    section.timeOrder = .asRecorded
    section.prefix = TraceRecorder.prefix
    let recorder = TraceRecorder(path)
    do throws(CSVFileError) {
      let reader = try CSVReader(path: path, table: section)
      while try reader.next() { reader.deliver(at: reader.timestamp, into: recorder) }
      return (
        recorder.trace,
        reader.drainNotices().filter { $0.severity == .warning }.map(\.text)
      )
    } catch {
      throw CommandFailure("\(error)")
    }
  }
}

/// Records the events of a trace as the daemon would receive them.
private final class TraceRecorder: SampleSink {
  /// The part of a stream's name before the dot and the thread.
  static let prefix = "trace"

  private(set) var trace: RecordedTrace
  private var threads: [String] = []
  let epoch = 0

  init(_ path: String) {
    trace = RecordedTrace(name: path)
  }

  func metric(named name: MetricName) -> MetricID? { nil }

  func receive(_ sample: Sample, of metric: MetricID) {}

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    let thread = String(name.text.dropFirst(TraceRecorder.prefix.count + 1))
    if !threads.contains(thread) { threads.append(thread) }
    return threads.firstIndex(of: thread).map { MetricID(index: $0) }
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    let bytes = id.withUnsafeBufferPointer { Array($0) }
    trace.append(bytes, of: threads[stream.index], at: timestamp)
  }
}
