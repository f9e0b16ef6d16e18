import Delivery
import Formats
import Glibc
import Outbox
import Series
import Support
import System

/// An outbox with messages, and a courier that delivers them.
final class Bench {
  let scratch = Scratch()
  private(set) var notices: [Notice] = []
  var plans: [EndpointPlan] = []
  var backoff = Backoff(first: .milliseconds(4), longest: .milliseconds(40))
  var linger = Duration.zero
  var clock: () -> Timestamp = { .now }
  var steadyClock: () -> MonotonicTime = { .now }

  func folder(_ name: String = "pager") -> OutboxFolder {
    OutboxFolder(root: scratch.path, name: name)
  }

  /// Adds an endpoint.
  func connect(
    _ receiver: Receiver, name: String = "pager", format: MessageFormat = .slack,
    fingerprint: String = "1", scheme: String = "http",
    _ adjust: (inout EndpointSettings) -> Void = { _ in }
  ) throws {
    var route = HTTPRoute(url: "\(scheme)://localhost:\(receiver.port)/hook")
    route.timeout = .seconds(20)
    var settings = EndpointSettings(route: route, format: format)
    adjust(&settings)
    plans.append(
      EndpointPlan(name: name, fingerprint: fingerprint, settings: .success(settings)))
    try folder(name).make()
  }

  /// A step of event number `index`.
  @discardableResult
  func put(
    _ index: Int, _ step: OutboxEntry.Step = .opened, name: String = "pager", metric: String? = nil
  ) throws -> OutboxEntry {
    let metric = metric ?? "m\(index)"
    let number = String(index)
    let id = "019aa2c4-5f10-7abc-8def-" + String(repeating: "0", count: 12 - number.count) + number
    let seconds = 1_700_000_000 + Double(index) * 100 + (step == .closed ? 50 : 0)
    let at = Timestamp(seconds: seconds)
    let entry = OutboxEntry(at: at, subject: metric, event: id, step: step)
    let opened = Timestamp(seconds: 1_700_000_000 + Double(index) * 100).iso8601
    let closed = step == .closed ? "\"\(at.iso8601)\"" : "null"
    let json = """
      {"id":"\(id)","metric":"\(metric)","state":"\(step.rawValue)","opened":"\(opened)",\
      "closed":\(closed),"explanation":"\(metric) \(step.rawValue)","severity":"error"}

      """
    try folder(name).write(entry, Array(json.utf8))
    return entry
  }

  func ring() throws { try OutboxBell(root: scratch.path).ring() }

  /// Delivers until nothing is left, or while a condition holds.
  func run(while condition: () -> Bool = { true }) throws {
    try ring()
    var options = Courier.Options(root: scratch.path, host: "web1")
    options.backoff = backoff
    options.linger = linger
    options.longestWait = .milliseconds(20)
    options.clock = clock
    options.steadyClock = steadyClock
    options.report = { [unowned self] in notices.append($0) }
    let courier = try Courier(options: options) { [unowned self] in plans }
    try courier.run(while: condition)
  }

  func state(_ name: String = "pager") -> DeliveryState {
    DeliveryState(of: folder(name)) ?? DeliveryState()
  }

  func texts(_ severity: Notice.Severity = .warning) -> [String] {
    notices.filter { $0.severity == severity }.map(\.text)
  }
}
