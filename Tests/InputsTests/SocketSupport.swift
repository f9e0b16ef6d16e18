import Inputs
import Series
import Support
import Testing

/// A socket input in its own directory, and a sender; the clock advances by one second per poll.
/// Begins at a whole multiple of the interval.
final class SocketBench {
  let sink: CSVSink
  private(set) var input: SocketInput
  private(set) var notices: [Notice] = []
  private(set) var now = Timestamp(seconds: 1_700_000_000)
  let directory = Scratch()
  private(set) var configuration: SocketSection
  private let sender = UnixDatagrams()

  init(sink: CSVSink = CSVSink(), _ adjust: (inout SocketSection) -> Void = { _ in }) {
    configuration = SocketSection()
    configuration.path = directory.file("metrics.sock")
    configuration.prefix = ""
    adjust(&configuration)
    self.sink = sink
    input = SocketInput(name: "app", configuration: configuration)
    poll(after: .zero)
  }

  var path: String { configuration.path }

  func poll(after step: Duration = .seconds(1)) {
    now = now.advanced(by: step)
    while input.poll(now: now, into: sink) == .moreReady {}
    notices += input.drainNotices()
  }

  /// Sends each text as a datagram, and polls.
  func receive(_ texts: String..., after step: Duration = .zero) {
    for text in texts {
      #expect(send(text), "cannot send to \(path)")
      poll(after: step)
    }
  }

  /// Sends without polling.
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) -> Bool { sender.send(bytes, to: path) }

  /// Advances to the end of the interval.
  func endInterval() {
    let (seconds, _) = configuration.flushInterval.components
    let past = now.nanoseconds % (seconds * 1_000_000_000)
    poll(after: .nanoseconds(seconds * 1_000_000_000 - past))
  }

  /// Replaces the input by another, like a restart or a reload.
  func restart(takingOver: Bool, _ adjust: (inout SocketSection) -> Void = { _ in }) {
    let old = input
    adjust(&configuration)
    input = SocketInput(name: "app", configuration: configuration)
    input.restorePosition(old.encodePosition())
    if takingOver { input.takeOver(from: old) }
    notices += input.drainNotices()
  }

  func values(_ name: String) -> [String] { sink.values(of: name) }

  /// `name:values` of all metrics, in their order.
  var all: [String] {
    sink.names.map { "\($0):" + sink.values(of: $0).joined(separator: ",") }
  }

  var warnings: [String] { notices.filter { $0.severity == .warning }.map(\.text) }
  var infos: [String] { notices.filter { $0.severity == .info }.map(\.text) }
  var health: InputHealth { input.health }
}
