import Glibc
import Inputs
import Series

/// The inputs' work for their samples, which are discarded.
enum InputWork {
  /// A sink that discards samples and accepts every metric.
  private final class Sink: SampleSink {
    private var metrics = 0

    func metric(named name: MetricName) -> MetricID? {
      metrics += 1
      return MetricID(index: metrics - 1)
    }

    func receive(_ sample: Sample, of metric: MetricID) {}
  }

  /// A directory that is removed on exit.
  private static let folder: String = {
    var template = Array("/tmp/anomalyd-gates-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { give(up: "cannot make a folder in /tmp") }
    atexit { removeFolder() }
    return String(decoding: template.dropLast().map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
  }()

  private static func removeFolder() {
    for name in [table, socketName] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  private static let table = "table.csv"
  private static let socketName = "metrics.sock"

  /// A hundred lines of a time stamp and a number, appended to a followed file.
  static func lines() -> () -> Void {
    let path = folder + "/" + table
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { give(up: "cannot write \(path)") }
    var table = TableSection(paths: path)
    table.prefix = "{file}"
    table.timeOrder = .asRecorded
    let input = CSVInput(name: "table", table: table)
    let sink = Sink()
    let text = (0..<100).map {
      "2026-01-10 12:\(10 + $0 / 60):\(10 + $0 % 50),\($0 * 37 % 100).5\n"
    }
    let bytes = Array(text.joined().utf8)
    let now = Timestamp(seconds: 1.7672e9)
    let append = {
      guard write(descriptor, bytes, bytes.count) == bytes.count else {
        give(up: "cannot write \(path)")
      }
      while input.poll(now: now, into: sink) == .moreReady {}
    }
    append()
    append()
    return {
      let before = input.health.samples
      append()
      guard input.health.samples == before + 100 else { give(up: "lines are left out") }
    }
  }

  /// A datagram with a line of each kind, received and, an interval later, reported.
  static func datagram() -> () -> Void {
    let path = folder + "/" + socketName
    var configuration = SocketSection()
    configuration.path = path
    configuration.datagramsPerSecond = 1_000_000
    let input = SocketInput(name: "app", configuration: configuration)
    let sink = Sink()
    var now = Timestamp(seconds: 1_700_000_000)
    _ = input.poll(now: now, into: sink)
    let sender = connected(to: path)
    let lines = """
      hits:1|c|@0.5|#b:2,a:1
      depth:+3|g
      wait:12:13:14|ms
      users:anna|s
      cpu,host=a\\ b,core=1 usage=12.5,idle=3i,text="x",up=true 1699999999
      """
    let bytes = Array(lines.utf8)
    let receive = {
      guard Glibc.send(sender, bytes, bytes.count, 0) == bytes.count else {
        give(up: "cannot send to \(path)")
      }
      while input.poll(now: now, into: sink) == .moreReady {}
      now = now.advanced(by: .seconds(10))
      while input.poll(now: now, into: sink) == .moreReady {}
    }
    for _ in 0..<5 { receive() }
    return {
      let before = input.health.samples
      receive()
      guard input.health.samples > before else { give(up: "datagrams are left out") }
    }
  }

  private static func connected(to path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let result = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { give(up: "cannot connect to \(path)") }
    return descriptor
  }

  /// A poll of everything on the fixture's host.
  static func procfs() -> () -> Void {
    let use = FilesystemUse(
      blockBytes: 4096, blocks: 1000, free: 400, available: 300, inodes: 2000, freeInodes: 1500)
    let clock = ClockState(
      offsetSeconds: -0.0025, maximumErrorSeconds: 0.5, frequencyPPM: -12.5, isSynchronised: true)
    var elapsed = Duration.seconds(1000)
    var host = ProcfsSection()
    host.rootPath = "Tests/Fixtures/procfs/linux-5.15"
    host.collectors = Set(ProcfsSection.allCollectors)
    host.units = ["*.service"]
    let input = ProcfsInput(
      name: "host",
      configuration: host,
      monotonicClock: { elapsed },
      calls: HostCalls(
        filesystemUse: { _ in use }, clockState: { clock }, stopwatch: { .zero }))
    let sink = Sink()
    let poll = {
      let before = input.health.samples
      elapsed += .seconds(5)
      _ = input.poll(now: Timestamp(nanoseconds: 0), into: sink)
      let samples = input.health.samples - before
      guard samples > 60 else {
        give(up: "\(samples) samples of the fixture: is this the project's folder?")
      }
    }
    for _ in 0..<5 { poll() }
    return poll
  }
}
