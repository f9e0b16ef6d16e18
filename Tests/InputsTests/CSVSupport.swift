import Glibc
import Inputs
import Series
import Support

/// Collects what an input delivers, by metric name.
final class CSVSink: SampleSink {
  private var registry: MetricRegistry
  private var series: [[Sample]] = []
  private var events: [[String]] = []

  init(capacity: Int = 10_000) { registry = MetricRegistry(capacity: capacity) }

  func metric(named name: MetricName) -> MetricID? {
    guard let id = registry.register(name) else { return nil }
    if id.index == series.count {
      series.append([])
      events.append([])
    }
    return id
  }

  func receive(_ sample: Sample, of metric: MetricID) { series[metric.index].append(sample) }

  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? {
    metric(named: name)
  }

  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {
    events[stream.index].append(
      id.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
  }

  func ids(of name: String) -> [String] {
    registry.names.firstIndex { $0.text == name }.map { events[$0] } ?? []
  }

  var names: [String] { registry.names.map(\.text) }

  func samples(of name: String) -> [Sample] {
    registry.names.firstIndex { $0.text == name }.map { series[$0] } ?? []
  }

  /// Values as text, because NaN is not equal to itself.
  func values(of name: String) -> [String] { samples(of: name).map { "\($0.value)" } }
}

/// A temporary directory, removed at the end of the test.
final class CSVDirectory {
  private let scratch = Scratch()

  var path: String { scratch.path }

  func file(_ name: String) -> String { scratch.file(name) }

  func write(_ text: String, to name: String) { write(Array(text.utf8), to: name) }

  /// Replaces the content of the file, keeping its inode.
  func write(_ bytes: [UInt8], to name: String) { put(bytes, name, O_TRUNC) }

  func append(_ text: String, to name: String) { put(Array(text.utf8), name, O_APPEND) }

  func rename(_ name: String, to other: String) {
    _ = Glibc.rename(file(name), file(other))
  }

  func remove(_ name: String) { unlink(file(name)) }

  private func put(_ bytes: [UInt8], _ name: String, _ flags: Int32) {
    let descriptor = open(file(name), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
    precondition(descriptor >= 0, "cannot write \(file(name))")
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      precondition(count > 0, "cannot write \(file(name))")
      rest = rest.dropFirst(count)
    }
    close(descriptor)
  }
}

/// An input on a file of a directory, with a clock that advances by a second per poll.
final class CSVWatch {
  let input: CSVInput
  let sink: CSVSink
  private(set) var now: Timestamp
  private(set) var notices: [Notice] = []

  init(
    _ directory: CSVDirectory, _ name: String = "pump.csv", position: [UInt8] = [],
    sink: CSVSink = CSVSink(), _ adjust: (inout TableSection) -> Void = { _ in }
  ) {
    var table = TableSection(paths: directory.file(name))
    table.prefix = "{file}"
    adjust(&table)
    input = CSVInput(name: "test", table: table)
    self.sink = sink
    now = Timestamp(seconds: 1_700_000_000)
    if !position.isEmpty { input.restorePosition(position) }
  }

  /// Polls until nothing more is ready.
  func poll(after step: Duration = .seconds(1)) {
    now = now.advanced(by: step)
    while input.poll(now: now, into: sink) == .moreReady {}
    notices += input.drainNotices()
  }

  func values(_ column: String = "value") -> [String] { sink.values(of: "pump." + column) }

  var warnings: [String] { notices.filter { $0.severity == .warning }.map(\.text) }
}

/// `timestamp,value` rows, one per second from 2024-01-01 on.
func csvRows(_ range: Range<Int>) -> String {
  range.map { "\(csvTime($0)),\($0)\n" }.joined()
}

/// The text of the time `second` seconds after 2024-01-01.
func csvTime(_ second: Int) -> String {
  let moment = Timestamp(nanoseconds: (1_704_067_200 + Int64(second)) * 1_000_000_000)
  return String(moment.iso8601.dropLast(5))
}
