public import Series

/// The state of an input.
public enum InputState: String, Codable, CaseIterable, Sendable {
  /// It delivers, or has nothing to deliver, without recent errors.
  case ok
  /// It delivers, but some of its input in the last five minutes (or three intervals, if that is
  /// longer) failed or was malformed.
  case degraded
  /// Nothing has arrived since its last error.
  case failing
  /// It has stalled: nothing was delivered for longer than `StallAfter=`, and an event is open.
  case silent
}

/// One input.
public struct InputStatus: Codable, Equatable, Sendable {
  /// The name of its section, such as `host`.
  public var name: String
  /// Its type, such as `procfs` or `csv`.
  public var type: String
  /// Its source, such as a path.
  public var source: String
  /// Its current state.
  public var state: InputState
  /// Samples delivered, gaps included.
  public var samples: Int
  /// Malformed lines, rows or files.
  public var malformed: Int
  /// Values that were missing or not finite.
  public var gaps: Int
  /// Samples dropped because the table of metrics was full.
  public var refused: Int
  /// Datagrams and lines dropped because their sender exceeded a limit.
  public var dropped: Int
  /// Values ignored because they are intentionally not numbers, such as text.
  public var skipped: Int
  /// The last error.
  public var lastError: String?
  /// Its time.
  public var lastErrorAt: Timestamp?
  /// Event time of the latest sample.
  public var lastSampleAt: Timestamp?
  /// Its age in seconds, by the daemon's clock.
  public let lastSampleAge: Double?
  /// When it last delivered something; nil if it has not since the daemon started.
  public var deliveredAt: Timestamp?
  /// Seconds without a sample after which it counts as stalled; nil: never.
  public let stallAfter: Double?
  /// Available bytes that have not been read yet; nil if not applicable.
  public var lagBytes: Int?

  /// Creates a status.
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
    lastErrorAt: Timestamp?,
    lastSampleAt: Timestamp?,
    lastSampleAge: Double?,
    deliveredAt: Timestamp?,
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
    self.lastSampleAge = lastSampleAge?.ifFinite
    self.deliveredAt = deliveredAt
    self.stallAfter = stallAfter?.ifFinite
    self.lagBytes = lagBytes
  }
}
