/// What may follow an unfinished command line, according to the usages of a program's commands.
public struct Completion: Sendable {
  /// A word that may come next, and what it means; the meaning may be empty.
  public struct Candidate: Equatable, Sendable {
    /// The word.
    public var word: String
    /// One line.
    public var meaning: String

    /// A candidate.
    public init(_ word: String, _ meaning: String = "") {
      self.word = word
      self.meaning = meaning
    }
  }

  /// What comes next.
  public enum Next: Equatable, Sendable {
    /// One of these.
    case words([Candidate])
    /// A value with this placeholder, such as `METRIC`, or one of these words.
    case value(String, orWords: [Candidate])
  }

  private struct Entry {
    var words: [String]
    var usage: Usage
  }

  private let entries: [Entry]
  private let own: Usage

  /// - Parameters:
  ///   - own: the program's own usage.
  ///   - commands: those of its commands.
  public init(_ own: Usage, commands: [Usage]) {
    self.own = own
    entries = commands.map {
      Entry(words: $0.command.split(separator: " ").dropFirst().map(String.init), usage: $0)
    }
  }

  /// What may stand in the place of the last of `words`, which may be empty. Candidates begin with it.
  /// - Parameter words: the command line up to the cursor, without the program's name.
  public func next(_ words: [String]) -> Next {
    guard let current = words.last else { return .words([]) }
    let before = words.dropLast().drop(while: own.isOption)
    let entry = entries.filter { before.starts(with: $0.words) }
      .max { $0.words.count < $1.words.count }
    let subcommands = subcommands(Array(before), current)
    guard let entry else {
      let options = before.isEmpty && current.hasPrefix("-") ? own.candidates(for: current) : []
      return .words(subcommands + options)
    }
    return entry.usage.next(
      before.dropFirst(entry.words.count), current, orWords: subcommands)
  }

  /// The words with which the names of commands continue after `before`.
  private func subcommands(_ before: [String], _ current: String) -> [Candidate] {
    var result: [Candidate] = []
    for entry in entries where entry.words.count > before.count && entry.words.starts(with: before)
    {
      let word = entry.words[before.count]
      guard word.hasPrefix(current), !result.contains(where: { $0.word == word }) else { continue }
      let isWhole = entry.words.count == before.count + 1
      result.append(Candidate(word, isWhole ? entry.usage.summary : ""))
    }
    return result
  }
}

extension Usage {
  fileprivate func isOption(_ word: String) -> Bool { word.hasPrefix("-") && word != "--" }

  /// What follows the words `given` of this command.
  fileprivate func next(
    _ given: ArraySlice<String>, _ current: String, orWords words: [Completion.Candidate]
  ) -> Completion.Next {
    var given = given
    var count = 0
    var endsOptions = false
    while let word = given.popFirst() {
      if word == "--", !endsOptions {
        endsOptions = true
      } else if !endsOptions, let option = option(spelled: word), option.kind != .flag {
        // Its value may be the word to complete.
        if given.popFirst() == nil { return option.next(current) }
      } else if endsOptions || !isOption(word) {
        count += 1
      }
    }
    if !endsOptions, current.hasPrefix("-") { return .words(candidates(for: current)) }
    guard let argument = argument(at: count) else { return .words(words) }
    return .value(argument.name, orWords: words)
  }

  private func argument(at index: Int) -> Argument? {
    if index < arguments.count { return arguments[index] }
    guard let last = arguments.last, last.count == .oneOrMore || last.count == .any else {
      return nil
    }
    return last
  }

  private func option(spelled word: String) -> Option? {
    options.first { word == "--\($0.name)" || ($0.short.map { "-\($0)" } == word) }
  }

  /// The options that begin with `prefix`.
  fileprivate func candidates(for prefix: String) -> [Completion.Candidate] {
    (options.map { Completion.Candidate("--\($0.name)", $0.help) }
      + [Completion.Candidate("--help", "Print this help")]).filter { $0.word.hasPrefix(prefix) }
  }
}

extension Option {
  fileprivate func next(_ current: String) -> Completion.Next {
    switch kind {
    case .flag: .words([])
    case .value(let placeholder), .repeated(let placeholder):
      .value(placeholder, orWords: [])
    case .choice(let words):
      .words(words.filter { $0.hasPrefix(current) }.map { Completion.Candidate($0) })
    }
  }
}
