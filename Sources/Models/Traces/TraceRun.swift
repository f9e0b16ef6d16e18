package import Detection
import Series

/// Runs a trained trace model over a trace; each thread is a stream that continues from the
/// thread's learnt state. As in the daemon, learning continues.
package struct TraceRun {
  /// The results for a trace event.
  package struct Row: Sendable {
    /// How unusual it is; 1 and above alarms.
    package var score: Double
    /// Whether it alarms.
    package var isAlarm: Bool
    /// How surprising id and time were, in bits.
    package var bits: Double
    /// The strongest kind of evidence; nil if there is none.
    package var reason: Evidence?
    /// The actual and the expected ids, if an episode of alarms begins.
    package var facts: SymbolFacts?
    /// Whether the detector has seen enough to judge.
    package var isKnown: Bool
  }

  private let model: TraceModel
  private let learns: Bool
  private let scratch = SymbolTraining()

  /// A run.
  /// - Parameter learns: whether the detectors keep learning.
  package init(_ model: TraceModel, learns: Bool = true) {
    self.model = model
    self.learns = learns
  }

  /// Whether the model knows a thread; others are judged as the daemon judges new ones.
  package func knows(_ thread: String) -> Bool { model.streams.contains { $0.thread == thread } }

  /// Judges a stream of a trace.
  package func judge(_ trace: RecordedTrace, stream: Int, _ body: (Int, Row) -> Void) {
    let recorded = trace.streams[stream]
    let detector = detector(of: recorded.thread)
    var context = StepContext(detector.family)
    context.learns = learns
    for event in 0..<recorded.count {
      let verdict = detector.step(
        .symbol(trace.id(event, of: stream).span), at: recorded.timestamps[event], context,
        next: nil)
      var isKnown = true
      if case .warmingUp = verdict.state { isKnown = false }
      body(
        event,
        Row(
          score: Double(verdict.score / verdict.threshold), isAlarm: verdict.alarm != .none,
          bits: verdict.value, reason: verdict.reason, facts: detector.symbolFacts,
          isKnown: isKnown))
    }
  }

  private func detector(of thread: String) -> SequenceDetector {
    let known = model.streams.first { $0.thread == thread }
    // An unreadable state was rejected with the file.
    return known.flatMap { try? model.detector($0, scratch: scratch) }
      ?? SequenceDetector(configuration: model.configuration, scratch: scratch)
  }
}

extension TraceModel {
  /// A detector with a thread's learnt state.
  func detector(
    _ stream: Stream, scratch: SymbolTraining
  ) throws(StateDecodingError) -> SequenceDetector {
    try SequenceDetector(decoding: stream.state, configuration: configuration, scratch: scratch)
  }
}
