public import Series

/// A local source of samples that the agent polls.
///
/// An input never throws at its caller and never stops: what goes wrong is counted in ``health``,
/// told once as a notice, and the input goes on with what is left.
public protocol Input: AnyObject {
  /// The name of its configuration section, such as `host` in `[Input host]`.
  var name: String { get }
  /// How it is doing.
  var health: InputHealth { get }
  /// What a person should hear of since the last call, oldest first; empties the list.
  func drainNotices() -> [Notice]

  /// Reads what is there now and delivers it.
  ///
  /// Bounded work: at most some ten milliseconds, so that the agent's loop keeps turning.
  /// - Parameter now: the agent's clock; the time stamp of samples that carry none themselves.
  /// - Returns: whether more lies ready, so that the agent calls again at once.
  func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome

  /// What says that a poll would find something; nil where only time does.
  ///
  /// Looked at after each poll. The agent polls whenever the descriptor is readable or has hung up,
  /// and still from time to time.
  var readiness: InputReadiness? { get }

  /// What it needs to go on after a restart where it stopped, empty if nothing; opaque bytes,
  /// stored with the models so that both are of the same moment.
  func encodePosition() -> [UInt8]
  /// Goes on from a stored position; one that cannot be read is a notice and a fresh start.
  func restorePosition(_ bytes: [UInt8])

  /// Takes from an input that it replaces, and that is not polled any more, what that holds open
  /// and others are connected to; after its position was restored, before the first poll.
  func takeOver(from predecessor: any Input)
}

extension Input {
  /// Takes nothing.
  public func takeOver(from predecessor: any Input) {}
  /// Nothing: only time does.
  public var readiness: InputReadiness? { nil }
}

/// A descriptor that is readable when an input has something to deliver.
public struct InputReadiness: Equatable, Sendable {
  /// The descriptor; open until the poll after which another one, or none, is told.
  public var descriptor: Int32
  /// Another number for each opening, as the system gives out numbers of descriptors again.
  public var generation: Int

  /// `descriptor`, as it was opened for the `generation`th time.
  public init(descriptor: Int32, generation: Int) {
    self.descriptor = descriptor
    self.generation = generation
  }
}

/// Whether an input has more to deliver right now.
public enum PollOutcome: Equatable, Sendable {
  /// All that was there has been read.
  case drained
  /// The bound on one poll was reached first.
  case moreReady
}

/// The counters of one input, as `anomalyctl status` shows them.
public struct InputHealth: Equatable, Sendable {
  /// Samples delivered, gaps included.
  public var samples = 0
  /// Lines, rows or files that could not be understood.
  public var malformed = 0
  /// Values that were missing or not finite.
  public var gaps = 0
  /// Samples dropped because their metric was refused by a full registry.
  public var refused = 0
  /// What was dropped because its sender exceeded a limit: datagrams and lines.
  public var dropped = 0
  /// What was left out because it is no number by intent, such as a text beside numbers.
  public var skipped = 0
  /// The newest error, in words, nil if there never was one.
  public var lastError: String?
  /// When that was.
  public var lastErrorAt: Timestamp?
  /// Event time of the newest sample.
  public var lastSampleAt: Timestamp?
  /// Bytes that lie ready but are not read yet; nil where that has no meaning.
  public var lagBytes: Int?

  /// All zero.
  public init() {}
}
