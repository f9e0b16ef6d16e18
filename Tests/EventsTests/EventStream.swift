import Detection
import Events
import Series

/// A tracker fed by hand, and the samples that it has seen.
struct EventStream {
  static let metric = MetricName(sanitizing: "cpu.busy")

  var tracker: EventTracker
  var history = RingBuffer(capacity: 64)

  init(_ rules: EventRules = EventRules(), quietSamples: UInt16? = nil) {
    tracker = EventTracker(
      metric: EventStream.metric, hostSeed: 7, rules: rules, quietSamples: quietSamples)
  }

  static func time(_ second: Double) -> Timestamp { Timestamp(seconds: 1.7e9 + second) }

  /// A detector's verdict: threshold 3, expected 10, band 8 to 12.
  static func verdict(
    _ state: DetectorState, opens: Bool = false, score: Float = 1, reason: Evidence = .jump,
    reach: Int = 0, usual: Double? = nil
  ) -> Verdict {
    Verdict(
      expected: 10, lower: 8, upper: 12, score: score, threshold: 3, level: 0, state: state,
      alarm: score >= 3 && state == .anomalous ? opens ? .first : .further : .none,
      reason: reason, reach: reach, usual: usual, evidence: EvidenceVector(.values))
  }

  /// One sample, `second` seconds after the beginning.
  mutating func step(
    _ second: Double, _ value: Double = 10, _ verdict: Verdict
  ) -> [EventTransition] {
    let sample = Sample(timestamp: EventStream.time(second), value: value)
    history.append(sample)
    return tracker.advance(sample, verdict, history: history)
  }

  /// A sample that alarms; if `opens`, the first of an event of the detector.
  mutating func alarm(
    _ second: Double, _ value: Double = 20, score: Float = 4, opens: Bool = true
  ) -> [EventTransition] {
    step(second, value, EventStream.verdict(.anomalous, opens: opens, score: score))
  }

  /// A sample that begins another episode within the detector's hold-off.
  mutating func renewed(_ second: Double, _ value: Double = 20) -> [EventTransition] {
    var verdict = EventStream.verdict(.anomalous, opens: true, score: 4)
    verdict.alarm = .renewed
    return step(second, value, verdict)
  }

  /// A sample after the detector's hold-off.
  mutating func normal(_ second: Double, _ value: Double = 10) -> [EventTransition] {
    step(second, value, EventStream.verdict(.normal))
  }

  /// A sample within the detector's hold-off.
  mutating func held(_ second: Double, _ value: Double = 10) -> [EventTransition] {
    step(second, value, EventStream.verdict(.anomalous))
  }

  /// The same after a restart of the daemon.
  mutating func restart() throws {
    tracker = try EventTracker(
      decoding: tracker.encode(), metric: EventStream.metric, hostSeed: 7, rules: tracker.rules)
  }
}

/// `opened`, `updated worse`, `closed`, ...
func words(_ transitions: [EventTransition]) -> [String] {
  transitions.map { transition in
    if case .updated(let event) = transition {
      return "updated \(event.update?.name ?? "for nothing")"
    }
    return transition.stateName
  }
}
