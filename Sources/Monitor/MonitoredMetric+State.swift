package import Detection
package import Events
package import Series

extension MonitoredMetric {
  /// Everything except the name, as bytes.
  package func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: detector.byteCount + 12 * history.count + 512)
    encode(to: &writer)
    return writer.bytes
  }

  /// Appends everything except the name.
  package func encode(to writer: inout ByteWriter) {
    StoredMetric.begin(&writer)
    writer.append(.counts) {
      $0.write(count: samples)
      $0.write(count: missing)
      $0.write(count: silences)
      $0.write(newest != nil)
      if let newest {
        $0.write(newest.timestamp.nanoseconds)
        $0.write(newest.value)
      }
    }
    if let verdict { writer.append(.verdict) { verdict.encode(to: &$0) } }
    writer.append(.interval) { interval.encode(to: &$0) }
    writer.append(.share) { (share ?? BudgetShare()).encode(to: &$0) }
    writer.append(.feedback) { feedback.encode(to: &$0) }
    writer.append(.history) {
      let recent = history.samples()
      $0.write(UInt32(recent.count))
      for sample in recent {
        $0.write(sample.timestamp.nanoseconds)
        $0.write(Float(sample.value))
      }
    }
    writer.append(.event) { $0.write(raw: tracker.encode()) }
    writer.append(.detector) {
      $0.write(family.rawValue)
      $0.write(raw: detector.encode())
    }
    if let kept {
      writer.append(.learningSnapshot) {
        $0.write(kept.since.nanoseconds)
        $0.write(raw: kept.bytes)
      }
    }
    if let frozenSince { writer.append(.freeze) { $0.write(frozenSince.nanoseconds) } }
  }

  /// A metric that continues from the result of ``encode()`` of this or an earlier version.
  package init(
    decoding bytes: [UInt8],
    name: MetricName,
    configuration: DetectorConfiguration,
    sharesHostBudget: Bool,
    rules: EventRules,
    scratch: DetectorScratch,
    hostSeed: UInt64,
    historyCapacity: Int,
    heard: Duration,
    learningSnapshots: LearningSnapshotAccount
  ) throws(MetricDecodingError) {
    let stored = try StoredMetric(bytes)
    try self.init(
      stored, name: name, configuration: configuration, sharesHostBudget: sharesHostBudget,
      rules: rules, fresh: scratch.detector(of: stored.family, configuration: configuration),
      hostSeed: hostSeed, historyCapacity: historyCapacity, heard: heard,
      learningSnapshots: learningSnapshots)
  }

  /// A metric that continues from stored state.
  /// - Parameter fresh: a detector in its initial state.
  init(
    _ stored: StoredMetric,
    name: MetricName,
    configuration: DetectorConfiguration,
    sharesHostBudget: Bool,
    rules: EventRules,
    fresh: any Detector,
    hostSeed: UInt64,
    historyCapacity: Int,
    heard: Duration,
    learningSnapshots: LearningSnapshotAccount
  ) throws(MetricDecodingError) {
    self.heard = heard
    history = RingBuffer(capacity: historyCapacity)
    for sample in stored.history { history.append(sample) }
    (samples, missing, silences) = (stored.samples, stored.missing, stored.silences)
    (newest, verdict, interval) = (stored.newest, stored.verdict, stored.interval)
    share = sharesHostBudget ? stored.share : nil
    kept = stored.kept.map { LearningSnapshot($0.bytes, since: $0.since, on: learningSnapshots) }
    do throws(StateDecodingError) {
      tracker = try EventTracker(
        decoding: stored.event, metric: name, hostSeed: hostSeed, rules: rules,
        quietSamples: stored.family == .symbols ? SequenceDetector.quietEvents : nil)
      // A metric that was not judged has learnt nothing.
      detector =
        stored.detector.isEmpty
        ? fresh : try fresh.restored(from: stored.detector, configuration: configuration)
      // The state saved for a silence belongs to a detector that judges.
      if !configuration.judges || kept?.bytes.isEmpty ?? false { kept = nil }
    } catch {
      throw .detector(error)
    }
    frozenSince = stored.frozenSince
    restore(stored.feedback)
  }
}

