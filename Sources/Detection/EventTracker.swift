public import Series

/// What one sample did to the events of a metric: an old one may end where a new one begins.
public struct EventTransitions: Equatable, Sendable {
  /// The event that ended with this sample.
  public var closed: Event?
  /// The event that began with it.
  public var opened: Event?

  /// Nothing happened, unless told otherwise.
  public init(closed: Event? = nil, opened: Event? = nil) {
    self.closed = closed
    self.opened = opened
  }
}

/// Follows the one open event of a metric from its opening to its close.
public struct EventTracker: Sendable {
  /// The metric.
  public let metric: MetricName
  /// The event that is open now.
  public private(set) var openEvent: Event?
  private let hostSeed: UInt64

  /// A tracker without an event.
  /// - Parameter hostSeed: tells hosts apart in event ids; 0 in a backtest.
  public init(metric: MetricName, hostSeed: UInt64) {
    self.metric = metric
    self.hostSeed = hostSeed
  }

  /// Takes the verdict on a sample. Does not allocate.
  public mutating func advance(_ sample: Sample, _ verdict: Verdict) -> EventTransitions {
    var transitions = EventTransitions()
    if openEvent != nil, verdict.opensEvent || verdict.state != .anomalous {
      openEvent?.closed = sample.timestamp
      transitions.closed = openEvent
      openEvent = nil
    }
    if verdict.opensEvent {
      let event = Event(
        id: EventID(metric: metric, opened: sample.timestamp, hostSeed: hostSeed),
        metric: metric, opened: sample.timestamp, value: sample.value,
        expected: verdict.expected, lower: verdict.lower, upper: verdict.upper,
        score: verdict.score, peakScore: verdict.score, reason: verdict.reason ?? .jump)
      openEvent = event
      transitions.opened = event
    } else if let peak = openEvent?.peakScore, verdict.score > peak {
      openEvent?.peakScore = verdict.score
    }
    return transitions
  }

  /// The open event, if any, as bytes.
  public func encode() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(openEvent != nil)
    guard let event = openEvent else { return writer.bytes }
    writer.write(event.id.high)
    writer.write(event.id.low)
    writer.write(event.opened.nanoseconds)
    writer.write(event.value)
    writer.write(event.expected)
    writer.write(event.lower)
    writer.write(event.upper)
    writer.write(event.score)
    writer.write(event.peakScore)
    writer.write(event.reason.rawValue)
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
        let id = EventID(high: try reader.readUInt64(), low: try reader.readUInt64())
        let opened = Timestamp(nanoseconds: try reader.readInt64())
        let value = try reader.readDouble()
        let expected = try reader.readDouble()
        let lower = try reader.readDouble()
        let upper = try reader.readDouble()
        let score = try reader.readFloat()
        let peakScore = try reader.readFloat()
        let reason = Evidence(rawValue: try reader.readUInt8())
        openEvent = Event(
          id: id, metric: metric, opened: opened, value: value, expected: expected,
          lower: lower, upper: upper, score: score, peakScore: peakScore,
          reason: reason ?? .jump)
      }
      try reader.requireEnd()
    } catch {
      throw .bytes(error)
    }
  }
}
