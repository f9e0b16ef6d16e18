/// How the control socket is.
public struct ControlStatus: Codable, Equatable, Sendable {
  /// Clients connected now, who asks included.
  public var clients: Int
  /// Clients taken since the start.
  public var accepted: Int
  /// Clients turned away because there were too many.
  public var turnedAway: Int
  /// Calls answered, errors included.
  public var calls: Int
  /// Calls answered with an error.
  public var errors: Int
  /// Clients that were closed because they broke a limit or the protocol.
  public var closed: Int

  /// A socket with these counters.
  public init(
    clients: Int,
    accepted: Int,
    turnedAway: Int,
    calls: Int,
    errors: Int,
    closed: Int
  ) {
    self.clients = clients
    self.accepted = accepted
    self.turnedAway = turnedAway
    self.calls = calls
    self.errors = errors
    self.closed = closed
  }

  /// A socket whose server counts this.
  public init(_ health: ControlHealth) {
    self.init(
      clients: health.clients,
      accepted: health.accepted,
      turnedAway: health.turnedAway,
      calls: health.calls,
      errors: health.errors,
      closed: health.closed.values.reduce(0, +)
    )
  }
}
