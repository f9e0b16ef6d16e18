/// One measurement of one metric.
public struct Sample: Equatable, Sendable {
  /// When it was measured, in event time.
  public var timestamp: Timestamp
  /// What was measured, in the metric's own unit. NaN or an infinity says "no value here": a gap.
  public var value: Double

  /// A measurement of `value` at `timestamp`.
  public init(timestamp: Timestamp, value: Double) {
    self.timestamp = timestamp
    self.value = value
  }
}

/// The place of a metric in its ``MetricRegistry``: dense, starting at 0, stable until a metric is
/// removed.
public struct MetricID: Hashable, Comparable, Sendable {
  /// 0 ..< number of registered metrics.
  public let index: Int
  /// Tells metrics apart that have had the same place one after the other.
  public let serial: UInt32

  /// The metric at `index`.
  public init(index: Int, serial: UInt32 = 0) {
    self.index = index
    self.serial = serial
  }

  /// Order of registration.
  public static func < (lhs: MetricID, rhs: MetricID) -> Bool { lhs.index < rhs.index }
}

/// Where inputs deliver what they read.
///
/// An input asks for each of its metrics once, keeps the id, and then hands over samples without
/// touching a string again.
public protocol SampleSink: AnyObject {
  /// Changes whenever metrics were removed: ids that were given out before may be void then, and
  /// samples for a void id are dropped. An input that keeps ids for longer than one poll asks for
  /// them anew.
  var epoch: Int { get }

  /// The id of a metric, registered on first sight.
  /// - Returns: nil when the registry is full; the refusal is counted there, and the input drops
  ///   the samples of that metric (asking again later is allowed and cheap).
  func metric(named name: MetricName) -> MetricID?

  /// Takes one sample of a metric. A value that is not finite is a gap.
  func receive(_ sample: Sample, of metric: MetricID)

  /// The id of a stream of events, such as those of one thread, registered on first sight under the
  /// name of a metric.
  /// - Parameter idle: a stream whose place it may take, as nothing has come of it for long; it is
  ///   forgotten then.
  /// - Returns: nil as ``metric(named:)`` does.
  func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID?

  /// Takes one event of a stream.
  /// - Parameter id: what happened, 1...``TraceEvent/longest`` bytes of UTF-8.
  func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID)
}

extension SampleSink {
  /// Refused: a sink that does not say otherwise takes no events.
  public func stream(named name: MetricName, inPlaceOf idle: MetricID?) -> MetricID? { nil }

  /// Never called, as every stream is refused.
  public func receive(event id: Span<UInt8>, at timestamp: Timestamp, of stream: MetricID) {}
}

extension SampleSink {
  /// Of a sink that never removes a metric.
  public var epoch: Int { 0 }
}
