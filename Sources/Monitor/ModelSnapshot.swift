public import Series

/// A copy of what all metrics had learnt at one time, or some of them.
public struct ModelSnapshot: Codable, Equatable, Sendable {
  /// Why it was made.
  public enum Origin: String, Codable, CaseIterable, Sendable {
    /// At regular times.
    case schedule
    /// Because an incident opened.
    case incident
    /// By a user, who gave it its name; kept until it is deleted.
    case user
  }

  /// Its name.
  public var name: String
  /// Why it was made.
  public var origin: Origin
  /// The time of the state that it contains.
  public var made: Timestamp
  /// Its size.
  public var bytes: Int

  /// A snapshot.
  public init(name: String, origin: Origin, made: Timestamp, bytes: Int) {
    self.name = name
    self.origin = origin
    self.made = made
    self.bytes = bytes
  }
}
