import Calendar
public import Monitor
public import Series

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
  /// Whether learning during it is undone.
  public var suppressesLearning: Bool
  /// The reason.
  public var reason: String
  /// The calendar expressions of a configured one; empty for an added one.
  public var schedule: [String]
  /// When it last began, or begins next; nil if it never does.
  public var from: Timestamp?
  /// When it ends, or ended; nil if that is more than a year away.
  public var until: Timestamp?
  /// The user who added it; nil for a configured one.
  public var user: Int?
  /// When it was added.
  public var added: Timestamp?
  /// Open events that it mutes.
  public var heldEvents: Int

  /// A silence as it is at a given time.
  /// - Parameters:
  ///   - book: where it is kept.
  ///   - heldEvents: the number of open events that it mutes.
  package init(_ silence: Silence, in book: SilenceBook, at now: Timestamp, heldEvents: Int) {
    let (period, end) = book.outlook(of: silence, at: now)
    id = silence.id
    state = period.isActive ? .active : period.until == .latest ? .ended : .waiting
    metrics = silence.metrics.map(\.text)
    suppressesAlarms = silence.suppressesAlarms
    suppressesLearning = silence.suppressesLearning
    reason = silence.reason
    schedule = []
    self.heldEvents = heldEvents
    if case .call(let user, let moment) = silence.origin {
      (self.user, added) = (Int(user), moment)
    }
    switch silence.times {
    case .once(let from, let until): (self.from, self.until) = (from, until)
    case .recurring(let expressions, let duration):
      schedule = expressions.map(\.description)
      if period.isActive {
        (from, until) = (period.from, end)
      } else if period.until != .latest {
        (from, until) = (period.until, period.until.advanced(by: duration))
      }
    }
  }
}

/// A silence to be added: the parameters of `AddSilence`.
public struct SilenceRequest: Codable, Equatable, Sendable {
  /// Patterns of metric names; empty for all metrics.
  public var metrics: [String]
  /// When it begins; nil: now.
  public var from: Timestamp?
  /// Its duration in seconds.
  public var seconds: Int
  /// Whether it mutes events that open in it.
  public var suppressesAlarms: Bool
  /// Whether learning during it is undone.
  public var suppressesLearning: Bool
  /// The reason.
  public var reason: String

  /// Creates a request.
  public init(
    metrics: [String],
    from: Timestamp?,
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

/// Detector states saved to undo learning in silences: a part of `Status`.
public struct KeptLearningStatus: Codable, Equatable, Sendable {
  /// Metrics with a snapshot.
  public var metrics: Int
  /// Their size.
  public var bytes: Int
  /// The maximum size (`SilenceMemory=`).
  public var maximumBytes: Int
  /// Metrics that keep learning in a silence because there was no memory left.
  public var refused: Int

  /// Those of a monitor.
  public init(_ monitor: HostMonitor) {
    metrics = monitor.learningSnapshots.metrics
    bytes = monitor.learningSnapshots.bytes
    maximumBytes = monitor.limits.silenceBytes
    refused = monitor.learningRegardless
  }
}
