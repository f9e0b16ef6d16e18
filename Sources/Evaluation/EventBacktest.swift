public import Detection
public import Events
public import Series

/// What the daemon would have said about a recorded stream of events; ``Backtest`` for events.
public struct EventBacktest: ~Copyable {
  /// What came of one event.
  public struct Step: Equatable, Sendable {
    /// How surprising it was, as a sample of the stream.
    public var sample: Sample
    /// What the detector said.
    public var verdict: Verdict
    /// What it did to the events that are told.
    public var transitions: [EventTransition]
  }

  private let detector: SequenceDetector
  private var tracker: EventTracker
  private var history = RingBuffer(capacity: 256)

  /// A backtest that has seen nothing.
  /// - Parameters:
  ///   - training: shared by all symbol detectors of a thread.
  ///   - hostSeed: tells hosts apart in event ids.
  public init(
    stream: MetricName,
    configuration: DetectorConfiguration = .init(),
    rules: EventRules = .init(),
    training: SymbolTraining,
    hostSeed: UInt64 = 0
  ) {
    detector = SequenceDetector(configuration: configuration, training: training)
    tracker = EventTracker(
      metric: stream, hostSeed: hostSeed, rules: rules,
      quietSamples: SequenceDetector.quietEvents)
  }

  /// The event that is open now.
  public var openEvent: Event? { tracker.openEvent }

  /// Takes what happened next.
  /// - Parameter id: 1...``TraceEvent/longest`` bytes of UTF-8.
  public mutating func step(_ id: Span<UInt8>, at timestamp: Timestamp) -> Step {
    let verdict = detector.step(id, at: timestamp)
    let sample = Sample(timestamp: timestamp, value: verdict.value)
    history.append(sample)
    return Step(
      sample: sample, verdict: verdict,
      transitions: tracker.advance(
        sample, verdict, history: history, symbols: detector.symbolFacts))
  }
}
