import Detection
import Events
import Glibc
import Series

@testable import Store

private let now = Timestamp(seconds: 1_700_000_000)
private let segment = EventLogFormat.name(ofSegmentFrom: 1)

/// A directory of its own in memory for the record that is read.
private let folder = makeMemoryFolder("record")
private let directory = try? StateDirectory(path: folder)

/// The life of an event, as samples far off what is usual bring it about.
private let life: [EventTransition] = {
  let name = MetricName(sanitizing: "cpu.busy")
  let detector = ValueDetector(scratch: TrainingScratch())
  var tracker = EventTracker(metric: name, hostSeed: 1)
  var steps: [EventTransition] = []
  for index in 0..<1_500 {
    let isOff = (1_400..<1_440).contains(index)
    let sample = Sample(
      timestamp: now.advanced(by: .seconds(index * 5)),
      value: (isOff ? 90 : 50) + 10 * sin(Double(index) / 7) + Double(index * index % 13))
    steps += tracker.advance(sample, detector.step(sample), history: RingBuffer(capacity: 4))
  }
  return steps
}()

/// What a step and a remark are stored as.
private let payloads: [[UInt8]] =
  life.enumerated().map { index, transition in
    RecordedStep(
      sequence: UInt64(index + 1), transition: transition, recorded: now,
      silence: index == 1 ? "nightly" : nil,
      evidence: index == 0 ? EvidenceVector(.values, decades: SIMD16(repeating: 2.5)) : nil
    ).encode()
  } + [
    Feedback(
      event: EventID(metric: MetricName(sanitizing: "cpu.busy"), opened: now, hostSeed: 1),
      judgement: .falseAlarm, at: now, user: 1000, note: "a backup"
    ).encode()
  ]

/// The steps of an incident of that event, as they are stored.
private let incidents: [[UInt8]] = {
  var tracker = IncidentTracker()
  for step in life { _ = tracker.note(step, lastSeen: { _ in now }) }
  tracker.retain([])
  return tracker.settle().map { step in
    RecordedIncident(sequence: 1, transition: step, recorded: now).encode()
  }
}()

/// A segment with every checksum right, as far as its structure goes.
private func mended(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  func put(_ value: UInt32, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
  }
  let header = EventLogFormat.headerBytes
  guard bytes.count >= header else { return bytes }
  put(CRC32C.checksum(of: Array(bytes[..<(header - 4)])), at: header - 4)
  var offset = header
  while offset + EventLogFormat.entryBytes <= bytes.count {
    let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]) << 16
    let end = offset + EventLogFormat.entryBytes + length
    guard bytes[offset + 3] == 0, end <= bytes.count else { return bytes }
    var checksum = CRC32C()
    checksum.update(Array(bytes[offset..<offset + 16]))
    checksum.update(Array(bytes[offset + EventLogFormat.entryBytes..<end]))
    put(checksum.value, at: offset + 16)
    offset = end
  }
  return bytes
}

extension FuzzTarget {
  /// A segment of the history of events, with checksums that match: what can be read is read in every
  /// way, and written to afterwards.
  static let record = FuzzTarget(
    "record", maximumBytes: 4_096,
    seeds: [
      EventLogFormat.header(first: 1)
        + payloads.enumerated().flatMap { index, payload in
          EventLogFormat.entry(
            kind: index == life.count ? 3 : 1, sequence: UInt64(index + 1), payload: payload)
        } + EventLogFormat.entry(kind: 2, sequence: 9, payload: [1, 0, 1, 0, 0, 0, 97] + [9])
    ]
  ) { bytes in
    guard let directory else { fatalError("no folder to read from") }
    // What follows an unreadable segment, and those that were set aside.
    defer { emptyMemoryFolder(folder, except: segment) }
    let file = open(folder + "/" + segment, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let whole = mended(bytes)
    guard file >= 0, write(file, whole, whole.count) == whole.count else {
      fatalError("no file to read from")
    }
    close(file)
    guard let record = try? EventHistory(in: directory, maximumBytes: 1 << 20) else { return }
    _ = record.drainNotices()
    var cursor = record.steps(after: 0)
    var last: UInt64 = 0
    while let step = record.next(&cursor) {
      promise(step.sequence > last, "numbers rise")
      last = step.sequence
      guard let event = step.event?.transition.event,
        case .one(let id) = record.find(event.id.description)
      else { continue }
      _ = record.event(id)
    }
    guard record.bytes < 1 << 16 else { return }
    if let first = life.first { _ = record.take(first, at: now) }
    record.setCursors(["file": 1])
    promise(record.commit() || record.lastError != nil, "what waits is written, or it is said why")
  }

  /// A step in the life of an event, and what people said of one, as the record has them; the first
  /// byte chooses.
  static let recordStep = FuzzTarget(
    "record-step", maximumBytes: 2_048,
    seeds: payloads.enumerated().map { [$0 == life.count ? 1 : 0] + $1 }
      + incidents.map { [2] + $0 }
  ) { bytes in
    guard let choice = bytes.first else { return }
    let payload = Array(bytes.dropFirst())
    if choice % 3 == 2 {
      guard let step = RecordedIncident(sequence: 1, payload: payload) else { return }
      let again = RecordedIncident(sequence: 1, payload: step.encode())
      promise(again?.encode() == step.encode(), "a step of an incident reads back")
    } else if choice % 3 == 0 {
      guard let step = RecordedStep(sequence: 1, payload: payload) else { return }
      let again = RecordedStep(sequence: 1, payload: step.encode())
      promise(again?.encode() == step.encode(), "a step reads back")
    } else {
      guard let feedback = Feedback(payload: payload) else { return }
      promise(Feedback(payload: feedback.encode()) == feedback, "a remark reads back")
    }
  }
}
