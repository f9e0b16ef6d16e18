import Detection
import Events
import Glibc
import Series

@testable import Daemon
@testable import Detection
@testable import Monitor
@testable import Store

private let now = Timestamp(seconds: 1_700_000_000)
nonisolated(unsafe) private let scratch = DetectorScratch()
nonisolated(unsafe) private let training = SymbolTraining()
nonisolated(unsafe) private let account = LearningSnapshotAccount()
nonisolated(unsafe) private var budget = HostBudget(alarmsPerDay: 2)

/// A directory of its own in memory for the checkpoint that is read.
private let folder = makeMemoryFolder("checkpoint")
private let directory = try? StateDirectory(path: folder)

private func sample(_ index: Int) -> Sample {
  Sample(
    timestamp: now.advanced(by: .seconds(index * 5)),
    value: 50 + 10 * sin(Double(index) / 7) + Double(index * index % 13))
}

/// A metric that has seen so many samples.
private func grownTrack(after count: Int) -> MonitoredMetric {
  let name = MetricName(sanitizing: "x")
  var track = MonitoredMetric(
    detector: scratch.detector(of: .values, configuration: DetectorConfiguration()),
    tracker: EventTracker(metric: name, hostSeed: 1), share: nil, historyCapacity: 16,
    heard: .zero)
  for index in 0..<count {
    let sample = sample(index)
    _ = track.advance(.value(sample.value), at: sample.timestamp, budget: &budget)
  }
  return track
}

/// A monitor of a metric that has seen three samples.
private func grownMonitor() -> HostMonitor {
  let monitor = HostMonitor(
    limits: HostMonitor.Limits(metrics: 2, history: 16), hostSeed: 1
  ) { _ in .watch(DetectorConfiguration()) }
  if let id = monitor.metric(named: MetricName(sanitizing: "x")) {
    for index in 0..<3 { monitor.receive(sample(index), of: id) }
  }
  return monitor
}

private func decoded(_ bytes: [UInt8]) -> MonitoredMetric? {
  try? MonitoredMetric(
    decoding: bytes, name: MetricName(sanitizing: "x"), configuration: DetectorConfiguration(),
    sharesHostBudget: false, rules: EventRules(), scratch: scratch, hostSeed: 1,
    historyCapacity: 16, heard: .zero, learningSnapshots: account)
}

/// The bytes with every checksum right, as far as their structure goes.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  func put(_ value: UInt32, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
  }
  func number(_ offset: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
  let header = CheckpointFormat.headerBytes
  guard bytes.count >= header else { return bytes }
  put(CRC32C.checksum(of: Array(bytes[..<(header - 4)])), at: header - 4)
  var sum = CRC32C()
  sum.update(Array(bytes[..<(header - 4)]))
  var offset = header
  while offset + 16 <= bytes.count {
    if bytes[offset] == CheckpointFormat.endKind {
      guard offset + 20 <= bytes.count else { return bytes }
      sum.update(Array(bytes[offset..<offset + 16]))
      put(sum.value, at: offset + 16)
      return bytes
    }
    let end = offset + 12 + number(offset + 2, 2)
    let payload = number(offset + 4, 4)
    guard end + 4 <= bytes.count else { return bytes }
    if end + 4 + payload <= bytes.count {
      put(CRC32C.checksum(of: Array(bytes[(end + 4)..<(end + 4 + payload)])), at: offset + 8)
    }
    put(CRC32C.checksum(of: Array(bytes[offset..<end])), at: end)
    sum.update(Array(bytes[offset..<end]))
    offset = end + 4 + payload
  }
  return bytes
}

