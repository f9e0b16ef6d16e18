/// Why a command line could not be understood.
public enum UsageError: Error, Equatable, CustomStringConvertible {
  /// No option is spelled like this; `suggestion` is the nearest one.
  case unknownOption(String, suggestion: String?)
  /// An option that needs a value stands at the end of the line.
  case missingValue(option: String, expected: String)
  /// A flag was given a value, as in `--json=yes`.
  case unexpectedValue(option: String, value: String)
  /// The value of an option or argument is not what it takes.
  case invalidValue(of: String, value: String, expected: String, suggestion: String?)
  /// An option that may stand once stands twice.
  case repeatedOption(String)
  /// A positional argument is missing.
  case missingArgument(String)
  /// There is one positional argument too many.
  case unexpectedArgument(String)
  /// No subcommand has this name; `suggestion` is the nearest one.
  case unknownCommand(String, suggestion: String?)
  /// Two options exclude each other, or one needs another; the sentence says which.
  case conflict(String)

  /// One sentence for a person: the word, what was expected, and what was perhaps meant.
  public var description: String {
    switch self {
    case .unknownOption(let word, let suggestion):
      "unknown option '\(word)'" + UsageError.hint(suggestion)
    case .missingValue(let option, let expected):
      "option '\(option)' needs a value: \(expected)"
    case .unexpectedValue(let option, let value):
      "option '\(option)' takes no value, found '\(value)'"
    case .invalidValue(let name, let value, let expected, let suggestion):
      "'\(value)' is no value for \(name): expected \(expected)" + UsageError.hint(suggestion)
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
