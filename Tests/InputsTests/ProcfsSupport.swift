import FoundationEssentials
import Inputs
import Series
import Testing

/// A root directory written by a test, with a clock moved by the test.
final class FakeHost {
  /// The directory of fixtures of several kernels.
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/procfs")
  static let kernels = ["linux-3.10", "linux-4.19", "linux-5.15", "linux-6.1"]

  let root: URL
  var elapsed: Duration = .seconds(1000)
  var wallClock = Timestamp(nanoseconds: 1_795_183_320_000_000_000)
  let sink = HostSink()
  /// The answers of filesystems, by path as seen by this host; all others answer ``filesystem``.
  var filesystems: [String: FilesystemUse] = [:]
  var filesystem: FilesystemUse? = FilesystemUse(
    blockBytes: 4096, blocks: 1000, free: 400, available: 300, inodes: 2000, freeInodes: 1500)
  /// The queried paths, as seen by this host.
  var askedFilesystems: Set<String> = []
  var clock: ClockState? = ClockState(
    offsetSeconds: -0.0025, maximumErrorSeconds: 0.5, frequencyPPM: -12.5, isSynchronised: true)

  /// How long each read of a sensor takes.
  var readTime: Duration = .zero
  private var stopwatch: Duration = .zero

  /// The files of a fixture's kernel, or none.
  init(_ kernel: String? = "linux-6.1") throws {
    root = FileManager.default.temporaryDirectory.appending(path: "procfs-\(UUID().uuidString)")
    if let kernel {
      try FileManager.default.copyItem(
        at: FakeHost.fixtures.appending(path: kernel),
        to: root
      )
    } else {
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }
  }

  deinit {
    try? FileManager.default.removeItem(at: root)
  }

  /// Overwrites a file in place, as the kernel does: open descriptors see the new text.
  func write(_ path: String, _ bytes: some Sequence<UInt8>) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    if !FileManager.default.fileExists(atPath: file.path) {
      try Data().write(to: file)
    }
    try Data(bytes).write(to: file, options: [])
  }

  func write(_ path: String, _ text: String) throws { try write(path, Array(text.utf8)) }

  func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: root.appending(path: path))
  }

  func input(
    _ collectors: Set<String> = Set(ProcfsSection.allCollectors),
    _ change: (inout ProcfsSection) -> Void = { _ in }
  ) -> ProcfsInput {
    var configuration = ProcfsSection()
    configuration.rootPath = root.path
    configuration.collectors = collectors
    change(&configuration)
    let calls = HostCalls(
      filesystemUse: use,
      clockState: { self.clock },
      stopwatch: {
        self.stopwatch += self.readTime
        return self.stopwatch
      }
    )
    return ProcfsInput(
      name: "host", configuration: configuration, monotonicClock: { self.elapsed }, calls: calls)
  }

  private func use(_ path: UnsafePointer<CChar>) -> FilesystemUse? {
    let seen = String(String(cString: path).dropFirst(root.path.count))
    let point = seen.isEmpty ? "/" : seen
    askedFilesystems.insert(point)
    return filesystems[point] ?? filesystem
  }

  /// Advances both clocks, polls, and returns the samples by name.
  @discardableResult
  func poll(_ input: ProcfsInput, after seconds: Double = 5) -> [String: Double] {
    elapsed += .seconds(seconds)
    wallClock = wallClock.advanced(by: .seconds(seconds))
    sink.received.removeAll()
    #expect(input.poll(now: wallClock, into: sink) == .drained)
    return sink.values
  }
}

/// A sink that stores what it gets.
final class HostSink: SampleSink {
  var registry: MetricRegistry
  var received: [(name: String, sample: Sample)] = []
  var lookups = 0
  private(set) var limits: [String: HardwareLimits] = [:]

  init(capacity: Int = 1000) {
    registry = MetricRegistry(capacity: capacity)
  }

  var values: [String: Double] {
    Dictionary(
      received.map { ($0.name, $0.sample.value) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  func metric(named name: MetricName) -> MetricID? {
    lookups += 1
    return registry.register(name)
  }

  func receive(_ limits: HardwareLimits, of metric: MetricID) {
    self.limits[registry.name(of: metric).text] = limits
  }

  func receive(_ sample: Sample, of metric: MetricID) {
    received.append((registry.name(of: metric).text, sample))
  }
}

/// The number at `name` is near `expected`.
func expectNear(
  _ values: [String: Double],
  _ name: String,
  _ expected: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let value = values[name] else {
    Issue.record("no sample of \(name)", sourceLocation: sourceLocation)
    return
  }
  #expect(
    abs(value - expected) <= 1e-9 * max(1, abs(expected)),
    "\(name) is \(value)",
    sourceLocation: sourceLocation
  )
}

/// The names of the samples that have this prefix and suffix.
func names(_ values: [String: Double], _ prefix: String, _ suffix: String = "") -> Set<String> {
  Set(values.keys.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) })
}
