import Networks
package import Series

/// The detector of a metric of values.
public final class ValueDetector: StoredDetector {
  /// Samples of warm-up, during which nothing alarms.
  public static let warmUpSamples = AlarmThreshold.leastWarmUp

  /// The largest magnitude that a detector computes with: beyond it, squares of differences would
  /// not be finite. A larger value is judged as this one.
  public static let largestValue = 1e30

  /// Bytes that one detector takes, all included.
  public static var byteCount: Int {
    MemoryBlock<ValueLayout>.byteCount + objectByteCount
  }

  /// The configuration that the detector was created with.
  public let configuration: DetectorConfiguration

  package let scratch: TrainingScratch
  /// Checking for exclusive access would take 60 instructions four times per sample. While `step`
  /// runs, only ``prefetch(_:)`` of the next detector is called, which modifies nothing.
  @exclusivity(unchecked) private var core: ValueCore

  /// A detector that has seen nothing.
  /// - Parameter scratch: shared by all detectors of a thread.
  public init(configuration: DetectorConfiguration = .init(), scratch: TrainingScratch) {
    self.configuration = configuration
    self.scratch = scratch
    core = ValueCore(configuration: configuration)
  }

  /// A detector that leaves out some rules, for measurements.
  package init(
    configuration: DetectorConfiguration, scratch: TrainingScratch, omitting omitted: DetectorParts
  ) {
    self.configuration = configuration
    self.scratch = scratch
    core = ValueCore(configuration: configuration, omitting: omitted)
  }

  package func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try core.code(&coder)
  }

  package func step(
    _ observation: Observation, at timestamp: Timestamp, _ context: StepContext,
    next: (any Detector)?
  ) -> Verdict {
    guard case .value(let value) = observation else {
      preconditionFailure("a detector of values takes no symbols")
    }
    return core.step(
      Sample(timestamp: timestamp, value: value), context, scratch: scratch, next: next)
  }

  /// What another detector can start from; nil if this one has not learnt enough.
  package var prior: DetectorPrior? { core.prior }

  func begin(with prior: DetectorPrior) { core.begin(with: prior) }

  package var family: Evidence.Family { .values }
  package var byteCount: Int { ValueDetector.byteCount }
  package var seen: Int { core.seen }
  package var learning: LearningFacts { core.learning }
  package var judge: Judge {
    get { core.judge }
    set { core.judge = newValue }
  }

  package func settle(isPaging: Bool) { core.judge.settle(isPaging: isPaging) }

  package func prefetch(_ stage: PrefetchStage) {
    guard stage == .object else { return core.prefetch(stage) }
    let object = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    Memory.prefetch(
      object.assumingMemoryBound(to: UInt8.self), count: ValueDetector.objectByteCount)
  }

  /// Bytes of the object itself: its type, its reference counts and its properties.
  private static var objectByteCount: Int {
    16 + MemoryLayout<DetectorConfiguration>.stride + MemoryLayout<TrainingScratch>.stride
      + MemoryLayout<ValueCore>.stride
  }
}