extension ByteWriter {
  /// Appends a part of a metric: its id, version and length, then the output of `body`.
  fileprivate mutating func append(_ part: MetricPart, _ body: (inout ByteWriter) -> Void) {
    self.write(part.rawValue)
    self.write(part.newest)
    let start = bytes.count
    self.write(UInt32(0))
    body(&self)
    let count = UInt32(bytes.count - start - 4)
    withUnsafeBytes(of: count.littleEndian) { length in
      bytes.replaceSubrange(start..<start + 4, with: length)
    }
  }
}

/// Why stored bytes could not be restored as a metric.
package enum MetricDecodingError: Error, Equatable, CustomStringConvertible {
  /// The bytes are truncated, or hold values that cannot occur.
  case bytes(ByteReaderError)
  /// The detector or its event cannot be restored.
  case detector(StateDecodingError)
  /// A part is stored in a format version that this program does not know, or twice.
  case part(String, found: UInt8, newest: UInt8)
  /// There is no such metric, and it cannot be registered: the table is full, or the metric is
  /// ignored.
  case notWatched
  /// It is not judged by a detector, or was not when it was stored.
  case notJudged
  /// It is a trace where values are expected, or vice versa.
  case otherFamily
  /// A mandatory part is missing.
  case missing(String)

  package var description: String {
    switch self {
    case .bytes(let error): error.description
    case .detector(let error): error.description
    case .part(let name, let found, let newest):
      "its \(name) is stored in format version \(found), expected at most \(newest)"
    case .notWatched: "the metric is ignored, or the table of metrics is full"
    case .notJudged: "the metric has no detector (Detect=), or had none then"
    case .otherFamily: "one of the states judges values and the other trace events"
    case .missing(let name): "its \(name) is missing"
    }
  }
}

// MARK: Verdicts

extension Verdict {
  package func encode(to writer: inout ByteWriter) {
    writer.write(value)
    writer.write(expected)
    writer.write(lower)
    writer.write(upper)
    writer.write(score)
    writer.write(threshold)
    writer.write(level)
    switch state {
    case .warmingUp(let seen, let needed):
      writer.write(UInt8(0))
      writer.write(seen)
      writer.write(needed)
    case .normal: writer.write(UInt8(1))
    case .anomalous: writer.write(UInt8(2))
    }
    writer.write(alarm.rawValue)
    writer.write(reason?.id ?? .max)
    writer.write(reach)
    writer.write(usual ?? .nan)
    evidence.encode(to: &writer)
  }

  package init(from reader: inout ByteReader, is01: Bool = false) throws(ByteReaderError) {
    let value = is01 ? .nan : try reader.readDouble()
    let expected = try reader.readDouble()
    let lower = try reader.readDouble()
    let upper = try reader.readDouble()
    let score = try reader.readFloat()
    let threshold = try reader.readFloat()
    let level = try reader.readFloat()
    let offset = reader.offset
    let state: DetectorState
    switch try reader.readUInt8() {
    case 0: state = .warmingUp(seen: try reader.readInt(), needed: try reader.readInt())
    case 1: state = .normal
    case 2: state = .anomalous
    case let other: throw .outOfRange(offset: offset, value: Int64(other))
    }
    let alarm: Alarm
    if is01 {
      let isAlarming = try reader.readBool()
      let isFirst = try reader.readBool()
      alarm = isFirst ? .first : isAlarming ? .further : .none
    } else {
      let offset = reader.offset
      let stored = try reader.readUInt8()
      guard let known = Alarm(rawValue: stored) else {
        throw .outOfRange(offset: offset, value: Int64(stored))
      }
      alarm = known
    }
    let reason = Evidence(id: try reader.readUInt8())
    let reach = try reader.readInt()
    let usual = try reader.readDouble()
    let evidence = is01 ? try EvidenceVector(format3: &reader) : try EvidenceVector(from: &reader)
    self.init(
      value: value,
      expected: expected,
      lower: lower,
      upper: upper,
      score: score,
      threshold: threshold,
      level: level,
      state: state,
      alarm: alarm,
      reason: reason,
      reach: reach,
      usual: usual.isNaN ? nil : usual,
      evidence: evidence
    )
  }
}
