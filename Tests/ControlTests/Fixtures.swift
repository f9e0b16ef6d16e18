import Control
import Glibc
import Series

/// 2026-11-20T14:00:00Z.
let noon = Timestamp(nanoseconds: 1_795_183_200_000_000_000)

/// A daemon with made-up metrics `m0`, `m1`, ...; every third one is anomalous.
struct SampleHandler: ControlHandler {
  var count = 5

  func summary(_ index: Int) -> MetricSummary {
    MetricSummary(
      name: "m\(index)",
      state: index % 3 == 2 ? .anomalous : index % 3 == 1 ? .normal : .warming,
      warmUp: index % 3 == 0
        ? WarmUp(seen: 40, needed: 600, expectedEnd: Moment(noon.advanced(by: .seconds(2800))))
        : nil,
      samples: 40,
      gaps: 1,
      lastSeen: Moment(noon),
      value: index == 4 ? .nan : 12.5,
      expected: 12,
      lower: index % 3 == 0 ? .nan : 10,
      upper: index % 3 == 0 ? .infinity : 14,
      score: 1.5,
      level: 0
    )
  }

  var event: EventMessage {
    EventMessage(
      id: "019aa2c4-5f10-7abc-8def-0123456789ab",
      metric: "m2",
      opened: Moment(noon),
      value: 99,
      expected: 12,
      lower: 10,
      upper: 14,
      score: 4.1,
      peakScore: 5,
      reason: "jump"
    )
  }

  func status() -> StatusReply {
    StatusReply(
      version: "0.1.0",
      pid: 42,
      started: Moment(noon),
      now: Moment(noon),
      configuration: ConfigurationStatus(
        files: ["/etc/anomalyd/anomalyd.conf"],
        loaded: Moment(noon),
        lastReload: ReloadResult(at: Moment(noon), succeeded: false, errors: ["x.conf:3: bad"])
      ),
      inputs: [
        InputStatus(
          name: "host",
          type: "procfs",
          healthy: true,
          samples: 10,
          malformed: 0,
          gaps: 0,
          refused: 0,
          lastError: nil,
          lastErrorAt: nil,
          lastSampleAt: Moment(noon),
          lastSampleAge: 1.5,
          lagBytes: nil
        ),
        InputStatus(
          name: "furnace",
          type: "csv",
          healthy: false,
          samples: 10,
          malformed: 3,
          gaps: 2,
          refused: 0,
          lastError: "no such file",
          lastErrorAt: Moment(noon),
          lastSampleAt: nil,
          lastSampleAge: nil,
          lagBytes: 4096
        ),
      ],
      outputs: [
        OutputStatus(
          name: "journal",
          type: "journal",
          healthy: true,
          emitted: 2,
          failed: 0,
          queued: 0,
          dropped: 0,
          lastError: nil,
          lastErrorAt: nil
        ),
        OutputStatus(
          name: "events",
          type: "file",
          healthy: false,
          emitted: 2,
          failed: 0,
          queued: 0,
          dropped: 0,
          lastError: "disk full",
          lastErrorAt: Moment(noon)
        ),
      ],
      metrics: MetricCounts(
        registered: count,
        limit: 1000,
        refused: 0,
        warming: 2,
        normal: 2,
        anomalous: 1
      ),
      resources: ResourceStatus(
        residentBytes: 18_000_000,
        bytesPerMetric: 45_000,
        nanosecondsPerSample: 4200,
        samples: 99
      ),
      checkpoint: CheckpointStatus(
        lastAt: Moment(noon),
        bytes: 5_000_000,
        milliseconds: 12.5,
        nextIn: 600,
        lastError: "disk full"
      ),
      openEventCount: 1,
      openEvents: [event]
    )
  }

