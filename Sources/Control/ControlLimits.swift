/// The limits of control clients.
public struct ControlLimits: Equatable, Sendable {
  /// Concurrent clients; further ones are rejected at once.
  public var clients = 32
  /// The longest call in bytes.
  public var callBytes = 64 << 10
  /// Pending reply bytes from which on no more calls of a client are answered.
  public var queuedBytes = 256 << 10
  /// Metrics per reply of a streamed list.
  public var metricsPerReply = 200
  /// Metrics in the only reply of a list that is not streamed.
  public var metricsInOneReply = 1000
  /// Time without a complete call after which an idle client is closed.
  public var silence = Duration.seconds(60)
  /// Time after which a client that does not read pending output is closed.
  public var stall = Duration.seconds(10)
  /// The same for a streamed reply, because a user may pause a pager.
  public var streamStall = Duration.seconds(600)

  /// The defaults.
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
  /// Clients closed by reason, except those that disconnected themselves.
  public var closed: [ControlCloseReason: Int] = [:]

  /// All zero.
  public init() {}
}

/// Why the server closed a client.
public enum ControlCloseReason: Hashable, Sendable, CustomStringConvertible {
  /// The call is longer than ``ControlLimits/callBytes``.
  case oversize
  /// It sent no Varlink call, or an incomplete one.
  case malformed
  /// It made no call for ``ControlLimits/silence``.
  case silent
  /// It read nothing for ``ControlLimits/stall``, or ``ControlLimits/streamStall``.
  case slow
  /// Reading or writing failed.
  case broken

  /// A description.
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
