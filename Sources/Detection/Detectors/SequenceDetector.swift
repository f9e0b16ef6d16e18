import Networks
package import Series

/// The detector of a trace: judges the order of its symbols and the time between them.
///
/// Evidence differs from that of ``ValueDetector``; calibration, fusion, threshold and hold-off are
/// the same.
public final class SequenceDetector: StoredDetector {
  /// Ids distinguished; all further ones count as one.
  public static let largestAlphabet = Alphabet.other

  /// Consecutive trace events without an alarm after which an anomaly is over, however quickly they
  /// came: a tenth of those among which the default alarm budget allows one false alarm. By time
  /// alone, an anomaly in a trace with hundreds of events a second would never end, since the next
  /// false alarm comes within the hold-off.
  public static let quietEvents: UInt16 = 500

  /// Bytes that one detector takes, all included except the texts of its ids.
  public static var byteCount: Int {
    MemoryBlock<SequenceLayout>.byteCount + objectHeader
      + MemoryLayout<DetectorConfiguration>.stride
      + MemoryLayout<SymbolTraining>.stride + MemoryLayout<SequenceCore>.stride
  }

  /// The configuration that the detector was created with.
  public let configuration: DetectorConfiguration

  package let scratch: SymbolTraining
  private var core: SequenceCore

  /// A detector that has seen nothing.
  /// - Parameter scratch: shared by all symbol detectors of a thread.
  public init(configuration: DetectorConfiguration = .init(), scratch: SymbolTraining) {
    self.configuration = configuration
    self.scratch = scratch
    core = SequenceCore(configuration: configuration, kernels: scratch.kernels)
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try core.code(&coder)
  }

  /// A timestamp before that of the preceding event leaves the interval unknown; then only the
  /// order is judged.
  package func step(
    _ observation: Observation, at timestamp: Timestamp, _ context: StepContext,
    next: (any Detector)?
  ) -> Verdict {
    guard case .symbol(let id) = observation else {
      preconditionFailure("a detector of symbols takes no values")
    }
    return core.step(id, at: timestamp, context, training: scratch)
  }

  package var family: Evidence.Family { .symbols }
  package var byteCount: Int { SequenceDetector.byteCount }
  package var seen: Int { core.seen }
  package var learning: LearningFacts { core.learning }
  package var judge: Judge {
    get { core.judge }
    set { core.judge = newValue }
  }
  /// Traces come in bursts, so the mean is used; time running backwards is ignored.
  package var meanInterval: Double? { core.meanInterval }
  package var symbolFacts: SymbolFacts? { core.facts.first }

  /// Number of ids seen so far.
  public var alphabetSize: Int { core.alphabet.count }
  /// Whether the alphabet is full, so that further ids count as one.
  public var isAlphabetFull: Bool { core.alphabet.isFull }
  /// Weight of the network relative to the pair counts, for the next id; 0...1.
  public var networkBelief: Double { Double(core.symbolMixture.belief) }
  /// The ids most likely to come next, at most ``SymbolFacts/mostExpected``.
  public var expected: [SymbolFacts.Expectation] { core.expected() }

  /// Swift's object header: type and reference counts.
  private static let objectHeader = 16
}
