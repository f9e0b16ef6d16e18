package import Detection
package import Events
package import Series

extension MonitoredMetric {
  private static let formatVersion: UInt8 = 6

  /// Everything but the name, as bytes.
  package func encode() -> [UInt8] {
    var writer = ByteWriter(capacity: watcher.byteCount + 12 * history.count + 512)
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
    writer.write(family == .symbols)
    writer.write(watcher.encode())
    writer.write(kept != nil)
    if let kept {
      writer.write(kept.since.nanoseconds)
      writer.write(kept.bytes)
    }
  }

  /// A metric restored from the output of ``encode()``.
  package init(
    decoding bytes: [UInt8],
    name: MetricName,
    configuration: DetectorConfiguration,
    sharesHostBudget: Bool,
    rules: EventRules,
    scratch: Watcher.Scratch,
    hostSeed: UInt64,
    historyCapacity: Int,
    heard: Duration,
    learningSnapshots: LearningSnapshotAccount
  ) throws(TrackDecodingError) {
    self.heard = heard
    history = RingBuffer(capacity: historyCapacity)
    var reader = ByteReader(bytes)
    let feedback: FeedbackLedger
    let trackerBytes: [UInt8]
    let watcherBytes: [UInt8]
    let isSymbols: Bool
    do throws(ByteReaderError) {
      let version = try reader.readUInt8()
      guard version == MonitoredMetric.formatVersion else {
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
      if try reader.readBool() { verdict = try Verdict(from: &reader) }
      interval = try SamplingInterval(from: &reader)
      let stored = try BudgetShare(from: &reader)
      share = sharesHostBudget ? stored : nil
      feedback = try FeedbackLedger(from: &reader)
      for _ in 0..<(try reader.readUInt32()) {
        let moment = Timestamp(nanoseconds: try reader.readInt64())
        history.append(Sample(timestamp: moment, value: Double(try reader.readFloat())))
      }
      trackerBytes = try reader.readBytes()
      isSymbols = try reader.readBool()
      watcherBytes = try reader.readBytes()
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
        quietSamples: isSymbols ? SequenceDetector.quietEvents : nil)
      watcher = try Watcher(
        isSymbols ? .symbols : .values,
        decoding: watcherBytes,
        configuration: configuration,
        scratch: scratch
      )
    } catch {
      throw .detector(error)
    }
    restore(feedback)
  }
}

/// Why stored bytes are no metric.
package enum TrackDecodingError: Error, Equatable, CustomStringConvertible {
  /// The bytes are cut, or hold what cannot be.
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

extension Verdict {
  package func encode(to writer: inout ByteWriter) {
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
    writer.write(isAlarming)
    writer.write(opensEvent)
    writer.write(reason?.rawValue ?? .max)
    writer.write(reach)
    writer.write(usual ?? .nan)
    for index in 0..<8 { writer.write(evidence[index]) }
  }

  package init(from reader: inout ByteReader) throws(ByteReaderError) {
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
    let isAlarming = try reader.readBool()
    let opensEvent = try reader.readBool()
    let reason = Evidence(rawValue: try reader.readUInt8())
    let reach = try reader.readInt()
    let usual = try reader.readDouble()
    var evidence = SIMD8<Float>()
    for index in 0..<8 { evidence[index] = try reader.readFloat() }
    self.init(
      expected: expected,
      lower: lower,
      upper: upper,
      score: score,
      threshold: threshold,
      level: level,
      state: state,
      isAlarming: isAlarming,
      opensEvent: opensEvent,
      reason: reason,
      reach: reach,
      usual: usual.isNaN ? nil : usual,
      evidence: evidence
    )
  }
}
