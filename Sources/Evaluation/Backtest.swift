public import Detection
public import Events
public import Series

/// What the daemon would have said about a recorded series of one metric.
///
/// The same detector and the same event tracker as in the daemon, in the same order, so that the
/// verdicts and events are those of the daemon to the bit.
public struct Backtest: ~Copyable {
  /// What came of one sample.
  public struct Step: Equatable, Sendable {
    /// What the detector said.
    public var verdict: Verdict
    /// What it did to the events.
    public var transitions: [EventTransition]
  }

  private let detector: ValueDetector
  private var tracker: EventTracker
  private var history = RingBuffer(capacity: 256)

  /// A backtest that has seen nothing.
  /// - Parameters:
  ///   - scratch: shared by all detectors of a thread.
  ///   - hostSeed: tells hosts apart in event ids.
  public init(
    metric: MetricName,
    configuration: DetectorConfiguration = .init(),
    rules: EventRules = .init(),
    scratch: TrainingScratch,
    hostSeed: UInt64 = 0
  ) {
    detector = ValueDetector(configuration: configuration, scratch: scratch)
    tracker = EventTracker(metric: metric, hostSeed: hostSeed, rules: rules)
  }

  /// The event that is open after the newest sample.
  public var openEvent: Event? { tracker.openEvent }

  /// Takes the next sample; a value that is not finite is a gap.
  public mutating func step(_ sample: Sample) -> Step {
    let verdict = detector.step(sample)
    history.append(sample)
    return Step(
      verdict: verdict, transitions: tracker.advance(sample, verdict, history: history))
  }
}
