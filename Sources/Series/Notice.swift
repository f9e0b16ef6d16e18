/// A message for the user about an input or an output, issued once.
public struct Notice: Equatable, Sendable {
  /// Its severity.
  public enum Severity: Equatable, Sendable {
    /// Informational.
    case info
    /// Something is wrong; everything else continues.
    case warning
  }

  /// Its severity.
  public var severity: Severity
  /// What was expected, what was found, where (file and line), and what happens next.
  public var text: String

  /// A notice of `text`.
  public init(_ severity: Severity, _ text: String) {
    self.severity = severity
    self.text = text
  }
}
