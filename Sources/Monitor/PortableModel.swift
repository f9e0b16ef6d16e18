package import Detection
public import Series

/// The whole state of one metric as a file that another host can continue from: versioned,
/// checksummed, and identical on every machine.
///
/// ```
/// magic "anomstat" | version u32 | least reader u32 | length u64 | checksum u32 of the content | content
/// content: fields, each with id u8, version u8, length u32 (see ``Field``)
/// ```
/// The least reader is the oldest version whose readers understand the layout. A field with an
/// unknown id is skipped.
public struct PortableModel: Equatable, Sendable {
  /// The metric that it was exported from.
  public var metric: MetricName
  /// When it was exported.
  public var exported: Timestamp
  /// The version of the program that exported it.
  public var version: String
  /// The `Seed=` that it was learnt with.
  public var seed: UInt64
  /// The usual time between two samples; nil: unknown.
  public var interval: Duration?
  /// The metric's configured event rules, such as `Range=0..95`. For people: an import does not
  /// change the configuration.
  public var rules: [String]
  /// The result of ``MonitoredMetric/encode()``.
  package var state: [UInt8]

  /// Maximum number of samples exported with a metric.
  public static let mostSamples = 256
  /// Maximum size of a file in bytes: a trace takes about 110 kB.
  public static let maximumBytes = 4 << 20

  private static let magic = Array("anomstat".utf8)
  private static let format: UInt32 = 1
  private static let headerBytes = 28
  private static let (mostRules, longestText) = (64, 1_024)
  /// In nanoseconds; the largest value that fits after rounding.
  private static let longestInterval: Int64 = 9_000_000_000_000_000_000

  private enum Field: UInt8 {
    case metric = 1
    case exported = 2
    case version = 3
    case seed = 4
    case interval = 5
    case rules = 6
    case state = 7
  }

  /// The state of a metric.
  package init(_ metric: MonitoredMetric, rules: [String], at moment: Timestamp) {
    var copy = metric
    // The state saved for a silence is of no use elsewhere.
    copy.kept = nil
    copy.resizeHistory(to: min(metric.history.capacity, PortableModel.mostSamples))
    self.metric = metric.name
    exported = moment
    version = Product.version
    seed = metric.detector.configuration.seed
    interval = metric.usualInterval
    self.rules = rules
    state = copy.encode()
  }

  /// Stored state of a metric, for example from a snapshot.
  package init(
    _ metric: MetricName, state: [UInt8], seed: UInt64, rules: [String], at moment: Timestamp
  ) {
    self.metric = metric
    exported = moment
    version = Product.version
    self.seed = seed
    self.rules = rules
    self.state = state
  }

  // MARK: Bytes

  /// The file.
  public var bytes: [UInt8] {
    var content = ByteWriter(capacity: state.count + 512)
    func field(_ field: Field, _ body: (inout ByteWriter) -> Void) {
      var part = ByteWriter()
      body(&part)
      content.write(field.rawValue)
      content.write(UInt8(1))
      content.write(part.bytes)
    }
    field(.metric) { $0.write(metric.text) }
    field(.exported) { $0.write(exported.nanoseconds) }
    field(.version) { $0.write(version) }
    field(.seed) { $0.write(seed) }
    if let interval {
      // Not `interval / .nanoseconds(1)`, a rounded Double.
      let nanoseconds = Timestamp(nanoseconds: 0).advanced(by: interval).nanoseconds
      field(.interval) { $0.write(nanoseconds) }
    }
    field(.rules) { part in
      part.write(UInt32(rules.count))
      for rule in rules { part.write(rule) }
    }
    field(.state) { $0.write(raw: state) }
    var writer = ByteWriter(capacity: content.bytes.count + PortableModel.headerBytes)
    writer.write(raw: PortableModel.magic)
    writer.write(PortableModel.format)
    writer.write(PortableModel.format)
    writer.write(UInt64(content.bytes.count))
    writer.write(CRC32C.checksum(of: content.bytes))
    writer.write(raw: content.bytes)
    return writer.bytes
  }

  /// Whether a file begins like an export.
  public static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

  /// Parses a file.
  public init(bytes: [UInt8]) throws(PortableModelError) {
    guard PortableModel.isOne(bytes) else { throw .noModel }
    var reader = ByteReader(bytes)
    let version: UInt32, least: UInt32, length: UInt64, checksum: UInt32
    do throws(ByteReaderError) {
      _ = try reader.readRaw(count: PortableModel.magic.count)
      version = try reader.readUInt32()
      least = try reader.readUInt32()
      length = try reader.readUInt64()
      checksum = try reader.readUInt32()
    } catch {
      throw .truncated
    }
    guard version > 0, version <= PortableModel.format || least <= PortableModel.format else {
      throw .version(found: version, newest: PortableModel.format)
    }
    guard length == UInt64(reader.remaining) else { throw .truncated }
    let content = Array(bytes.dropFirst(PortableModel.headerBytes))
    guard CRC32C.checksum(of: content) == checksum else { throw .damaged }
    var fields = Fields()
    do throws(ByteReaderError) {
      try fields.read(content)
    } catch {
      throw .content(error)
    }
    guard let metric = fields.metric, let seed = fields.seed, let state = fields.state else {
      throw .incomplete
    }
    self.metric = metric
    self.seed = seed
    self.state = state
    exported = fields.exported
    self.version = fields.version
    interval = fields.interval
    rules = fields.rules
  }

