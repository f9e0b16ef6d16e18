import Networks
public import Series

/// The anomaly detector of one metric: strictly causal, bounded memory, one verdict per sample.
///
/// Deterministic: the same configuration and samples give the same verdicts, on every instruction
/// set within the rounding of float32 arithmetic (see `DetectorTests`), in one run or cut in two by
/// ``encode()`` and ``init(decoding:configuration:scratch:)``.
public final class ValueDetector {
  /// Samples of warm-up, during which nothing alarms.
  public static let warmUpSamples = AlarmThreshold.warmUp

  /// The largest magnitude that is taken for a value: beyond it, squares of differences would no
  /// longer be finite. A larger value is a gap, like NaN.
  public static let largestValue = 1e30

  /// Bytes that one detector takes, all included.
  public static var byteCount: Int {
    MemoryBlock<DetectorLayout>.byteCount + objectByteCount
  }

  /// What the detector was made with.
  public let configuration: DetectorConfiguration

  private let scratch: TrainingScratch
  var core: DetectorCore

  /// A detector that has seen nothing.
  /// - Parameter scratch: shared by all detectors of a thread.
  public init(configuration: DetectorConfiguration = .init(), scratch: TrainingScratch) {
    self.configuration = configuration
    self.scratch = scratch
    core = DetectorCore(configuration: configuration)
  }

  /// A detector that goes on from stored state as if nothing had happened.
  /// - Parameter bytes: what ``encode()`` gave, under the same seed; the alarm budget may differ.
  /// - Throws: ``StateDecodingError`` for anything else.
  public convenience init(
    decoding bytes: [UInt8], configuration: DetectorConfiguration, scratch: TrainingScratch
  ) throws(StateDecodingError) {
    self.init(configuration: configuration, scratch: scratch)
    var decoder = StateDecoder(reader: ByteReader(bytes))
    try core.code(&decoder)
    do {
      try decoder.reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }

  /// The whole state: weights, optimiser, recurrent state, scaler, calibration and threshold.
  public func encode() -> [UInt8] {
    var encoder = StateEncoder(writer: ByteWriter(capacity: ValueDetector.byteCount))
    do {
      try core.code(&encoder)
    } catch {
      preconditionFailure("a detector holds a state that cannot occur: \(error)")
    }
    return encoder.writer.bytes
  }

  /// Judges one sample, then learns from it. Does not allocate once the detector is warm.
  ///
  /// A value that is not finite, or beyond ``largestValue``, is a gap: nothing changes, the score
  /// is 0.
  /// - Parameters:
  ///   - budgetOffset: decades by which the threshold stands higher than the budget and the storm guard
  ///     have it, such as ``HostBudget/raise(_:)``; >= 0. Changes no score and nothing learnt.
  ///   - next: another detector, whose turn comes after this one, if it is known. Where so many
  ///     take turns that none stays in a cache, its memory is on its way while this one computes.
  ///     Changes nothing but time.
  public func step(_ sample: Sample, budgetOffset: Double = 0, next: ValueDetector? = nil)
    -> Verdict
  {
    core.step(sample, budgetOffset: budgetOffset, scratch: scratch, next: next)
  }

  /// Asks for the object itself, which says where everything else is.
  func prefetch() {
    let object = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    Memory.prefetch(
      object.assumingMemoryBound(to: UInt8.self), count: ValueDetector.objectByteCount)
  }

  /// What each kind of evidence must exceed in addition, in decades: ``FeedbackLedger/offsets(at:)``
  /// of its metric. Not part of ``encode()``.
  public var feedbackOffsets: SIMD8<Float> {
    get { core.feedbackOffsets }
    set { core.feedbackOffsets = newValue }
  }

  /// What all kinds of evidence together may exceed without an alarm, in decades.
  public var alarmHeadroom: Float { core.alarmHeadroom }

  /// Whether such evidence would open an event now, the guard against storms apart.
  public func isLoud(_ evidence: SIMD8<Float>) -> Bool { core.isLoud(evidence) }

  /// Takes back what the guard against storms has added to the threshold for one event.
  public func undoStormGuard() { core.undoStormGuard() }

  /// Bytes of the object itself: its type, its reference counts and its properties.
  static var objectByteCount: Int {
    16 + MemoryLayout<DetectorConfiguration>.stride + MemoryLayout<TrainingScratch>.stride
      + MemoryLayout<DetectorCore>.stride
  }
}
