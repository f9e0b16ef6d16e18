public import Config

/// `[Output NAME]` with `Type=terminal`.
public struct TerminalSection: OutputSection {
  /// `Type=`.
  public static let typeName = "terminal"
  /// What it is.
  public static let summary = "readable lines on standard output"
  /// The manual's introduction.
  public static let manual = "Readable lines on standard output, such as in the foreground."
  /// The keys.
  public static let keys: [Key<TerminalSection>] = [
    membersKey(\.members), heartbeatKey(\.heartbeat, "It is a line of text."),
  ]

  /// `Members=`.
  public var members = false
  /// `Heartbeat=`.
  public var heartbeat: Duration?

  /// The defaults.
  public init() {}

  /// The output `name`.
  public func make(name: String, in surroundings: OutputSurroundings) -> any Output {
    TerminalOutput(name: name, style: surroundings.style, clock: surroundings.clock)
  }

  /// There is one standard output.
  public func conflict(with earlier: TerminalSection) -> SectionConflict? {
    SectionConflict(key: "Type", reason: "both write to the terminal")
  }
}
