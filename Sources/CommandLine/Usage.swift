/// What a command takes and does: the source of its parser and of its `--help`.
public struct Usage: Sendable {
  /// The words that call it, such as `anomalyctl status`.
  public var command: String
  /// What it does, one line without a full stop.
  public var summary: String
  /// Paragraphs for `--help`, between the synopsis and the options; may be empty.
  public var details: String
  /// Positional arguments in order; at most the last one may repeat.
  public var arguments: [Argument]
  /// Options; `--help` is added by the parser.
  public var options: [Option]
  /// Command lines worth copying.
  public var examples: [Example]
  /// What each exit code means.
  public var exitCodes: [ExitCode]

  /// A command with these parts.
  public init(
    command: String,
    summary: String,
    details: String = "",
    arguments: [Argument] = [],
    options: [Option] = [],
    examples: [Example] = [],
    exitCodes: [ExitCode] = ExitCode.usual
  ) {
    self.command = command
    self.summary = summary
    self.details = details
    self.arguments = arguments
    self.options = options
    self.examples = examples
    self.exitCodes = exitCodes
  }

  /// A positional argument.
  public struct Argument: Sendable {
    /// How often it may appear.
    public enum Count: Sendable {
      /// Exactly once.
      case one
      /// Once or not at all.
      case optional
      /// Once or more, the last argument only.
      case oneOrMore
      /// Any number, the last argument only.
      case any
    }

    /// Its name in capitals, such as `METRIC`.
    public var name: String
    /// How often it may appear.
    public var count: Count
    /// What it is, one line.
    public var help: String

    /// An argument called `name`.
    public init(_ name: String, _ count: Count = .one, help: String) {
      self.name = name
      self.count = count
      self.help = help
    }
  }

  /// A command line with what it does.
  public struct Example: Sendable {
    /// The line to type.
    public var line: String
    /// What comes of it.
    public var meaning: String

    /// `line` does what `meaning` says.
    public init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// What a number returned to the shell means.
  public struct ExitCode: Sendable {
    /// 0...255.
    public var code: Int32
    /// When it is returned.
    public var meaning: String

    /// `code` is returned when `meaning`.
    public init(_ code: Int32, _ meaning: String) {
      self.code = code
      self.meaning = meaning
    }

    /// The three that every command has.
    public static let usual = [
      ExitCode(0, "success"),
      ExitCode(1, "failure, told on standard error"),
      ExitCode(2, "wrong usage"),
    ]
  }
}
