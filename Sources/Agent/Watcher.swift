import Detection
import Series

/// What judges a metric: a detector of values, or one of events.
enum Watcher {
  case values(Detector)
  case symbols(SymbolDetector)

  /// Working memory that all watchers of a thread share.
  final class Scratch {
    let values = TrainingScratch()
    /// Made when the first stream of events comes: most hosts have none.
    private(set) lazy var symbols = SymbolTraining()
  }

  /// A watcher that has seen nothing.
  init(_ family: Evidence.Family, configuration: DetectorConfiguration, scratch: Scratch) {
    switch family {
    case .values: self = .values(Detector(configuration: configuration, scratch: scratch.values))
    case .symbols:
      self = .symbols(SymbolDetector(configuration: configuration, training: scratch.symbols))
    }
  }

  /// One that goes on from what ``encode()`` gave.
  init(
    _ family: Evidence.Family, decoding bytes: [UInt8], configuration: DetectorConfiguration,
    scratch: Scratch
  ) throws(DetectorDecodingError) {
    switch family {
    case .values:
      self = .values(
        try Detector(decoding: bytes, configuration: configuration, scratch: scratch.values))
    case .symbols:
      self = .symbols(
        try SymbolDetector(
          decoding: bytes, configuration: configuration, training: scratch.symbols))
    }
  }

  /// What is judged.
  var family: Evidence.Family {
    switch self {
    case .values: .values
    case .symbols: .symbols
    }
  }

  /// What it was made with.
  var configuration: DetectorConfiguration {
    switch self {
    case .values(let detector): detector.configuration
    case .symbols(let detector): detector.configuration
    }
  }

  /// Bytes that it takes.
  var byteCount: Int {
    switch self {
    case .values: Detector.byteCount
    case .symbols: SymbolDetector.byteCount
    }
  }

  /// Its whole state.
  func encode() -> [UInt8] {
    switch self {
    case .values(let detector): detector.encode()
    case .symbols(let detector): detector.encode()
    }
  }

  /// What feedback adds to the base of each kind of evidence, in decades.
  var raised: SIMD8<Float> {
    get {
      switch self {
      case .values(let detector): detector.raised
      case .symbols(let detector): detector.raised
      }
    }
    set {
      switch self {
      case .values(let detector): detector.raised = newValue
      case .symbols(let detector): detector.raised = newValue
      }
    }
  }

  /// What all kinds of evidence together may exceed without an alarm, in decades.
  var quietSum: Float {
    switch self {
    case .values(let detector): detector.quietSum
    case .symbols(let detector): detector.quietSum
    }
  }

  /// Whether an event would open now on such evidence, the guard against storms apart.
  func isLoud(_ evidence: SIMD8<Float>) -> Bool {
    switch self {
    case .values(let detector): detector.isLoud(evidence)
    case .symbols(let detector): detector.isLoud(evidence)
    }
  }

  /// Takes back what the newest event added to the threshold.
  func forgiveEvent() {
    switch self {
    case .values(let detector): detector.forgiveEvent()
    case .symbols(let detector): detector.forgiveEvent()
    }
  }
}