  func listMetrics(
    _ request: MetricListRequest,
    from cursor: Int,
    limit: Int
  ) throws(ControlError) -> MetricPage {
    if request.pattern == "[" { throw .invalidParameter("pattern") }
    var page: [MetricSummary] = []
    for index in cursor..<count {
      let metric = summary(index)
      if let state = request.state, metric.state != state { continue }
      if let pattern = request.pattern, pattern != metric.name { continue }
      if page.count == limit { return MetricPage(metrics: page, next: index) }
      page.append(metric)
    }
    return MetricPage(metrics: page, next: nil)
  }

  func showMetric(_ name: String) throws(ControlError) -> MetricDetail {
    guard let index = (0..<count).first(where: { "m\($0)" == name }) else {
      throw .noSuchMetric(name)
    }
    return MetricDetail(
      metric: summary(index),
      openEvent: index == 2 ? event : nil,
      reason: "jump",
      evidence: [EvidenceReading(kind: "jump", decades: 4.5)],
      history: [
        HistorySample(at: Moment(noon), value: 12), HistorySample(at: Moment(noon), value: .nan),
      ],
      facts: [Fact(name: "scale", value: 1.5), Fact(name: "loss", value: .nan)],
      bytes: 45_000
    )
  }
}

/// A loop over poll(2) that turns only when it is told to.
final class PollLoop: DescriptorPoller {
  private(set) var watched: [Int32: Readiness] = [:]

  func watch(_ descriptor: Int32, for events: Readiness) { watched[descriptor] = events }

  func unwatch(_ descriptor: Int32) { watched[descriptor] = nil }

  /// Calls the server for each descriptor that is ready.
  /// - Returns: whether any was.
  @discardableResult
  func turn(
    _ server: ControlServer,
    _ handler: some ControlHandler,
    now: Duration = .zero,
    wait milliseconds: Int32 = 0
  ) -> Bool {
    var polls = watched.filter { !$0.value.isEmpty }.map { descriptor, events in
      pollfd(
        fd: descriptor,
        events: Int16(
          (events.contains(.read) ? POLLIN : 0) | (events.contains(.write) ? POLLOUT : 0)
        ),
        revents: 0
      )
    }
    guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return false }
    for poll in polls where poll.revents != 0 {
      let events = Int32(poll.revents)
      var ready: Readiness = []
      if events & (POLLIN | POLLHUP | POLLERR) != 0 { ready.insert(.read) }
      if events & (POLLOUT | POLLHUP | POLLERR) != 0 { ready.insert(.write) }
      server.handle(poll.fd, ready: ready, now: now, handler: handler)
    }
    return true
  }

  /// Turns until nothing is ready any more.
  func settle(_ server: ControlServer, _ handler: some ControlHandler, now: Duration = .zero) {
    var turns = 0
    while turns < 100_000, turn(server, handler, now: now) { turns += 1 }
  }
}

/// A new folder of its own under /tmp, removed with what it holds.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/anomalyd-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  /// Where the socket of a test lies.
  var socket: String { path + "/s" }

  deinit {
    unlink(socket)
    rmdir(path)
  }
}

/// A socket address.
private func withAddress(
  _ path: String, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
) {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  withUnsafeBytes(of: &address) { bytes in
    bytes.withMemoryRebound(to: sockaddr.self) {
      _ = body($0.baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// A new socket that is bound to a path.
func bindSocket(_ path: String) -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  withAddress(path) { bind(descriptor, $0, $1) }
  return descriptor
}

/// A client that speaks bytes.
final class RawClient {
  let descriptor: Int32

  init(_ path: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    withAddress(path) { connect(descriptor, $0, $1) }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Sends what the socket takes.
  /// - Returns: how many bytes it took.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    max(0, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
  }

  /// Sends a call with its terminator.
  func call(_ json: String) { send(Array(json.utf8) + [0]) }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// All that has arrived, and whether the server has closed.
  func receive() -> (bytes: [UInt8], closed: Bool) {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        all += chunk[..<count]
      } else {
        return (all, count == 0 || errno == ECONNRESET)
      }
    }
  }

  /// The replies that have arrived, without terminators.
  func replies() -> [String] {
    receive().bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
