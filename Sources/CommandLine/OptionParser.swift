import Series

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

/// A parsed command line.
public struct Arguments: Equatable, Sendable {
  /// Positional arguments in order.
  public internal(set) var positional: [String] = []
  /// Values by long option name; a flag has one empty value per appearance.
  var options: [String: [String]] = [:]

  /// Whether an option is present.
  public func has(_ option: String) -> Bool { options[option] != nil }

  /// The value of an option, nil if absent.
  public func value(_ option: String) -> String? { options[option]?.last }

  /// All values by long option name, as they are written into reports.
  public var all: [String: [String]] { options }

  /// All values of a repeated option, in order.
  public func values(_ option: String) -> [String] { options[option] ?? [] }

  /// The value of an option as a whole number within `range`, nil if absent.
  public func integer(
    _ option: String,
    in range: ClosedRange<Int> = .min ... .max
  ) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let expected =
        range == .min ... .max
        ? "a whole number"
        : range.upperBound == .max
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)"
      throw .invalidValue(of: "--\(option)", value: text, expected: expected, suggestion: nil)
    }
    return number
  }

  /// The value of an option as a finite number within `range`, nil if absent.
  public func number(
    _ option: String,
    in range: ClosedRange<Double> = -.greatestFiniteMagnitude
      ... .greatestFiniteMagnitude
  ) throws(UsageError) -> Double? {
    guard let text = value(option) else { return nil }
    guard let number = Double(text), range.contains(number) else {
      let expected =
        range.upperBound == .greatestFiniteMagnitude
        ? range.lowerBound == -.greatestFiniteMagnitude
          ? "a number" : "a number of at least \(HumanNumber.value(range.lowerBound))"
        : "a number from \(HumanNumber.value(range.lowerBound)) to "
          + HumanNumber.value(range.upperBound)
      throw .invalidValue(of: "--\(option)", value: text, expected: expected, suggestion: nil)
    }
    return number
  }
}
