/// One measurement of one metric.
public struct Sample: Equatable, Sendable {
  /// When it was measured, in event time.
  public var timestamp: Timestamp
  /// The measured value, in the metric's own unit. NaN or an infinity means "no value": a gap.
  public var value: Double

  /// A measurement of `value` at `timestamp`.
  public init(timestamp: Timestamp, value: Double) {
    self.timestamp = timestamp
    self.value = value
  }

  /// Whether both have the same time and value; one gap equals another.
  public static func == (lhs: Sample, rhs: Sample) -> Bool {
    lhs.timestamp == rhs.timestamp
      && (lhs.value == rhs.value || !lhs.value.isFinite && !rhs.value.isFinite)
  }
}

/// The index of a metric in its ``MetricRegistry``: dense, starting at 0, stable until a metric is
/// removed.
public struct MetricID: Hashable, Comparable, Sendable {
  /// 0 ..< number of registered metrics.
  public let index: Int
  /// Distinguishes metrics that have had the same index one after the other.
  public let serial: UInt32

  /// The metric at `index`.
  public init(index: Int, serial: UInt32 = 0) {
    self.index = index
    self.serial = serial
  }

  /// Order of registration.
  public static func < (lhs: MetricID, rhs: MetricID) -> Bool { lhs.index < rhs.index }
}

/// Where inputs deliver samples.
///
/// An input registers each of its metrics once, keeps the id, and then delivers samples without
/// touching a string again.
public protocol SampleSink: AnyObject {
  /// Changes whenever metrics were removed: earlier ids may be invalid then, and samples for an
  /// invalid id are dropped. An input that keeps ids for longer than one poll must register again.
  var epoch: Int { get }

  /// The id of a metric, registered on first use.
  /// - Returns: nil if the registry is full; the refusal is counted there, and the input drops
  ///   the samples of that metric (retrying later is allowed and cheap).
  func metric(named name: MetricName) -> MetricID?

  /// Delivers one sample of a metric. A value that is not finite is a gap.
  func receive(_ sample: Sample, of metric: MetricID)

  /// Replaces the fixed bounds of a metric's built-in limit by those of the device that it measures.
  func receive(_ limits: HardwareLimits, of metric: MetricID)

  /// The id of an event stream, such as the events of one thread, registered on first use under the
  /// name of a metric.
  /// - Parameter idle: a stream that it may replace because it has been idle for long; that one is
  ///   then removed.
  /// - Returns: nil as ``metric(named:)`` does.
  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID?

  /// Delivers one event of a stream.
  /// - Parameter id: the event's id, 1...``TraceEvent/longest`` bytes of UTF-8.
  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID)
}

extension SampleSink {
  /// Ignored: by default a sink has no limits.
  public func receive(_ limits: HardwareLimits, of metric: MetricID) {}

  /// Refused: by default a sink accepts no events.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? { nil }

  /// Never called, as every stream is refused.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {}
}

extension SampleSink {
  /// For a sink that never removes a metric.
  public var epoch: Int { 0 }
}
