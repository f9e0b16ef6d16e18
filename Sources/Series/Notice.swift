/// Something about an input or an output that a person should hear of once.
public struct Notice: Equatable, Sendable {
  /// How much it matters.
  public enum Severity: Equatable, Sendable {
    /// Worth knowing.
    case info
    /// Something is wrong; the rest goes on.
    case warning
  }

  /// How much it matters.
  public var severity: Severity
  /// What was expected, what was found, where (file and line), and what happens next.
  public var text: String

  /// A notice of `text`.
  public init(_ severity: Severity, _ text: String) {
    self.severity = severity
    self.text = text
  }
}
