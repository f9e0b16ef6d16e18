/// One option of a command, such as `--json` or `--socket PATH`.
public struct Option: Sendable, Equatable {
  /// What follows the option.
  public enum Kind: Sendable, Equatable {
    /// Nothing.
    case flag
    /// A value, described by a word in capitals; given at most once.
    case value(String)
    /// A value; the option may be repeated.
    case repeated(String)
    /// One of these words; given at most once.
    case choice([String])
  }

  /// Its long name without dashes.
  public var name: String
  /// Its short form, such as `j` for `-j`.
  public var short: Character?
  /// What follows it.
  public var kind: Kind
  /// What it does, on one line, including the default if there is one.
  public var help: String

  /// Creates an option.
  public init(_ name: String, short: Character? = nil, _ kind: Kind, help: String) {
    self.name = name
    self.short = short
    self.kind = kind
    self.help = help
  }

  /// An option without a value.
  public static func flag(_ name: String, short: Character? = nil, help: String) -> Option {
    Option(name, short: short, .flag, help: help)
  }

  /// An option with one value.
  public static func value(
    _ name: String,
    short: Character? = nil,
    _ placeholder: String,
    help: String
  ) -> Option {
    Option(name, short: short, .value(placeholder), help: help)
  }

  /// An option that may be repeated, each time with a value.
  public static func repeated(
    _ name: String,
    short: Character? = nil,
    _ placeholder: String,
    help: String
  ) -> Option {
    Option(name, short: short, .repeated(placeholder), help: help)
  }

  /// An option whose value is one of several words.
  public static func choice(
    _ name: String,
    short: Character? = nil,
    _ words: [String],
    help: String
  ) -> Option {
    Option(name, short: short, .choice(words), help: help)
  }

  /// The option as shown by `--help`, such as `-s, --socket PATH`.
  public var spelling: String {
    let long = placeholder.map { "--\(name) \($0)" } ?? "--\(name)"
    return short.map { "-\($0), \(long)" } ?? long
  }

  /// Placeholder of its value in help and errors; nil for a flag.
  var placeholder: String? {
    switch kind {
    case .flag: nil
    case .value(let word), .repeated(let word): word
    case .choice(let words): words.joined(separator: "|")
    }
  }
}