extension FuzzTarget {
  /// A file of saved state, with the checksums of whoever wants to be believed.
  static let checkpoint = FuzzTarget(
    "checkpoint",
    seeds: [
      {
        var encoder = CheckpointEncoder(at: now, capacity: 256)
        encoder.append(.metric, name: "cpu.busy") { $0.write(raw: [1, 2, 3]) }
        encoder.append(.input, name: "host") { _ in }
        encoder.end()
        return encoder.take()
      }()
    ]
  ) { bytes in
    guard let directory else { fatalError("no folder to read from") }
    let file = open(folder + "/checkpoint", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let whole = mended(bytes)
    guard file >= 0, write(file, whole, whole.count) == whole.count else {
      fatalError("no file to read from")
    }
    close(file)
    _ = try? CheckpointReader(directory: directory, name: "checkpoint").read { record in
      promise(record.payload.count <= bytes.count, "a payload lies in its file")
      return true
    }
  }

  /// A stored metric: detector, open event, recent samples; what is taken up goes on.
  static let track = FuzzTarget(
    "track", maximumBytes: 1 << 16,
    seeds: [grownTrack(after: 3).encode(), grownTrack(after: 700).encode()]
  ) { bytes in
    guard var track = decoded(bytes) else { return }
    promise(decoded(track.encode()) != nil, "a metric that was read can be written and read")
    let id = Array("event1".utf8)
    for index in 700..<703 {
      let sample = sample(index)
      if track.symbols == nil {
        _ = track.advance(.value(sample.value), at: sample.timestamp, budget: &budget)
      } else {
        _ = track.advance(.symbol(id.span), at: sample.timestamp, budget: &budget)
      }
    }
    _ = track.encode()
  }

  /// The exported state of a metric, with the length and the checksum of whoever wants to be believed: what
  /// is read can be written, and a monitor continues from it or refuses it.
  static let portable = FuzzTarget(
    "portable", maximumBytes: 1 << 16,
    seeds: [3, 700].map {
      PortableModel(grownTrack(after: $0), rules: ["Range=0..95"], at: now).bytes
    }
  ) { bytes in
    var mended = bytes
    if bytes.count >= 28 {
      var writer = ByteWriter()
      writer.write(raw: bytes[..<16])
      writer.write(UInt64(bytes.count - 28))
      writer.write(CRC32C.checksum(of: Array(bytes[28...])))
      writer.write(raw: bytes[28...])
      mended = writer.bytes
    }
    for bytes in [bytes, mended] {
      guard let model = try? PortableModel(bytes: bytes) else { continue }
      promise((try? PortableModel(bytes: model.bytes)) == model, "what was read can be written")
      _ = try? model.facts()
      let monitor = HostMonitor(
        limits: HostMonitor.Limits(metrics: 1, history: 16), hostSeed: 1
      ) { _ in .watch(DetectorConfiguration()) }
      guard (try? LearntModels(monitor).adopt(model, as: MetricName(sanitizing: "x"))) != nil,
        let id = monitor.metric(named: MetricName(sanitizing: "x"))
      else { continue }
      for index in 700..<703 { monitor.receive(sample(index), of: id) }
    }
  }

  /// What a monitor keeps beside its metrics: debt, ages, owners, incidents; the first byte chooses.
  static let monitor = FuzzTarget(
    "monitor", maximumBytes: 1_024,
    seeds: {
      let monitor = grownMonitor()
      return [
        [0] + monitor.encodeBudget(), [1] + monitor.encodeAges(), [2] + monitor.encodeOwners(),
        [3] + monitor.encodeIncidents(), [1, 1, 0, 0x78, 60, 0, 0, 0, 0, 0, 0, 0],
        [2, 1, 0, 0x78, 1, 0, 0x61],
      ]
    }()
  ) { bytes in
    guard let choice = bytes.first else { return }
    let monitor = grownMonitor()
    let stored = Array(bytes.dropFirst())
    let problem =
      switch choice % 4 {
      case 0: monitor.restoreBudget(stored)
      case 1: monitor.restoreAges(stored)
      case 2: monitor.restoreOwners(stored)
      default: monitor.restoreIncidents(stored)
      }
    promise(problem?.isEmpty != true, "a problem has a reason")
    guard let id = monitor.metric(named: MetricName(sanitizing: "x")) else { return }
    for index in 3..<6 { monitor.receive(sample(index), of: id) }
    monitor.keepHouse()
    for state in [
      monitor.encodeBudget(), monitor.encodeAges(), monitor.encodeOwners(),
      monitor.encodeIncidents(),
    ] { _ = state }
    promise(monitor.restoreIncidents(monitor.encodeIncidents()) == nil, "incidents read back")
  }

  /// A stored stream of events.
  static let symbols = FuzzTarget(
    "symbols", maximumBytes: 1 << 17,
    seeds: [
      {
        let detector = SequenceDetector(scratch: training)
        for index in 0..<400 {
          let id = Array("event\(index % 7)".utf8)
          _ = detector.step(id.span, at: now.advanced(by: .seconds(index)))
        }
        return detector.encode()
      }()
    ]
  ) { bytes in
    let configuration = DetectorConfiguration()
    guard
      let detector = try? SequenceDetector(
        decoding: bytes, configuration: configuration, scratch: training)
    else { return }
    let id = Array("event1".utf8)
    for index in 0..<3 { _ = detector.step(id.span, at: now.advanced(by: .seconds(index))) }
    _ = detector.encode()
  }
}
