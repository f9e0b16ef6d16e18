package import Detection
package import Series

/// What judges a metric: a detector of values, or one of events.
package enum Watcher {
  case values(ValueDetector)
  case symbols(SequenceDetector)

  /// Working memory that all watchers of a thread share.
  package final class Scratch {
    let values = TrainingScratch()
    /// Made when the first stream of events comes: most hosts have none.
    private(set) lazy var symbols = SymbolTraining()
  }

  /// A watcher that has seen nothing.
  package init(_ family: Evidence.Family, configuration: DetectorConfiguration, scratch: Scratch) {
    switch family {
    case .values:
      self = .values(ValueDetector(configuration: configuration, scratch: scratch.values))
    case .symbols:
      self = .symbols(SequenceDetector(configuration: configuration, training: scratch.symbols))
    }
  }

  /// One restored from the output of ``encode()``.
  package init(
    _ family: Evidence.Family, decoding bytes: [UInt8], configuration: DetectorConfiguration,
    scratch: Scratch
  ) throws(StateDecodingError) {
    switch family {
    case .values:
      self = .values(
        try ValueDetector(decoding: bytes, configuration: configuration, scratch: scratch.values))
    case .symbols:
      self = .symbols(
        try SequenceDetector(
          decoding: bytes, configuration: configuration, training: scratch.symbols))
    }
  }

  /// What is judged.
  package var family: Evidence.Family {
    switch self {
    case .values: .values
    case .symbols: .symbols
    }
  }

  /// What it was made with.
  package var configuration: DetectorConfiguration {
    switch self {
    case .values(let detector): detector.configuration
    case .symbols(let detector): detector.configuration
    }
  }

  /// Bytes that it takes.
  package var byteCount: Int {
    switch self {
    case .values: ValueDetector.byteCount
    case .symbols: SequenceDetector.byteCount
    }
  }

  /// Its whole state.
  package func encode() -> [UInt8] {
    switch self {
    case .values(let detector): detector.encode()
    case .symbols(let detector): detector.encode()
    }
  }

  /// What feedback adds to the base of each kind of evidence, in decades.
  package var feedbackOffsets: SIMD8<Float> {
    get {
      switch self {
      case .values(let detector): detector.feedbackOffsets
      case .symbols(let detector): detector.feedbackOffsets
      }
    }
    set {
      switch self {
      case .values(let detector): detector.feedbackOffsets = newValue
      case .symbols(let detector): detector.feedbackOffsets = newValue
      }
    }
  }

  /// What all kinds of evidence together may exceed without an alarm, in decades.
  package var alarmHeadroom: Float {
    switch self {
    case .values(let detector): detector.alarmHeadroom
    case .symbols(let detector): detector.alarmHeadroom
    }
  }

  /// Whether an event would open now on such evidence, the guard against storms apart.
  package func isLoud(_ evidence: SIMD8<Float>) -> Bool {
    switch self {
    case .values(let detector): detector.isLoud(evidence)
    case .symbols(let detector): detector.isLoud(evidence)
    }
  }

  /// Takes back what the newest event added to the threshold.
  package func undoStormGuard() {
    switch self {
    case .values(let detector): detector.undoStormGuard()
    case .symbols(let detector): detector.undoStormGuard()
    }
  }
}
