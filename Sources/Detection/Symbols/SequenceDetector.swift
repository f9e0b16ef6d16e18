import Networks
public import Series

/// The anomaly detector of one stream of events: strictly causal, bounded memory, one verdict an event.
///
/// Beside ``ValueDetector``, which judges values: here the order of ids and the time between them are
/// judged. Evidence, calibration, fusion, budget and hold-off are the same.
public final class SequenceDetector {
  /// Ids told apart; all further ones count as one.
  public static let largestAlphabet = Alphabet.other

  /// So many events in a row without an alarm end an event of the stream, however short a time they
  /// took: a tenth of those among which the usual alarm budget allows one false alarm. By time alone,
  /// an event of a stream of hundreds a second would never end, as the next false alarm comes within
  /// the hold-off.
  public static let quietEvents: UInt16 = 500

  /// Bytes that one detector takes, all included but the texts of its ids.
  public static var byteCount: Int {
    MemoryBlock<SequenceLayout>.byteCount + objectHeader
      + MemoryLayout<DetectorConfiguration>.stride
      + MemoryLayout<SymbolTraining>.stride + MemoryLayout<SymbolCore>.stride
  }

  /// What the detector was made with.
  public let configuration: DetectorConfiguration

  private let training: SymbolTraining
  private var core: SymbolCore

  /// A detector that has seen nothing.
  /// - Parameter training: shared by all symbol detectors of a thread.
  public init(configuration: DetectorConfiguration = .init(), training: SymbolTraining) {
    self.configuration = configuration
    self.training = training
    core = SymbolCore(configuration: configuration, kernels: training.kernels)
  }

  /// A detector that goes on from stored state as if nothing had happened.
  /// - Parameter bytes: what ``encode()`` gave, under the same seed; the alarm budget may differ.
  /// - Throws: ``StateDecodingError`` for anything else.
  public convenience init(
    decoding bytes: [UInt8], configuration: DetectorConfiguration, training: SymbolTraining
  ) throws(StateDecodingError) {
    self.init(configuration: configuration, training: training)
    var decoder = StateDecoder(reader: ByteReader(bytes))
    try core.code(&decoder)
    do {
      try decoder.reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }

  /// The whole state: ids, weights, optimiser, counts, calibration and threshold.
  public func encode() -> [UInt8] {
    var encoder = StateEncoder(writer: ByteWriter(capacity: SequenceDetector.byteCount))
    do {
      try core.code(&encoder)
    } catch {
      preconditionFailure("a symbol detector holds a state that cannot occur: \(error)")
    }
    return encoder.writer.bytes
  }

  /// Judges one event, then learns from it. Does not allocate once the detector is warm, unless an
  /// event opens or an id is new.
  /// - Parameters:
  ///   - id: 1...``TraceEvent/longest`` bytes of UTF-8.
  ///   - timestamp: when it happened; where that is before the event before, the interval is not
  ///     known and only the order is judged.
  ///   - budgetOffset: decades by which the threshold stands higher, as for ``ValueDetector/step(_:budgetOffset:)``.
  public func step(
    _ id: Span<UInt8>, at timestamp: Timestamp, budgetOffset: Double = 0
  ) -> SymbolJudgement {
    core.step(id, at: timestamp, budgetOffset: budgetOffset, training: training)
  }

  /// What each kind of evidence must exceed in addition, in decades; as ``ValueDetector/raised``.
  public var feedbackOffsets: SIMD8<Float> {
    get { core.feedbackOffsets }
    set { core.feedbackOffsets = newValue }
  }

  /// As ``ValueDetector/alarmHeadroom``.
  public var alarmHeadroom: Float { core.alarmHeadroom }

  /// As ``ValueDetector/isLoud(_:)``.
  public func isLoud(_ evidence: SIMD8<Float>) -> Bool { core.isLoud(evidence) }

  /// As ``ValueDetector/undoStormGuard()``.
  public func undoStormGuard() { core.undoStormGuard() }

  /// Number of ids told apart so far.
  public var alphabetSize: Int { core.alphabet.count }
  /// Whether the alphabet is full, so that further ids count as one.
  public var isAlphabetFull: Bool { core.alphabet.isFull }
  /// Mean nanoseconds between two events lately, running back not counted; 0 where not known.
  public var meanInterval: Double { core.meanInterval }
  /// How far the network is believed against the plain counts of pairs, for the next id; 0...1.
  public var networkBelief: Double { Double(core.symbolMixture.belief) }
  /// The likeliest ids to come next, at most ``SymbolFacts/mostExpected``.
  public var expected: [SymbolFacts.Expectation] { core.expected() }

  /// What Swift puts before the properties of an object: its type and its reference counts.
  private static let objectHeader = 16
}

/// What a symbol detector says about one event.
public struct SymbolJudgement: Equatable, Sendable {
  /// How surprising the event was, id and interval together, in bits: the value of the stream as a
  /// metric.
  public var value: Double
  /// How likely the id was held to be, 0...1.
  public var probability: Double
  /// The verdict on it; `expected` and the band are of the surprise.
  public var verdict: Verdict
  /// What to tell about it; only where an event opens.
  public var facts: SymbolFacts?
}