  /// The fields read so far.
  private struct Fields {
    var metric: MetricName?
    var exported = Timestamp(nanoseconds: 0)
    var version = ""
    var seed: UInt64?
    var interval: Duration?
    var rules: [String] = []
    var state: [UInt8]?

    mutating func read(_ content: [UInt8]) throws(ByteReaderError) {
      var reader = ByteReader(content)
      while reader.remaining > 0 {
        let offset = reader.offset
        let id = try reader.readUInt8(), version = try reader.readUInt8()
        var part = ByteReader(try reader.readBytes())
        guard let field = Field(rawValue: id) else { continue }
        guard version == 1 else { throw .outOfRange(offset: offset, value: Int64(version)) }
        try decode(field, &part)
        try part.requireEnd()
      }
    }

    private mutating func decode(
      _ field: Field, _ part: inout ByteReader
    ) throws(ByteReaderError) {
      switch field {
      case .metric:
        let text = try part.readString()
        guard let name = try? MetricName(validating: text) else {
          throw .outOfRange(offset: 0, value: Int64(text.utf8.count))
        }
        metric = name
      case .exported: exported = Timestamp(nanoseconds: try part.readInt64())
      case .version: version = String(try part.readString().prefix(longestText))
      case .seed: seed = try part.readUInt64()
      case .interval: interval = .nanoseconds(max(0, min(longestInterval, try part.readInt64())))
      case .rules:
        let count = try part.readUInt32()
        guard count <= mostRules else { throw .outOfRange(offset: 0, value: Int64(count)) }
        rules = []
        for _ in 0..<count { rules.append(String(try part.readString().prefix(longestText))) }
      case .state: state = try part.readRaw(count: part.remaining)
      }
    }
  }
}

/// Why a file is not the state of a metric.
public enum PortableModelError: Error, Equatable, CustomStringConvertible {
  /// It begins like something else.
  case noModel
  /// Its format is unknown to this program.
  case version(found: UInt32, newest: UInt32)
  /// It ends early, or continues past its end.
  case truncated
  /// Its checksum is wrong.
  case damaged
  /// A field cannot be read.
  case content(ByteReaderError)
  /// A field is missing.
  case incomplete

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .noModel: "expected the exported state of a metric, found something else"
    case .version(let found, let newest):
      "expected format version \(newest) at most, found \(found), of a newer anomalyctl"
    case .truncated:
      "expected the length given in its header, found another: the copy is incomplete"
    case .damaged: "expected another checksum: it is damaged"
    case .content(let error): "expected the fields of an exported metric: \(error)"
    case .incomplete: "expected name, seed and state of a metric, found fewer"
    }
  }
}

/// Facts about an exported metric.
package struct PortableFacts {
  /// What its detector judges.
  package var family: Evidence.Family
  /// Samples that it has seen, gaps included.
  package var samples: Int
  /// The newest of them.
  package var newest: Sample?
  /// The usual time between two of them; nil: unknown.
  package var interval: Duration?
  /// Its detector's learnt state.
  package var learning: LearningFacts
}

extension PortableModel {
  /// What a new metric can start from; nil if this one has not learnt enough, or is not one of
  /// values.
  package func prior() throws(MetricDecodingError) -> DetectorPrior? {
    (try detector().detector as? ValueDetector)?.prior
  }

  /// Facts about it.
  package func facts() throws(MetricDecodingError) -> PortableFacts {
    let (stored, detector) = try detector()
    let nanoseconds = detector.meanInterval ?? Double(stored.interval.nanoseconds)
    return PortableFacts(
      family: stored.family, samples: stored.samples, newest: stored.newest,
      interval: nanoseconds > 0 ? .nanoseconds(Int64(min(9e18, nanoseconds))) : nil,
      learning: detector.learning)
  }

  private func detector() throws(MetricDecodingError) -> (
    stored: StoredMetric, detector: any Detector
  ) {
    let stored = try StoredMetric(state)
    let configuration = DetectorConfiguration(seed: seed)
    do throws(StateDecodingError) {
      let detector = try DetectorScratch()
        .detector(of: stored.family, configuration: configuration)
        .restored(from: stored.detector, configuration: configuration)
      return (stored, detector)
    } catch {
      throw .detector(error)
    }
  }
}
