/// How an input is, in the words of tables and files.
public enum InputState: String, Codable, CaseIterable, Sendable {
  /// It delivers, or has nothing to deliver, and nothing has gone wrong lately.
  case ok
  /// It delivers, and some of what it reads has failed or made no sense in the last five minutes
  /// (or three intervals, if that is longer).
  case degraded
  /// The newest thing that happened to it is an error; nothing has come since.
  case failing
  /// It has delivered nothing for longer than `StallAfter=`: an event is open.
  case silent
}

/// How one input is.
public struct InputStatus: Codable, Equatable, Sendable {
  /// The name of its section, such as `host`.
  public var name: String
  /// What kind it is, such as `procfs` or `csv`.
  public var type: String
  /// What it reads, such as a path.
  public var source: String
  /// How it is now.
  public var state: InputState
  /// Samples delivered, gaps included.
  public var samples: Int
  /// Lines, rows or files that could not be understood.
  public var malformed: Int
  /// Values that were missing or not finite.
  public var gaps: Int
  /// Samples dropped because the table of metrics was full.
  public var refused: Int
  /// Datagrams and lines dropped because their sender exceeded a limit.
  public var dropped: Int
  /// Values left out because they are no numbers by intent, such as texts.
  public var skipped: Int
  /// The newest error in words.
  public var lastError: String?
  /// When that was.
  public var lastErrorAt: Moment?
  /// Event time of the newest sample.
  public var lastSampleAt: Moment?
  /// Seconds from that to now, by the daemon's clock.
  public let lastSampleAge: Double?
  /// When it last delivered something; nil if it did not since the daemon started.
  public var deliveredAt: Moment?
  /// Seconds without a sample after which it counts as silent; nil: never.
  public let stallAfter: Double?
  /// Bytes that lie ready but are not read yet; nil where that has no meaning.
  public var lagBytes: Int?

  /// An input with these facts.
  public init(
    name: String,
    type: String,
    source: String,
    state: InputState,
    samples: Int,
    malformed: Int,
    gaps: Int,
    refused: Int,
    dropped: Int = 0,
    skipped: Int = 0,
    lastError: String?,
    lastErrorAt: Moment?,
    lastSampleAt: Moment?,
    lastSampleAge: Double?,
    deliveredAt: Moment?,
    stallAfter: Double?,
    lagBytes: Int?
  ) {
    self.name = name
    self.type = type
    self.source = source
    self.state = state
    self.samples = samples
    self.malformed = malformed
    self.gaps = gaps
    self.refused = refused
    self.dropped = dropped
    self.skipped = skipped
    self.lastError = lastError
    self.lastErrorAt = lastErrorAt
    self.lastSampleAt = lastSampleAt
    self.lastSampleAge = finite(lastSampleAge)
    self.deliveredAt = deliveredAt
    self.stallAfter = finite(stallAfter)
    self.lagBytes = lagBytes
  }
}
