package import Detection
import Series

/// A trained model of traces on its way through a trace, each thread a stream of its own that
/// continues from what was learnt about the thread. As in the daemon, learning continues.
package struct TraceRun {
  /// What is known about a trace event.
  package struct Row: Sendable {
    /// How unusual it is; 1 and more alarms.
    package var score: Double
    /// Whether it alarms.
    package var isAlarm: Bool
    /// How surprising id and time were, in bits.
    package var bits: Double
    /// The kind of evidence that was strongest; nil where there is none.
    package var reason: Evidence?
    /// What came and what was expected, where an episode of alarms begins.
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

  /// Whether the model has learnt about a thread; others are judged as the daemon judges new ones.
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
    // A state that cannot be read was refused with the file.
    return known.flatMap { try? model.detector($0, scratch: scratch) }
      ?? SequenceDetector(configuration: model.configuration, scratch: scratch)
  }
}

extension TraceModel {
  /// A detector with what was learnt about a thread.
  func detector(
    _ stream: Stream, scratch: SymbolTraining
  ) throws(StateDecodingError) -> SequenceDetector {
    try SequenceDetector(decoding: stream.state, configuration: configuration, scratch: scratch)
  }
}
