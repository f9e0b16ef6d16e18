public import Series

/// Something that keeps the daemon from working in full.
///
/// One list of them serves everything that speaks of the daemon's health: `anomalyctl status` and
/// `doctor`, the text shown by `systemctl status`, the journal and OpenMetrics. A problem is
/// recognised by ``key``; its sentence may change while it lasts.
public struct Problem: Codable, Equatable, Sendable {
  /// What is affected.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// An input does not deliver, or only in part.
    case input
    /// Reading does not keep up with what arrives.
    case lag
    /// The daemon does not run when it should.
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
    /// Thresholds are far above what is configured, because the alarm budget is overdrawn.
    case budget
    /// Clients of the control socket are rejected.
    case control
    /// Silences do not do what they are configured for.
    case silences
    /// The metrics file cannot be written.
    case textfile
    /// The state cannot be saved.
    case state
    /// Events cannot be recorded.
    case history
    /// Saved state was not restored in full.
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
  /// Occurrences since the start, of what is counted; nil for a state.
  public var count: Int?
  /// When it began; nil if that is not known.
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

  /// What makes it the same problem as an earlier one.
  public struct Key: Hashable, Sendable {
    /// What is affected.
    public var kind: Kind
    /// The affected part.
    public var subject: String
  }

  /// What makes it the same problem as an earlier one.
  public var key: Key { Key(kind: kind, subject: subject) }
  /// Subject and sentence.
  public var text: String { "\(subject): \(sentence)" }
}
