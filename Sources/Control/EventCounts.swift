/// Steps in the life of events of one severity since the start of the daemon.
public struct EventCounts: Codable, Equatable, Sendable {
  /// `info`, `warning`, `error` or `critical`, as it was at the step.
  public var severity: String
  /// Openings that outputs were told of.
  public var opened: Int
  /// Updates of open ones.
  public var updated: Int
  /// Events that closed.
  public var closed: Int
  /// Steps of all three kinds that outputs were not told of, because of a silence.
  public var silenced: Int

  /// These counts.
  public init(severity: String, opened: Int, updated: Int, closed: Int, silenced: Int) {
    self.severity = severity
    self.opened = opened
    self.updated = updated
    self.closed = closed
    self.silenced = silenced
  }
}

/// How the file of metrics for node_exporter is: a part of `Status`.
public struct TextfileStatus: Codable, Equatable, Sendable {
  /// The file.
  public var path: String
  /// When it was last written; nil before that.
  public var writtenAt: Moment?
  /// Why the newest attempt failed; nil if it did not.
  public var lastError: String?

  /// A file in this state.
  public init(path: String, writtenAt: Moment?, lastError: String?) {
    self.path = path
    self.writtenAt = writtenAt
    self.lastError = lastError
  }
}
