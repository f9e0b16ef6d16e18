package import Detection
package import Events
package import Series

extension MonitoredMetric {
  /// Version of the stored metric, and that of version 0.1, which can still be read.
  private static let (formatVersion, formatVersion01): (UInt8, UInt8) = (7, 6)

  /// Everything but the name, as bytes.
  package func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: detector.byteCount + 12 * history.count + 512)
    encode(to: &writer)
    return writer.bytes
  }

  /// Appends everything but the name.
  package func encode(to writer: inout ByteWriter) {
    writer.write(MonitoredMetric.formatVersion)
    writer.write(samples)
    writer.write(missing)
    writer.write(silences)
    writer.write(newest != nil)
    if let newest {
      writer.write(newest.timestamp.nanoseconds)
      writer.write(newest.value)
    }
    writer.write(verdict != nil)
    verdict?.encode(to: &writer)
    interval.encode(to: &writer)
    (share ?? BudgetShare()).encode(to: &writer)
    feedback.encode(to: &writer)
    let recent = history.samples()
    writer.write(UInt32(recent.count))
    for sample in recent {
      writer.write(sample.timestamp.nanoseconds)
      writer.write(Float(sample.value))
    }
    writer.write(tracker.encode())
    writer.write(family.rawValue)
    writer.write(detector.encode())
    writer.write(kept != nil)
    if let kept {
      writer.write(kept.since.nanoseconds)
      writer.write(kept.bytes)
    }
  }

  /// A metric that continues from what ``encode()`` gave, or version 0.1 stored.
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
    self.heard = heard
    history = RingBuffer(capacity: historyCapacity)
    var reader = ByteReader(bytes)
    let feedback: FeedbackLedger
    let trackerBytes: [UInt8]
    let detectorBytes: [UInt8]
    let family: Evidence.Family
    do throws(ByteReaderError) {
      let version = try reader.readUInt8()
      let is01 = version == MonitoredMetric.formatVersion01
      guard version == MonitoredMetric.formatVersion || is01 else {
        throw .outOfRange(offset: 0, value: Int64(version))
      }
      samples = try reader.readCount()
      missing = try reader.readCount()
      silences = try reader.readCount()
      if try reader.readBool() {
        newest = Sample(
          timestamp: Timestamp(nanoseconds: try reader.readInt64()),
          value: try reader.readDouble()
        )
      }
      if try reader.readBool() { verdict = try Verdict(from: &reader, is01: is01) }
      interval = try SamplingInterval(from: &reader)
      let stored = try BudgetShare(from: &reader)
      share = sharesHostBudget ? stored : nil
      feedback = try FeedbackLedger(from: &reader, is01: is01)
      for _ in 0..<(try reader.readUInt32()) {
        let moment = Timestamp(nanoseconds: try reader.readInt64())
        history.append(Sample(timestamp: moment, value: Double(try reader.readFloat())))
      }
      trackerBytes = try reader.readBytes()
      let offset = reader.offset
      let tag = try reader.readUInt8()
      guard let known = Evidence.Family(rawValue: tag) else {
        throw .outOfRange(offset: offset, value: Int64(tag))
      }
      family = known
      detectorBytes = try reader.readBytes()
      if try reader.readBool() {
        let since = Timestamp(nanoseconds: try reader.readInt64())
        kept = LearningSnapshot(try reader.readBytes(), since: since, on: learningSnapshots)
      }
      try reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
    do throws(StateDecodingError) {
      tracker = try EventTracker(
        decoding: trackerBytes, metric: name, hostSeed: hostSeed, rules: rules,
        quietSamples: family == .symbols ? SequenceDetector.quietEvents : nil)
      let fresh = scratch.detector(of: family, configuration: configuration)
      // A metric that was not judged has learnt nothing.
      detector =
        detectorBytes.isEmpty
        ? fresh : try fresh.restored(from: detectorBytes, configuration: configuration)
      // What was known before a silence belongs to a detector that judges.
      if !configuration.judges || kept?.bytes.isEmpty ?? false { kept = nil }
    } catch {
      throw .detector(error)
    }
    // Version 0.1 stored evidence without saying of which family.
    if let verdict, verdict.evidence.family != family {
      self.verdict?.evidence = verdict.evidence.assigned(to: family)
    }
    restore(feedback)
  }
}

/// Why stored bytes are no metric.
package enum MetricDecodingError: Error, Equatable, CustomStringConvertible {
  /// The bytes are truncated, or hold values that cannot occur.
  case bytes(ByteReaderError)
  /// The detector or its event cannot be restored.
  case detector(StateDecodingError)

  package var description: String {
    switch self {
    case .bytes(let error): error.description
    case .detector(let error): error.description
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
