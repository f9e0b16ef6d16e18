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
      "option '\(option)' needs a value: \(expected)"
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
