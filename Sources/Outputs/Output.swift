import Detection
public import Events
public import Series

/// A destination for steps of incidents and, where that is configured, of their events.
///
/// An output never throws at its caller and never blocks for long: what cannot be written now waits
/// in a bounded queue, errors are counted in ``health`` and reported once as a notice.
public protocol Output: AnyObject {
  /// The name of its configuration section, such as `log` in `[Output log]`.
  var name: String { get }
  /// Its health.
  var health: OutputHealth { get }
  /// How another program delivers what this one stored; nil if there is none.
  var delivery: OutboxDelivery? { get }
  /// Notices for the user since the last call, oldest first; empties the list.
  func drainNotices() -> [Notice]

  /// Delivers a step of an incident, after waiting ones.
  func emit(_ transition: IncidentTransition)
  /// Delivers a step of an event, after waiting ones.
  func emit(_ transition: EventTransition)
  /// Retries delivery of waiting transitions; cheap if there are none. The daemon calls it every
  /// second.
  func flush()
  /// Reopens the file, if there is one, under its name (log rotation).
  func reopen()

  /// How many of the latest transitions would be lost if the process ended now, because they wait
  /// in its memory. The daemon passes those again after a restart, and no others.
  var unsaved: Int { get }
}

extension Output {
  /// No other program delivers.
  public var delivery: OutboxDelivery? { nil }
  /// Nothing ever waits.
  public func flush() {}
  /// There is no file.
  public func reopen() {}
  /// Nothing ever waits.
  public var unsaved: Int { 0 }
}

/// The counters of one output, as `anomalyctl status` shows them.
public struct OutputHealth: Equatable, Sendable {
  /// Transitions fully delivered.
  public var delivered = 0
  /// Failed attempts; their contents wait or were dropped.
  public var failures = 0
  /// Transitions waiting for another attempt.
  public var waiting = 0
  /// Transitions dropped because the queue was full, oldest first.
  public var dropped = 0
  /// The last error, nil if there never was one.
  public var lastError: String?
  /// Its time.
  public var lastErrorAt: Timestamp?

  /// All zero.
  public init() {}
}
