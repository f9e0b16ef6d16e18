/// Parses a command line according to its ``Usage``.
///
/// `--name value`, `--name=value`, `-n value`; `--` ends the options; options and arguments may
/// be mixed; a lone `-` and a negative number are arguments. `-h` and `--help` always exist.
public struct OptionParser: Sendable {
  /// What the command accepts.
  public let usage: Usage

  /// The action a command line requests.
  public enum Outcome: Equatable, Sendable {
    /// Run with these arguments.
    case run(Arguments)
    /// Print the help, whatever else is on the line.
    case help
  }

  /// A parser for `usage`.
  public init(_ usage: Usage) {
    self.usage = usage
  }

  /// Parses the words after the command's name.
  public func parse(_ words: some Sequence<String>) throws(UsageError) -> Outcome {
    var words = Array(words)[...]
    if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      return .help
    }
    var result = Arguments()
    while let word = words.popFirst() {
      if word == "--" {
        result.positional += words
        break
      } else if word.hasPrefix("-"), word.count > 1, Double(word) == nil {
        try read(option: word, rest: &words, into: &result)
      } else {
        result.positional.append(word)
      }
    }
    try check(positional: result.positional)
    return .run(result)
  }

  private func read(
    option word: String,
    rest: inout ArraySlice<String>,
    into result: inout Arguments
  ) throws(UsageError) {
    let equals = word.hasPrefix("--") ? word.firstIndex(of: "=") : nil
    let spelling = String(word[..<(equals ?? word.endIndex)])
    let attached = equals.map { String(word[word.index(after: $0)...]) }
    guard let option = find(spelling) else {
      let known = (usage.options.map { "--\($0.name)" } + ["--help"])
      throw .unknownOption(spelling, suggestion: NearMiss.of(spelling, among: known))
    }
    let previous = result.options[option.name]
    switch option.kind {
    case .flag:
      if let attached { throw .unexpectedValue(option: spelling, value: attached) }
      result.options[option.name] = (previous ?? []) + [""]
    case .value, .choice, .repeated:
      let expected = option.placeholder ?? ""
      guard let value = attached ?? rest.popFirst() else {
        throw .missingValue(option: spelling, expected: expected)
      }
      if case .choice(let words) = option.kind, !words.contains(value) {
        throw .invalidValue(
          of: spelling,
          value: value,
          expected: words.joined(separator: ", "),
          suggestion: NearMiss.of(value, among: words)
        )
      }
      if case .repeated = option.kind {
      } else if previous != nil {
        throw .repeatedOption(spelling)
      }
      result.options[option.name] = (previous ?? []) + [value]
    }
  }

  private func find(_ spelling: String) -> Option? {
    usage.options.first {
      spelling == "--\($0.name)" || $0.short.map { spelling == "-\($0)" } ?? false
    }
  }

  private func check(positional: [String]) throws(UsageError) {
    var index = 0
    for argument in usage.arguments {
      switch argument.count {
      case .one, .oneOrMore:
        guard index < positional.count else { throw .missingArgument(argument.name) }
      case .optional, .any: break
      }
      switch argument.count {
      case .one, .optional: index += 1
      case .oneOrMore, .any: index = positional.count
      }
    }
    if index < positional.count { throw .unexpectedArgument(positional[index]) }
  }
}
