/// The limits of control clients.
public struct ControlLimits: Equatable, Sendable {
  /// Clients at a time; more are rejected.
  public var clients = 32
  /// Clients per user at a time, except for root and the daemon's own user.
  public var clientsPerUser = 8
  /// How many of ``clients`` are reserved for users who may make changes.
  public var reservedClients = 4
  /// The longest call in bytes: the state of a trace to be imported takes some 150,000.
  public var callBytes = 256 << 10
  /// Bytes of queued replies above which no more of a client's calls are answered.
  public var queuedBytes = 256 << 10
  /// Metrics per reply of a streamed list.
  public var metricsPerReply = 200
  /// Metrics in the only reply of a list that is not streamed.
  public var metricsInOneReply = 1000
  /// Time without a complete call after which an idle client is disconnected.
  public var silence = Duration.seconds(60)
  /// Time after which a client that does not read its replies is disconnected.
  public var stall = Duration.seconds(10)
  /// The same while a reply is streamed: a user who pauses a pager may come back.
  public var streamStall = Duration.seconds(600)

  /// The default limits.
  public init() {}
}

/// The counters of the control socket.
public struct ControlHealth: Equatable, Sendable {
  /// Clients connected now.
  public var clients = 0
  /// Clients accepted since the start.
  public var accepted = 0
  /// Clients rejected because there were too many.
  public var turnedAway = 0
  /// Calls answered, errors included.
  public var calls = 0
  /// Calls answered with an error.
  public var errors = 0
  /// Disconnected clients by reason, without those that left by themselves.
  public var closed: [ControlCloseReason: Int] = [:]

  /// All zero.
  public init() {}
}

/// Why the server disconnected a client.
public enum ControlCloseReason: Hashable, Sendable, CustomStringConvertible {
  /// The call is longer than ``ControlLimits/callBytes``.
  case oversize
  /// It sent something other than a Varlink call, or ended in the middle of one.
  case malformed
  /// It made no call for ``ControlLimits/silence``.
  case silent
  /// It read nothing for ``ControlLimits/stall``, or ``ControlLimits/streamStall``.
  case slow
  /// Reading or writing failed.
  case broken

  /// The reason, as text.
  public var description: String {
    switch self {
    case .oversize: "its call is too long"
    case .malformed: "it sent something other than a Varlink call"
    case .silent: "it was idle for too long"
    case .slow: "it does not read its replies"
    case .broken: "its connection broke"
    }
  }
}

/// Notices of the server: each kind immediately, then as a count, at most once a minute, so that a
/// client cannot flood the log.
struct ControlNotices {
  /// What can happen.
  enum Kind: Hashable {
    /// A client was rejected because its user, or all users together, had too many connections.
    case rejected
    /// A client was disconnected.
    case closed(ControlCloseReason)
    /// No client can be accepted.
    case cannotAccept

    fileprivate var plural: String {
      switch self {
      case .rejected: "control clients rejected because too many were connected"
      case .closed(let reason): "control clients disconnected (\(reason))"
      case .cannotAccept: "failed attempts to accept a control client"
      }
    }
  }

  private struct State {
    var reported: Duration
    var unreported = 0
  }

  private static let pause = Duration.seconds(60)
  private var states: [Kind: State] = [:]
  private var texts: [String] = []

  /// Counts one occurrence; its text is used if it is the first within a minute.
  mutating func add(_ kind: Kind, now: Duration, _ text: @autoclosure () -> String) {
    if states[kind] != nil {
      states[kind]?.unreported += 1
    } else {
      states[kind] = State(reported: now)
      texts.append(text())
    }
  }

  /// Reports the occurrences of the last minute; call it about once a second.
  mutating func settle(now: Duration) {
    for (kind, state) in states where now - state.reported >= ControlNotices.pause {
      if state.unreported > 0 {
        texts.append("\(state.unreported) more \(kind.plural) in the last minute")
        states[kind] = State(reported: now)
      } else {
        states[kind] = nil
      }
    }
  }

  /// The notices since the last call, oldest first; empties the list.
  mutating func drain() -> [String] {
    defer { texts = [] }
    return texts
  }
}
