/// What a command accepts and does: the source of its parser and of its `--help`.
public struct Usage: Sendable {
  /// The words that invoke it, such as `anomalyctl status`.
  public var command: String
  /// What it does, on one line without a full stop.
  public var summary: String
  /// Paragraphs for `--help`, between the synopsis and the options; may be empty.
  public var details: String
  /// Positional arguments in order; at most the last one may repeat.
  public var arguments: [Argument]
  /// Options; `--help` is added by the parser.
  public var options: [Option]
  /// Example command lines.
  public var examples: [Example]
  /// What `--json` prints: its fields, or the types of io.anomalyd(7) that have them; empty for a
  /// command without that option.
  public var json: String
  /// What each exit code means.
  public var exitCodes: [ExitCode]

  /// Creates a usage.
  public init(
    command: String,
    summary: String,
    details: String = "",
    arguments: [Argument] = [],
    options: [Option] = [],
    examples: [Example] = [],
    json: String = "",
    exitCodes: [ExitCode] = ExitCode.usual
  ) {
    self.command = command
    self.summary = summary
    self.details = details
    self.arguments = arguments
    self.options = options
    self.examples = examples
    self.json = json
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

  /// A command line with a description.
  public struct Example: Sendable {
    /// The line to type.
    public var line: String
    /// What it does.
    public var meaning: String

    /// Creates an example.
    public init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// The meaning of an exit code.
  public struct ExitCode: Sendable {
    /// 0...255.
    public var code: Int32
    /// When it is returned.
    public var meaning: String

    /// Creates an exit code.
    public init(_ code: Int32, _ meaning: String) {
      self.code = code
      self.meaning = meaning
    }

    /// The command failed.
    public static let failure = ExitCode(1, "failure, reported on standard error")
    /// The command line is invalid.
    public static let wrongUsage = ExitCode(2, "wrong usage")
    /// The configuration is invalid (EX_CONFIG of sysexits.h).
    public static let invalidConfiguration = ExitCode(78, "invalid configuration")
    /// The three exit codes that every command has.
    public static let usual = [ExitCode(0, "success"), failure, wrongUsage]
  }
}

extension Usage {
  /// The synopsis line.
  public var synopsis: String {
    var words = [command]
    if !options.isEmpty { words.append("[OPTION...]") }
    for argument in arguments {
      switch argument.count {
      case .one: words.append(argument.name)
      case .optional: words.append("[\(argument.name)]")
      case .oneOrMore: words.append("\(argument.name)...")
      case .any: words.append("[\(argument.name)...]")
      }
    }
    return words.joined(separator: " ")
  }

  /// The text of `--help`, wrapped to `width` columns, ending in a newline.
  /// - Parameter subcommands: names and summaries, listed if the command has any.
  public func help(
    width: Int = 80,
    style: Style = .plain,
    subcommands: [(name: String, summary: String)] = []
  ) -> String {
    var lines = ["\(style.bold("Usage:")) \(synopsis)", ""]
    lines += Layout.wrap(summary + ".", width: width)
    for paragraph in details.split(separator: "\n\n") {
      lines.append("")
      lines += Layout.wrap(paragraph.split(separator: "\n").joined(separator: " "), width: width)
    }
    func section(_ title: String, _ entries: [(String, String)]) {
      guard !entries.isEmpty else { return }
      lines += ["", style.bold(title)]
      lines += Layout.definitions(entries, width: width)
    }
    section("Commands:", subcommands.map { ($0.name, $0.summary) })
    section("Arguments:", arguments.map { ($0.name, $0.help) })
    let help = Option.flag("help", short: "h", help: "Print this help and exit")
    section("Options:", (options + [help]).map { (aligned($0), $0.help) })
    if !json.isEmpty {
      lines += ["", style.bold("JSON:")] + Layout.wrap(json, width: width - 2).map { "  " + $0 }
    }
    if !examples.isEmpty {
      lines += ["", style.bold("Examples:")]
      for example in examples {
        lines.append("  " + example.line)
        lines += Layout.wrap(example.meaning, width: width - 6).map { "      " + $0 }
      }
    }
    section("Exit codes:", exitCodes.map { (String($0.code), $0.meaning) })
    return lines.joined(separator: "\n") + "\n"
  }

  private func aligned(_ option: Option) -> String {
    option.short == nil ? "    " + option.spelling : option.spelling
  }
}

/// Why a command line could not be parsed.
public enum UsageError: Error, Equatable, CustomStringConvertible {
  /// There is no such option; `suggestion` is the nearest one.
  case unknownOption(String, suggestion: String?)
  /// An option that needs a value is the last word of the line.
  case missingValue(option: String, expected: String)
  /// A flag was given a value, as in `--json=yes`.
  case unexpectedValue(option: String, value: String)
  /// The value of an option or argument is not acceptable.
  case invalidValue(of: String, value: String, expected: String, suggestion: String?)
  /// An option that may be given once is repeated.
  case repeatedOption(String)
  /// A positional argument is missing.
  case missingArgument(String)
  /// There is one positional argument too many.
  case unexpectedArgument(String)
  /// There is no such subcommand; `suggestion` is the nearest one.
  case unknownCommand(String, suggestion: String?)
  /// Two options exclude each other, or one requires another; the sentence says which.
  case conflict(String)

  /// One sentence for the user: the word, what was expected, and a suggestion.
  public var description: String {
    switch self {
    case .unknownOption(let word, let suggestion):
      "unknown option '\(word)'" + UsageError.hint(suggestion)
    case .missingValue(let option, let expected):
      "option '\(option)' requires a value: \(expected)"
    case .unexpectedValue(let option, let value):
      "option '\(option)' takes no value, found '\(value)'"
    case .invalidValue(let name, let value, let expected, let suggestion):
      "'\(value)' is not a valid value for \(name): expected \(expected)"
        + UsageError.hint(suggestion)
    case .repeatedOption(let option):
      "option '\(option)' may be given only once"
    case .missingArgument(let name):
      "missing argument \(name)"
    case .unexpectedArgument(let word):
      "unexpected argument '\(word)'"
    case .unknownCommand(let word, let suggestion):
      "unknown command '\(word)'" + UsageError.hint(suggestion)
    case .conflict(let sentence):
      sentence
    }
  }

  private static func hint(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean '\($0)'?" } ?? ""
  }
}
