/// Event steps of one severity since the daemon started.
public struct EventCounts: Codable, Equatable, Sendable {
  /// `info`, `warning`, `error` or `critical`, as it was at the step.
  public var severity: String
  /// Openings that outputs were notified of.
  public var opened: Int
  /// Updates of open ones.
  public var updated: Int
  /// Closes.
  public var closed: Int
  /// Muted steps of all three kinds.
  public var silenced: Int

  /// Creates counts.
  public init(severity: String, opened: Int, updated: Int, closed: Int, silenced: Int) {
    self.severity = severity
    self.opened = opened
    self.updated = updated
    self.closed = closed
    self.silenced = silenced
  }
}

/// The metrics file for node_exporter: a part of `Status`.
public struct TextfileStatus: Codable, Equatable, Sendable {
  /// The file.
  public var path: String
  /// When it was last written; nil before that.
  public var writtenAt: Moment?
  /// Why the last attempt failed; nil if it did not.
  public var lastError: String?

  /// Creates a status.
  public init(path: String, writtenAt: Moment?, lastError: String?) {
    self.path = path
    self.writtenAt = writtenAt
    self.lastError = lastError
  }
}
