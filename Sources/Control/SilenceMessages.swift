/// A silence, as lists and `Status` show it.
public struct SilenceMessage: Codable, Equatable, Sendable {
  /// Where it stands.
  public enum State: String, Codable, CaseIterable, Sendable {
    /// It will hold later.
    case waiting
    /// It holds now.
    case active
    /// It is over for good.
    case ended
  }

  /// The name of its section, or a number.
  public var id: String
  /// Where it stands by the daemon's clock.
  public var state: State
  /// Patterns over names; empty for all metrics.
  public var metrics: [String]
  /// Whether outputs hear nothing of events that open in it.
  public var suppressesAlarms: Bool
  /// Whether detectors forget what they learn in it.
  public var suppressesLearning: Bool
  /// What for, in words.
  public var reason: String
  /// The calendar expressions of a configured one; empty for one that was called for.
  public var schedule: [String]
  /// When it last began, or begins next; nil where it never does.
  public var from: Moment?
  /// When it ends, or ended; nil where that is farther away than a year.
  public var until: Moment?
  /// The user that called for it; nil for one of the configuration.
  public var user: Int?
  /// When that was.
  public var added: Moment?
  /// Open events that outputs have not been told of because of it.
  public var heldEvents: Int

  /// A silence with these facts.
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

/// A silence that is called for: the parameters of `AddSilence`.
public struct SilenceRequest: Codable, Equatable, Sendable {
  /// Patterns over names; empty for all metrics.
  public var metrics: [String]
  /// When it begins; nil: now.
  public var from: Moment?
  /// How many seconds it lasts.
  public var seconds: Int
  /// Whether outputs are to hear nothing of events that open in it.
  public var suppressesAlarms: Bool
  /// Whether detectors are to forget what they learn in it.
  public var suppressesLearning: Bool
  /// What for, in words.
  public var reason: String

  /// A request for this.
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

/// What silences keep of detectors, to undo what they learn in them: a part of `Status`.
public struct KeptLearningStatus: Codable, Equatable, Sendable {
  /// Metrics whose earlier state is kept.
  public var metrics: Int
  /// What that takes.
  public var bytes: Int
  /// The most that it may take (`SilenceMemory=`).
  public var maximumBytes: Int
  /// Metrics that learn in a silence after all, because there was no memory left.
  public var refused: Int

  /// These numbers.
  public init(metrics: Int, bytes: Int, maximumBytes: Int, refused: Int) {
    self.metrics = metrics
    self.bytes = bytes
    self.maximumBytes = maximumBytes
    self.refused = refused
  }
}
