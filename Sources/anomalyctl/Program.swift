package import CommandLine
import Series

/// anomalyctl: finds the subcommand, runs it, turns errors into messages and exit codes.
package struct Program: Sendable {
  package let commands: [Command]

  package init(commands: [Command]) {
    self.commands = commands
  }

  private var usage: Usage {
    Usage(
      command: "anomalyctl",
      summary: "Inspect and control anomalyd, and run its detector on recorded series",
      details: "See 'anomalyctl COMMAND --help' for details.",
      options: [Pager.option, .flag("version", help: "Print the version and exit")],
      examples: [
        .init("anomalyctl status", "The state of the daemon and current anomalies."),
        .init(
          "anomalyctl backtest FILE.csv",
          "The alarms that would have been raised on this "
            + "series."),
      ]
    )
  }

  /// Runs the command given by `words`.
  /// - Parameter words: the command line without the program's name.
  /// - Returns: the exit code.
  package func run(_ words: [String], console: Console) -> Int32 {
    var command: Command?
    defer { console.finishPager() }
    do {
      // Only options before the subcommand are anomalyctl's own.
      let own = words.prefix { $0.hasPrefix("-") && $0 != "--" }
      var rest = words.dropFirst(own.count)
      var mayPage = !own.contains("--no-pager")
      switch try OptionParser(usage).parse(own) {
      case .help:
        if mayPage { console.startPager() }
        try console.write(help(console))
        return 0
      case .run(let arguments) where arguments.has("version"):
        try console.write("anomalyctl \(Product.version)\n")
        return 0
      case .run: break
      }
      guard !rest.isEmpty else {
        console.note(help(console))
        return 2
      }
      if rest.first == "complete" {
        let answer = CompletionAnswer(Completion(usage, commands: commands.map(\.usage)))
        rest.removeFirst()
        if rest.first == "--" { rest.removeFirst() }
        try console.write(lines: answer.lines(Array(rest)))
        return 0
      }
      if rest.first == "help" {
        rest.removeFirst()
        if rest.first == "--no-pager" {
          rest.removeFirst()
          mayPage = false
        }
        if mayPage { console.startPager() }
        guard !rest.isEmpty else {
          try console.write(help(console))
          return 0
        }
        if let family = family(rest) {
          try console.write(help(console, family))
          return 0
        }
        let topic = try take(&rest)
        try console.write(topic.usage.help(width: helpWidth(console), style: console.style))
        return 0
      }
      if let family = family(rest), rest.contains("--help") || rest.contains("-h") {
        if mayPage { console.startPager() }
        try console.write(help(console, family))
        return 0
      }
      let found = try take(&rest)
      command = found
      switch try OptionParser(found.usage).parse(rest) {
      case .help:
        if mayPage, !rest.contains("--no-pager") { console.startPager() }
        try console.write(found.usage.help(width: helpWidth(console), style: console.style))
      case .run(let arguments):
        // Output that follows events never ends, and is to be seen as it arrives.
        if mayPage, found.pages, !arguments.has("no-pager"), !arguments.has("follow") {
          console.startPager()
        }
        try found.run(arguments, console)
      }
      return 0
    } catch let error as UsageError {
      let called = command.map { $0.usage.command } ?? "anomalyctl"
      console.note(
        "anomalyctl: \(Layout.printable(error.description))\nTry '\(called) --help'.\n"
      )
      return 2
    } catch let failure as CommandFailure {
      if failure == .pagerLeft { return 0 }
      // File names may be among the words; only the message's own line breaks are real ones.
      let lines = failure.message.split(separator: "\n", omittingEmptySubsequences: false)
      console.note("anomalyctl: \(lines.map { Layout.printable($0) }.joined(separator: "\n"))\n")
      return failure.exitCode
    } catch {
      console.note("anomalyctl: \(Layout.printable("\(error)"))\n")
      return 1
    }
  }

  /// The command named by the words of a command line, and the parsed remaining words; runs
  /// nothing.
  /// - Parameter words: the command line without the program's name.
  package func parse(
    _ words: [String]
  ) throws(UsageError) -> (command: Command, outcome: OptionParser.Outcome) {
    var rest = words.drop { $0 == "--no-pager" }
    let command = try take(&rest)
    return (command, try OptionParser(command.usage).parse(rest))
  }

  /// Consumes the words that name a command.
  private func take(_ words: inout ArraySlice<String>) throws(UsageError) -> Command {
    let called = commands.filter { command in
      words.count >= command.words.count
        && zip(words, command.words).allSatisfy { $0 == $1 }
    }
    if let command = called.max(by: { $0.words.count < $1.words.count }) {
      words.removeFirst(command.words.count)
      return command
    }
    let first = words.first ?? ""
    let family = family(words.prefix(1)) ?? []
    guard !family.isEmpty else {
      throw .unknownCommand(first, suggestion: NearMiss.of(first, among: commands.map(\.name)))
    }
    let second = words.dropFirst().first { !$0.hasPrefix("-") }
    let names = family.map { String($0.words[1]) }
    guard let second else { throw .missingArgument("\(first) \(names.joined(separator: "|"))") }
    let suggestion = NearMiss.of(second, among: names).map { "\(first) \($0)" }
    throw .unknownCommand("\(first) \(second)", suggestion: suggestion)
  }

  /// The commands that begin with the word, if it is not a command itself; nil if there are none
  /// or `words` select one.
  private func family(_ words: ArraySlice<String>) -> [Command]? {
    guard let first = words.first, words.dropFirst().allSatisfy({ $0.hasPrefix("-") }),
      !commands.contains(where: { $0.words == [first[...]] })
    else { return nil }
    let family = commands.filter { $0.words[0] == first }
    return family.isEmpty ? nil : family
  }

  private func help(_ console: Console, _ commands: [Command]? = nil) -> String {
    var shown = usage
    shown.arguments = [
      .init("COMMAND", help: "One of the commands above"),
      .init("ARGUMENT", .any, help: "Arguments of that command"),
    ]
    return shown.help(
      width: helpWidth(console),
      style: console.style,
      subcommands: (commands ?? self.commands).map { ($0.name, $0.usage.summary) }
    )
  }

  private func helpWidth(_ console: Console) -> Int { min(console.width ?? 80, 100) }
}
