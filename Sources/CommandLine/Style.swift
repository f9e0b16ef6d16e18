/// Colour and weight of text on a terminal; a no-op if disabled.
public struct Style: Sendable, Equatable {
  /// Whether escape sequences are written.
  public let isEnabled: Bool

  /// Plain text.
  public static let plain = Style(isEnabled: false)

  /// A style that writes escape sequences or not.
  public init(isEnabled: Bool) {
    self.isEnabled = isEnabled
  }

  /// Colours on a terminal, unless `NO_COLOR` is set and not empty (no-color.org) or `TERM` is
  /// `dumb`.
  /// - Parameter environment: looks up a variable, nil if it is not set.
  public init(isTerminal: Bool, environment: (String) -> String?) {
    let refused = !(environment("NO_COLOR") ?? "").isEmpty || environment("TERM") == "dumb"
    isEnabled = isTerminal && !refused
  }

  /// What a piece of text signals to the reader.
  public enum Tint: Sendable, Equatable {
    /// All is well.
    case good
    /// Deserves attention.
    case warning
    /// Wrong.
    case bad
    /// A heading.
    case strong
    /// Of little importance.
    case faint

    var code: String {
      switch self {
      case .good: "32"
      case .warning: "33"
      case .bad: "1;31"
      case .strong: "1"
      case .faint: "2"
      }
    }
  }

  /// `text` in a tint, or plain.
  public func tinted(_ text: String, _ tint: Tint?) -> String {
    guard isEnabled, let tint, !text.isEmpty else { return text }
    return "\u{1B}[\(tint.code)m\(text)\u{1B}[0m"
  }

  /// `text` with its colours reversed, for the marked line of a list.
  public func reversed(_ text: String) -> String {
    isEnabled ? "\u{1B}[7m\(text)\u{1B}[0m" : text
  }

  /// `text` as a heading.
  public func bold(_ text: String) -> String { tinted(text, .strong) }
  /// `text` of little importance.
  public func faint(_ text: String) -> String { tinted(text, .faint) }
  /// `text` signalling that all is well.
  public func good(_ text: String) -> String { tinted(text, .good) }
  /// `text` that deserves attention.
  public func warning(_ text: String) -> String { tinted(text, .warning) }
  /// `text` signalling a fault.
  public func bad(_ text: String) -> String { tinted(text, .bad) }
}
