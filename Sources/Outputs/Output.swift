import Detection
public import Events
public import Series

/// A place that hears of every step in the life of every event.
///
/// An output never throws at its caller and never blocks for long: what cannot be written now
/// waits in a bounded queue, what goes wrong is counted in ``health`` and told once as a notice.
public protocol Output: AnyObject {
  /// The name of its configuration section, such as `log` in `[Output log]`.
  var name: String { get }
  /// How it is doing.
  var health: OutputHealth { get }
  /// How another program delivers what this one put down; nil where there is none.
  var delivery: OutboxDelivery? { get }
  /// What a person should hear of since the last call, oldest first; empties the list.
  func drainNotices() -> [Notice]

  /// Delivers one transition, after what still waits.
  func emit(_ transition: EventTransition)
  /// Tries again to deliver what waits; cheap when nothing does. The agent calls it every second.
  func flush()
  /// Lets go of the file, if there is one, and opens it anew under its name (log rotation).
  func reopen()

  /// How many of the newest transitions would be lost if the process ended now, because they wait
  /// in its memory. The agent hands over those again after a restart, and no others.
  var unsaved: Int { get }
}

extension Output {
  /// Nobody else delivers.
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
  /// Transitions delivered in full.
  public var delivered = 0
  /// Attempts that failed; what they carried waits or was dropped.
  public var failures = 0
  /// Transitions that wait for another attempt.
  public var waiting = 0
  /// Transitions given up because the queue was full, oldest first.
  public var dropped = 0
  /// The newest error, in words, nil if there never was one.
  public var lastError: String?
  /// When that was.
  public var lastErrorAt: Timestamp?

  /// All zero.
  public init() {}
}
