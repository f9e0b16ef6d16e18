import Glibc
import Inputs
import Series
import Support

/// A serial input on a pseudo-terminal behind a link, as in `/dev/serial/by-id`, with a clock that
/// advances by one second per poll.
final class SerialBench {
  let sink: CSVSink
  let input: SerialInput
  private(set) var notices: [Notice] = []
  private(set) var now = Timestamp(seconds: 1_700_000_000)
  private let directory = CSVDirectory()
  private var terminal: PseudoTerminal?

  /// - Parameters:
  ///   - isQuiet: whether the line is seen open and quiet first, so that the first line counts.
  init(
    fields: [String] = ["t", "h"],
    isPlugged: Bool = true,
    isQuiet: Bool = true,
    sink: CSVSink = CSVSink(),
    _ adjust: (inout SerialSection) -> Void = { _ in }
  ) {
    var configuration = SerialSection()
    configuration.device = directory.file("sensor")
    configuration.fields = fields
    adjust(&configuration)
    self.sink = sink
    input = SerialInput(name: "air", configuration: configuration)
    if isPlugged { plug() }
    if isQuiet {
      poll()
      poll()
    }
  }

  var device: String { directory.file("sensor") }

  /// Plugs in a device that looks new to the system.
  func plug() {
    let terminal = PseudoTerminal()
    self.terminal = terminal
    unlink(device)
    precondition(symlink(terminal.path, device) == 0, "cannot link \(device)")
  }

  func unplug() {
    terminal = nil
    unlink(device)
  }

  /// Puts a plain file where the device should be.
  func plugFile() { directory.write("t,h\n", to: "sensor") }

  func poll(after step: Duration = .seconds(1)) {
    now = now.advanced(by: step)
    while input.poll(now: now, into: sink) == .moreReady {}
    notices += input.drainNotices()
  }

  /// Sends bytes down the line, and polls after each piece that the line can hold.
  func receive(_ bytes: [UInt8], after step: Duration = .seconds(1)) {
    var rest = bytes[...]
    var step = step
    while !rest.isEmpty, let terminal, let descriptor = input.readiness?.descriptor {
      terminal.send(Array(rest.prefix(2_048)), to: descriptor)
      rest = rest.dropFirst(2_048)
      poll(after: step)
      step = .milliseconds(1)
    }
  }

  func receive(_ text: String, after step: Duration = .seconds(1)) {
    receive(Array(text.utf8), after: step)
  }

  /// Sends bytes without waiting for them.
  func send(_ bytes: [UInt8]) { terminal?.send(bytes) }

  /// Values of a field as text, for NaN is not equal to itself.
  func values(_ field: String) -> [String] { sink.values(of: "air." + field) }

  /// `name:values` of all metrics, in their order.
  var all: [String] {
    sink.names.map { "\($0):" + sink.values(of: $0).joined(separator: ",") }
  }

  var warnings: [String] { notices.filter { $0.severity == .warning }.map(\.text) }
  var infos: [String] { notices.filter { $0.severity == .info }.map(\.text) }
  var health: InputHealth { input.health }
  var malformed: Int { health.malformed }
}

/// Accepts samples and keeps none.
final class CountingSink: SampleSink {
  private(set) var samples = 0
  func metric(named name: MetricName) -> MetricID? { MetricID(index: 0) }
  func receive(_ sample: Sample, of metric: MetricID) { samples += 1 }
}

/// Bytes as from a line with the wrong rate: most of them unprintable, the same at each call.
func noise(_ count: Int, seed: UInt64 = 88_172_645_463_325_252) -> [UInt8] {
  var random = seed
  return (0..<count).map { _ in
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return UInt8(truncatingIfNeeded: random >> 32)
  }
}
