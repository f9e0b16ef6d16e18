/// The counters of the control socket.
public struct ControlStatus: Codable, Equatable, Sendable {
  /// Clients connected now, including the caller.
  public var clients: Int
  /// Clients accepted since the start.
  public var accepted: Int
  /// Clients rejected because there were too many.
  public var turnedAway: Int
  /// Calls answered, errors included.
  public var calls: Int
  /// Calls answered with an error.
  public var errors: Int
  /// Clients disconnected because they exceeded a limit or violated the protocol.
  public var closed: Int

  /// These counters.
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

  /// The counters of a server.
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
