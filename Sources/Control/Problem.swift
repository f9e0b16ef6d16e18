public import Series

/// A condition that keeps the daemon from working fully.
///
/// One list of them serves everything that reports the daemon's health: `anomalyctl status` and
/// `doctor`, the text shown by `systemctl status`, the journal and OpenMetrics. A problem is
/// identified by ``key``; its sentence may change while it lasts.
public struct Problem: Codable, Equatable, Sendable {
  /// What is affected.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// An input does not deliver, or only partly.
    case input
    /// Reading does not keep up with arriving data.
    case lag
    /// The daemon is not scheduled when it should be.
    case delay
    /// Data or events are dropped.
    case loss
    /// A trained model lacks columns or rows.
    case model
    /// An output or its endpoint does not accept events.
    case output
    /// A new configuration was refused.
    case configuration
    /// New metrics are refused.
    case metrics
    /// Thresholds are far above the configured level, because the alarm budget is overdrawn.
    case budget
    /// Clients of the control socket are rejected.
    case control
    /// Silences do not work as configured.
    case silences
    /// The metrics file cannot be written.
    case textfile
    /// The state cannot be saved.
    case state
    /// Events cannot be recorded.
    case history
    /// Saved state was not restored completely.
    case restore
  }

  /// What is affected.
  public var kind: Kind
  /// The affected part, such as `input furnace`.
  public var subject: String
  /// What is wrong with it, without the subject.
  public var sentence: String
  /// What a user can do about it.
  public var remedy: String
  /// Occurrences since the start, for counted problems; nil for a state.
  public var count: Int?
  /// When it began; nil if unknown.
  public var since: Timestamp?

  /// A problem that begins now.
  public init(
    _ kind: Kind, _ subject: String, _ sentence: String, remedy: String, count: Int? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.sentence = sentence
    self.remedy = remedy
    self.count = count
  }

  /// Identifies the same problem across surveys.
  public struct Key: Hashable, Sendable {
    /// What is affected.
    public var kind: Kind
    /// The affected part.
    public var subject: String
  }

  /// Identifies the same problem across surveys.
  public var key: Key { Key(kind: kind, subject: subject) }
  /// Subject and sentence.
  public var text: String { "\(subject): \(sentence)" }
}
