/// A silence in lists and `Status`.
public struct SilenceMessage: Codable, Equatable, Sendable {
  /// Its state.
  public enum State: String, Codable, CaseIterable, Sendable {
    /// Upcoming.
    case waiting
    /// Active.
    case active
    /// Over for good.
    case ended
  }

  /// The name of its section, or a number.
  public var id: String
  /// Its state by the daemon's clock.
  public var state: State
  /// Patterns of metric names; empty for all metrics.
  public var metrics: [String]
  /// Whether it mutes events that open in it.
  public var suppressesAlarms: Bool
  /// Whether detectors forget what they learn in it.
  public var suppressesLearning: Bool
  /// The reason.
  public var reason: String
  /// The calendar expressions of a configured one; empty for an added one.
  public var schedule: [String]
  /// When it last began, or begins next; nil if it never does.
  public var from: Moment?
  /// When it ends, or ended; nil if that is more than a year away.
  public var until: Moment?
  /// The user who added it; nil for a configured one.
  public var user: Int?
  /// When it was added.
  public var added: Moment?
  /// Open events that it mutes.
  public var heldEvents: Int

  /// Creates a silence.
  public init(
    id: String,
    state: State,
    metrics: [String],
    suppressesAlarms: Bool,
    suppressesLearning: Bool,
    reason: String,
    schedule: [String],
    from: Moment?,
    until: Moment?,
    user: Int?,
    added: Moment?,
    heldEvents: Int
  ) {
    self.id = id
    self.state = state
    self.metrics = metrics
    self.suppressesAlarms = suppressesAlarms
    self.suppressesLearning = suppressesLearning
    self.reason = reason
    self.schedule = schedule
    self.from = from
    self.until = until
    self.user = user
    self.added = added
    self.heldEvents = heldEvents
  }
}

/// A silence to be added: the parameters of `AddSilence`.
public struct SilenceRequest: Codable, Equatable, Sendable {
  /// Patterns of metric names; empty for all metrics.
  public var metrics: [String]
  /// When it begins; nil: now.
  public var from: Moment?
  /// Its duration in seconds.
  public var seconds: Int
  /// Whether it mutes events that open in it.
  public var suppressesAlarms: Bool
  /// Whether detectors forget what they learn in it.
  public var suppressesLearning: Bool
  /// The reason.
  public var reason: String

  /// Creates a request.
  public init(
    metrics: [String],
    from: Moment?,
    seconds: Int,
    suppressesAlarms: Bool,
    suppressesLearning: Bool,
    reason: String
  ) {
    self.metrics = metrics
    self.from = from
    self.seconds = seconds
    self.suppressesAlarms = suppressesAlarms
    self.suppressesLearning = suppressesLearning
    self.reason = reason
  }
}

extension SilenceRequest: CallParameters {
  static let names: Set<String> = [
    "metrics", "from", "seconds", "suppressesAlarms", "suppressesLearning", "reason",
  ]
}

struct RemoveSilenceParameters: CallParameters {
  static let names: Set<String> = ["id"]
  var id: String
}

struct SilenceReply: Codable {
  var silence: SilenceMessage
}

struct SilencesReply: Codable {
  var silences: [SilenceMessage]
}

/// Detector snapshots kept to undo learning in silences: a part of `Status`.
public struct KeptLearningStatus: Codable, Equatable, Sendable {
  /// Metrics with a snapshot.
  public var metrics: Int
  /// Their size.
  public var bytes: Int
  /// The maximum size (`SilenceMemory=`).
  public var maximumBytes: Int
  /// Metrics that keep learning in a silence because there was no memory left.
  public var refused: Int

  /// Creates a status.
  public init(metrics: Int, bytes: Int, maximumBytes: Int, refused: Int) {
    self.metrics = metrics
    self.bytes = bytes
    self.maximumBytes = maximumBytes
    self.refused = refused
  }
}
