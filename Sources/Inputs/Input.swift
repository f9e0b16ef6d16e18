public import Series

/// A local source of samples that the daemon polls.
///
/// An input never throws at its caller and never stops: errors are counted in ``health``, reported
/// once as a notice, and the input continues with the rest.
public protocol Input: AnyObject {
  /// The name of its configuration section, such as `host` in `[Input host]`.
  var name: String { get }
  /// Its health.
  var health: InputHealth { get }
  /// Notices for the user since the last call, oldest first; empties the list.
  func drainNotices() -> [Notice]

  /// Reads what is available now and delivers it.
  ///
  /// Bounded work: at most some ten milliseconds, so that the daemon's loop keeps iterating.
  /// - Parameter now: the daemon's clock; the time stamp of samples that carry none.
  /// - Returns: whether more is available, so that the daemon calls again at once.
  func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome

  /// The descriptor that is readable when a poll would find something; nil if there is none.
  ///
  /// Read after each poll. The daemon polls whenever the descriptor is readable or has hung up, and
  /// additionally from time to time.
  var readiness: InputReadiness? { get }

  /// The state needed to resume after a restart, empty if none; opaque bytes, stored with the
  /// models so that both are from the same instant.
  func encodePosition() -> [UInt8]
  /// Resumes at a stored position; an unreadable one is a notice and a fresh start.
  func restorePosition(_ bytes: [UInt8])

  /// Takes over open resources, to which others are connected, from an input that it replaces and
  /// that is no longer polled; called after its position was restored, before the first poll.
  func takeOver(from predecessor: any Input)
}

extension Input {
  /// Takes over nothing.
  public func takeOver(from predecessor: any Input) {}
  /// None: only time does.
  public var readiness: InputReadiness? { nil }
}

/// A descriptor that is readable when an input has something to deliver.
public struct InputReadiness: Equatable, Sendable {
  /// The descriptor; open until the poll after which another one, or none, is returned.
  public var descriptor: Int32
  /// A different number for each opening, as the system reuses descriptor numbers.
  public var generation: Int

  /// `descriptor`, as opened for the `generation`th time.
  public init(descriptor: Int32, generation: Int) {
    self.descriptor = descriptor
    self.generation = generation
  }
}

/// Whether an input has more to deliver right now.
public enum PollOutcome: Equatable, Sendable {
  /// Everything available has been read.
  case drained
  /// The limit of one poll was reached first.
  case moreReady
}

/// The counters of one input, as `anomalyctl status` shows them.
public struct InputHealth: Equatable, Sendable {
  /// Samples delivered, gaps included.
  public var samples = 0
  /// Malformed lines, rows or files.
  public var malformed = 0
  /// Values that were missing or not finite.
  public var gaps = 0
  /// Samples dropped because their metric was refused by a full registry.
  public var refused = 0
  /// Datagrams and lines dropped because their sender exceeded a limit.
  public var dropped = 0
  /// Values ignored because they are intentionally not numbers, such as text beside numbers.
  public var skipped = 0
  /// The last error, nil if there never was one.
  public var lastError: String?
  /// Its time.
  public var lastErrorAt: Timestamp?
  /// Event time of the latest sample.
  public var lastSampleAt: Timestamp?
  /// Available bytes that have not been read yet; nil if not applicable.
  public var lagBytes: Int?

  /// All zero.
  public init() {}
}
