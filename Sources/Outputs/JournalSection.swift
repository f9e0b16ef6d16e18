public import Config

/// `[Output NAME]` with `Type=journal`.
public struct JournalSection: OutputSection {
  /// `Type=`.
  public static let typeName = "journal"
  /// What it is.
  public static let summary = "the system's journal"
  /// The manual's introduction.
  public static let manual = "Structured entries in the system's journal."
  /// Incidents go to the journal unless outputs are configured.
  public static let defaultName: String? = "journal"
  /// The keys.
  public static let keys: [Key<JournalSection>] = [
    membersKey(\.members),
    heartbeatKey(\.heartbeat, "It is an entry of priority info."),
  ]

  /// `Members=`: they follow at a lower priority.
  public var members = true
  /// `Heartbeat=`.
  public var heartbeat: Duration?

  /// The defaults.
  public init() {}

  /// The output `name`.
  public func make(name: String, in surroundings: OutputSurroundings) -> any Output {
    JournalOutput(name: name, clock: surroundings.clock)
  }

  /// There is one journal.
  public func conflict(with earlier: JournalSection) -> SectionConflict? {
    SectionConflict(key: "Type", reason: "both write to the journal")
  }
}
