public import Series

/// Follows the one open event of a metric from its opening over its updates to its close.
public struct EventTracker: Sendable {
  /// The metric.
  public let metric: MetricName
  /// The event that is open now.
  public private(set) var openEvent: Event?
  private var pacing: UpdatePacing?
  private var orphan: Orphan?
  private let hostSeed: UInt64

  /// A tracker without an event.
  /// - Parameter hostSeed: tells hosts apart in event ids; 0 in a backtest.
  public init(metric: MetricName, hostSeed: UInt64) {
    self.metric = metric
    self.hostSeed = hostSeed
  }

  /// Takes the verdict on a sample. Allocates only where an event opens, is told or closes.
  /// - Parameter symbols: what to tell of an event that opens on a stream of events.
  /// - Parameter history: the samples up to and with this one.
  /// - Returns: what it did to the events, in order: an old one may end where a new one begins.
  public mutating func advance(
    _ sample: Sample, _ verdict: Verdict, history: RingBuffer, symbols: SymbolFacts? = nil
  ) -> [EventTransition] {
    var transitions: [EventTransition] = []
    var goesOn = false
    if let orphan, sample.timestamp > orphan.event.opened {
      self.orphan = nil
      goesOn = adopt(orphan.event, at: sample, &transitions) && verdict.opensEvent
    }
    if openEvent != nil, verdict.opensEvent && !goesOn || verdict.state != .anomalous {
      openEvent?.closed = sample.timestamp
      if let event = openEvent { transitions.append(.closed(event)) }
      openEvent = nil
    }
    if verdict.opensEvent, !goesOn {
      var event = opening(sample, verdict, history)
      event.symbols = symbols
      openEvent = event
      pacing = UpdatePacing(of: event, at: sample.timestamp)
      transitions.append(.opened(event))
    } else if openEvent != nil, sample.value.isFinite {
      openEvent?.take(sample, verdict)
      if let event = openEvent, let update = pacing?.due(event, at: sample.timestamp) {
        openEvent?.update = update
        openEvent?.updated = sample.timestamp
        if let event = openEvent { transitions.append(.updated(event)) }
      }
    }
    return transitions
  }

  /// Says that an event of this metric was open when the daemon was killed, after its last
  /// checkpoint.
  ///
  /// Where the samples since then come again, so does the event, under its id. Where they do not,
  /// the first sample behind its opening finds it missing: then it is taken up, is over if the
  /// metric is normal, and goes on if the metric is anomalous.
  public mutating func expect(_ event: Event) {
    precondition(event.metric == metric, "an event belongs to one metric")
    if openEvent?.id != event.id { orphan = Orphan(event) }
  }

  /// Takes it back that an event is expected.
  public mutating func dismiss(_ event: Event) {
    if orphan?.event.id == event.id { orphan = nil }
  }

  /// Takes up an event that did not come again.
  /// - Returns: whether it is the open one now.
  private mutating func adopt(
    _ event: Event, at sample: Sample, _ transitions: inout [EventTransition]
  ) -> Bool {
    guard openEvent?.id != event.id else { return false }
    guard openEvent == nil else {
      var over = event
      over.closed = sample.timestamp
      transitions.append(.closed(over))
      return false
    }
    openEvent = event
    pacing = UpdatePacing(of: event, at: sample.timestamp)
    return true
  }

  /// Ends the open event, as nothing can tell any more whether it goes on.
  /// - Returns: its close; nil where none is open.
  public mutating func close(at moment: Timestamp) -> EventTransition? {
    guard var event = openEvent else { return nil }
    event.closed = max(moment, event.opened)
    openEvent = nil
    return .closed(event)
  }

  private func opening(_ sample: Sample, _ verdict: Verdict, _ history: RingBuffer) -> Event {
    Event(
      id: EventID(metric: metric, opened: sample.timestamp, hostSeed: hostSeed),
      metric: metric, cause: .evidence(verdict.reason ?? .jump),
      direction: verdict.direction(of: sample.value),
      severity: Severity(excess: verdict.score - verdict.threshold), opened: sample.timestamp,
      value: sample.value, expected: verdict.expected, lower: verdict.lower, upper: verdict.upper,
      score: verdict.score, samples: history.samples(last: Event.samplesBefore + 1))
  }

  /// The open event, if any, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(openEvent != nil)
    if let event = openEvent, let pacing {
      event.encode(to: &writer)
      pacing.encode(to: &writer)
    }
    return writer.bytes
  }

  /// A tracker that goes on from what ``encode()`` gave.
  /// - Throws: ``DetectorDecodingError`` for anything else.
  public init(
    decoding bytes: [UInt8], metric: MetricName, hostSeed: UInt64
  ) throws(DetectorDecodingError) {
    self.init(metric: metric, hostSeed: hostSeed)
    var reader = ByteReader(bytes)
    do {
      if try reader.readBool() {
        openEvent = try Event(metric: metric, from: &reader)
        pacing = try UpdatePacing(from: &reader)
      }
      try reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }
}

extension Event {
  /// Takes a further sample while open.
  mutating func take(_ sample: Sample, _ verdict: Verdict) {
    if verdict.score > peakScore {
      peakScore = verdict.score
      severity = max(severity, Severity(excess: verdict.score - verdict.threshold))
    }
    if isFarther(sample.value) {
      peakValue = sample.value
      peakAt = sample.timestamp
    }
  }

  private func isFarther(_ value: Double) -> Bool {
    switch direction {
    case .high: value > peakValue
    case .low: value < peakValue
    case .unusual: abs(value - expected) > abs(peakValue - expected)
    }
  }
}

extension Verdict {
  /// On which side of the band a value lies.
  func direction(of value: Double) -> Direction {
    let upper = upper.isFinite ? upper : expected
    let lower = lower.isFinite ? lower : expected
    return value > upper ? .high : value < lower ? .low : .unusual
  }
}

/// An event that waits to be seen again: in a box of its own, since nearly no metric has one.
private final class Orphan: Sendable {
  let event: Event

  init(_ event: Event) { self.event = event }
}
