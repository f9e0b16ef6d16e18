/// How much of everything a control client may take.
public struct ControlLimits: Equatable, Sendable {
  /// Clients at a time; more are turned away at once.
  public var clients = 32
  /// The longest call in bytes.
  public var callBytes = 64 << 10
  /// Bytes of replies that wait for a client before no more of its calls are answered.
  public var queuedBytes = 256 << 10
  /// Metrics in one reply of a streamed list.
  public var metricsPerReply = 200
  /// Metrics in the only reply of a list that is not streamed.
  public var metricsInOneReply = 1000
  /// Time without a complete call after which a silent client is closed.
  public var silence = Duration.seconds(60)
  /// Time after which a client is closed that takes nothing of what waits for it.
  public var stall = Duration.seconds(10)
  /// The same where a reply is streamed: who pauses a pager comes back.
  public var streamStall = Duration.seconds(600)

  /// The usual limits.
  public init() {}
}

/// The counters of the control socket.
public struct ControlHealth: Equatable, Sendable {
  /// Clients connected now.
  public var clients = 0
  /// Clients taken since the start.
  public var accepted = 0
  /// Clients turned away because there were too many.
  public var turnedAway = 0
  /// Calls answered, errors included.
  public var calls = 0
  /// Calls answered with an error.
  public var errors = 0
  /// Clients closed by reason, those apart that went by themselves.
  public var closed: [ControlCloseReason: Int] = [:]

  /// All zero.
  public init() {}
}

/// Why the server closed a client.
public enum ControlCloseReason: Hashable, Sendable, CustomStringConvertible {
  /// The call is longer than ``ControlLimits/callBytes``.
  case oversize
  /// What it sent is no Varlink call, or ends in the middle of one.
  case malformed
  /// It called nothing for ``ControlLimits/silence``.
  case silent
  /// It took nothing for ``ControlLimits/stall``, or ``ControlLimits/streamStall``.
  case slow
  /// Reading or writing failed.
  case broken

  /// What it did.
  public var description: String {
    switch self {
    case .oversize: "its call is too long"
    case .malformed: "it sent something that is no Varlink call"
    case .silent: "it called nothing for too long"
    case .slow: "it does not read its replies"
    case .broken: "its connection broke"
    }
  }
}
