package import Control
import Detection
import Events
import Monitor
import Outputs
import Series

// A metric, an event and an incident as messages of the control socket.

extension MonitoredMetric {
  /// Additional facts about it.
  var facts: [Fact] {
    guard let symbols else {
      return [
        Fact(name: "usual interval in seconds", value: usualInterval?.inSeconds),
        Fact(name: "alarm threshold", value: verdict.map { Double($0.threshold) }),
        Fact(name: "missing values", value: Double(missing)),
        Fact(name: "unusual gaps", value: Double(silences)),
      ]
    }
    let rate = usualInterval.map { 1 / $0.inSeconds }
    return [
      Fact(name: "events a second", value: rate),
      Fact(name: "distinct ids", value: Double(symbols.alphabetSize)),
      Fact(name: "maximum distinct ids", value: Double(SequenceDetector.largestAlphabet)),
      Fact(name: "belief in the network", value: symbols.networkBelief),
    ]
      + symbols.expected.map {
        Fact(name: "probability of \($0.id) next", value: $0.probability)
      }
  }

  /// Anomalous while an event of it is open, whatever else its detector thinks: rules open events
  /// of their own and keep small deviations from being any. Warming before the first sample.
  package var state: MetricState {
    if tracker.isOpen { return .anomalous }
    return switch verdict?.state {
    case nil, .warmingUp: .warming
    case .normal, .anomalous: .normal
    }
  }

  var warmUp: WarmUp? {
    guard state == .warming else { return nil }
    var seen = 0
    var needed = ValueDetector.warmUpSamples
    if case .warmingUp(let now, let all) = verdict?.state { (seen, needed) = (now, all) }
    var end: Moment?
    if let newest, let usualInterval {
      end = Moment(newest.timestamp.advanced(by: usualInterval * (needed - seen)))
    }
    return WarmUp(seen: seen, needed: needed, expectedEnd: end)
  }
}

extension MetricSummary {
  init(_ metric: MonitoredMetric) {
    self.init(
      name: metric.name.text,
      state: metric.state,
      warmUp: metric.warmUp,
      samples: metric.samples,
      gaps: metric.gaps,
      lastSeen: metric.newest.map { Moment($0.timestamp) },
      value: metric.newest?.value,
      expected: metric.verdict?.expected,
      lower: metric.verdict?.lower,
      upper: metric.verdict?.upper,
      score: Double(metric.verdict?.score ?? 0),
      level: Double(metric.verdict?.level ?? 0)
    )
  }
}

extension EventMessage {
  init(_ event: Event) {
    self.init(
      id: event.id.description,
      metric: event.metric.text,
      began: Moment(event.began),
      opened: Moment(event.opened),
      updated: event.updated.map { Moment($0) },
      value: event.value,
      expected: event.expected,
      lower: event.lower,
      upper: event.upper,
      score: Double(event.score),
      peakScore: Double(event.peakScore),
      peakValue: event.peakValue,
      peakAt: Moment(event.peakAt),
      severity: event.severity.name,
      direction: event.direction.name,
      reason: event.cause.name,
      explanation: event.explanation
    )
  }
}

extension OpenIncidentMessage {
  init(_ incident: Incident) {
    self.init(
      id: incident.id.description,
      began: Moment(incident.began),
      severity: incident.severity.name,
      size: incident.size,
      open: incident.open.count,
      metrics: incident.events.prefix(OpenIncidentMessage.maximumMetrics).map(\.metric.text)
    )
  }
}
