import Detection
import Events
import Series

/// The parts of a stored metric, each with its own version.
///
/// A part with an unknown id is skipped: it was added by a newer version and is not essential. A
/// part with a version above ``newest`` cannot be read, and the metric starts afresh. To change the
/// contents of a part, raise its version and keep reading the older ones.
enum MetricPart: UInt8, CaseIterable {
  case counts = 1
  case verdict = 2
  case interval = 3
  case share = 4
  case feedback = 5
  case history = 6
  case event = 7
  case detector = 8
  case learningSnapshot = 9
  case freeze = 10

  /// The version that is written.
  var newest: UInt8 { 1 }

  /// Its name for messages.
  var name: String {
    switch self {
    case .counts: "counters"
    case .verdict: "latest verdict"
    case .interval: "sampling interval"
    case .share: "share of the alarm budget"
    case .feedback: "feedback"
    case .history: "recent samples"
    case .event: "event"
    case .detector: "detector"
    case .learningSnapshot: "state before a silence"
    case .freeze: "freeze"
    }
  }
}

/// The decoded bytes of a metric, before they are used with a configuration.
struct StoredMetric {
  var samples = 0
  var missing = 0
  var silences = 0
  var newest: Sample?
  var verdict: Verdict?
  var interval = SamplingInterval()
  var share = BudgetShare()
  var feedback = FeedbackLedger()
  /// Oldest first.
  var history: [Sample] = []
  var family = Evidence.Family.values
  var detector: [UInt8] = []
  var event: [UInt8] = []
  /// The detector's state before a silence that suppresses learning, and when the silence began.
  var kept: (since: Timestamp, bytes: [UInt8])?
  var frozenSince: Timestamp?

  /// The format of the whole: a version byte, then each part as id u8, version u8, length u32, bytes.
  /// Formats 6 (0.1) and 7 (0.2) had their fields in a fixed order.
  private static let format: UInt8 = 8

  // MARK: Writing

  /// Begins a metric; its parts follow.
  static func begin(_ writer: inout ByteWriter) { writer.write(format) }

  /// Decodes a stored metric.
  init(_ bytes: [UInt8]) throws(MetricDecodingError) {
    var reader = ByteReader(bytes)
    do throws(ByteReaderError) {
      switch try reader.readUInt8() {
      case StoredMetric.format: break
      case 7:
        try readFixedOrder(&reader, is01: false)
        return
      case 6:
        try readFixedOrder(&reader, is01: true)
        return
      case let other:
        throw .outOfRange(offset: 0, value: Int64(other))
      }
    } catch {
      throw .bytes(error)
    }
    var found: Set<UInt8> = []
    while reader.remaining > 0 {
      let id: UInt8, version: UInt8, content: [UInt8]
      do throws(ByteReaderError) {
        id = try reader.readUInt8()
        version = try reader.readUInt8()
        content = try reader.readBytes()
      } catch {
        throw .bytes(error)
      }
      guard let part = MetricPart(rawValue: id) else { continue }
      guard (1...part.newest).contains(version), found.insert(id).inserted else {
        throw .part(part.name, found: version, newest: part.newest)
      }
      var partReader = ByteReader(content)
      do throws(ByteReaderError) {
        try decode(part, &partReader)
        try partReader.requireEnd()
      } catch {
        throw .bytes(error)
      }
    }
    for part in [MetricPart.counts, .event, .detector] where !found.contains(part.rawValue) {
      throw .missing(part.name)
    }
    adoptFamily()
  }

  // MARK: Reading

  private mutating func decode(
    _ part: MetricPart, _ reader: inout ByteReader
  ) throws(ByteReaderError) {
    switch part {
    case .counts: try readCounts(&reader)
    case .verdict: verdict = try Verdict(from: &reader)
    case .interval: interval = try SamplingInterval(from: &reader)
    case .share: share = try BudgetShare(from: &reader)
    case .feedback: feedback = try FeedbackLedger(from: &reader, is01: false)
    case .history: try readHistory(&reader)
    case .event: event = try reader.readRaw(count: reader.remaining)
    case .detector: try readDetector(&reader)
    case .learningSnapshot:
      let since = Timestamp(nanoseconds: try reader.readInt64())
      kept = (since, try reader.readRaw(count: reader.remaining))
    case .freeze: frozenSince = Timestamp(nanoseconds: try reader.readInt64())
    }
  }

  private mutating func readCounts(_ reader: inout ByteReader) throws(ByteReaderError) {
    samples = try reader.readCount()
    missing = try reader.readCount()
    silences = try reader.readCount()
    if try reader.readBool() {
      newest = Sample(
        timestamp: Timestamp(nanoseconds: try reader.readInt64()),
        value: try reader.readDouble()
      )
    }
  }

  private mutating func readHistory(_ reader: inout ByteReader) throws(ByteReaderError) {
    for _ in 0..<(try reader.readUInt32()) {
      let moment = Timestamp(nanoseconds: try reader.readInt64())
      history.append(Sample(timestamp: moment, value: Double(try reader.readFloat())))
    }
  }

  private mutating func readDetector(_ reader: inout ByteReader) throws(ByteReaderError) {
    let offset = reader.offset
    let tag = try reader.readUInt8()
    guard let known = Evidence.Family(rawValue: tag) else {
      throw .outOfRange(offset: offset, value: Int64(tag))
    }
    family = known
    detector = try reader.readRaw(count: reader.remaining)
  }

  /// The fields of formats 6 and 7, after the version.
  private mutating func readFixedOrder(
    _ reader: inout ByteReader, is01: Bool
  ) throws(ByteReaderError) {
    try readCounts(&reader)
    if try reader.readBool() { verdict = try Verdict(from: &reader, is01: is01) }
    interval = try SamplingInterval(from: &reader)
    share = try BudgetShare(from: &reader)
    feedback = try FeedbackLedger(from: &reader, is01: is01)
    try readHistory(&reader)
    event = try reader.readBytes()
    let offset = reader.offset
    let tag = try reader.readUInt8()
    guard let known = Evidence.Family(rawValue: tag) else {
      throw .outOfRange(offset: offset, value: Int64(tag))
    }
    family = known
    detector = try reader.readBytes()
    if try reader.readBool() {
      let since = Timestamp(nanoseconds: try reader.readInt64())
      kept = (since, try reader.readBytes())
    }
    try reader.requireEnd()
    // Version 0.1 stored evidence without its family.
    adoptFamily()
  }

  private mutating func adoptFamily() {
    if let verdict, verdict.evidence.family != family {
      self.verdict?.evidence = verdict.evidence.assigned(to: family)
    }
  }
}
