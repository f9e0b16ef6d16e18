public import Series

/// A copy of the learnt state of all metrics, or some of them, at one time.
public struct ModelSnapshot: Codable, Equatable, Sendable {
  /// Why it was made.
  public enum Origin: String, Codable, CaseIterable, Sendable {
    /// Scheduled.
    case schedule
    /// Because an incident opened.
    case incident
    /// On behalf of a user, who named it; kept until it is deleted.
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
