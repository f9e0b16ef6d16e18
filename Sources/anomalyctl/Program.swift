import Terminal

/// anomalyctl: finds the subcommand, runs it, turns errors into messages and exit codes.
package struct Program {
  package let commands: [Command]

  package init(commands: [Command]) {
    self.commands = commands
  }

  private var usage: Usage {
    Usage(
      command: "anomalyctl",
      summary: "Look into a running anomalyd, and try its detector on recorded series",
      details: "'anomalyctl COMMAND --help' tells all about one command.",
      options: [.flag("version", help: "Print the version and exit")],
      examples: [
        .init("anomalyctl status", "Is the daemon well, and what is wrong on this host now?"),
        .init("anomalyctl backtest FILE.csv", "What would it have alarmed on in this series?"),
      ]
    )
  }

  /// Runs the command that `words` ask for.
  /// - Parameter words: the command line without the program's name.
  /// - Returns: the exit code.
  package func run(_ words: [String], console: Console) -> Int32 {
    var command: Command?
    do {
      // Only what stands before the subcommand is anomalyctl's own.
      let own = words.prefix { $0.hasPrefix("-") && $0 != "--" }
      var rest = words.dropFirst(own.count)
      switch try OptionParser(usage).parse(own) {
      case .help:
        try console.write(help(console))
        return 0
      case .run(let arguments) where arguments.has("version"):
        try console.write("anomalyctl \(Product.version)\n")
        return 0
      case .run: break
      }
      guard let name = rest.popFirst() else {
        console.note(help(console))
        return 2
      }
      if name == "help" {
        guard let topic = rest.popFirst() else {
          try console.write(help(console))
          return 0
        }
        try console.write(find(topic).usage.help(width: helpWidth(console), style: console.style))
        return 0
      }
      let found = try find(name)
      command = found
      switch try OptionParser(found.usage).parse(rest) {
      case .help:
        try console.write(found.usage.help(width: helpWidth(console), style: console.style))
      case .run(let arguments):
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
      console.note("anomalyctl: \(failure.message)\n")
      return failure.exitCode
    } catch {
      console.note("anomalyctl: \(error)\n")
      return 1
    }
  }

  private func find(_ name: String) throws(UsageError) -> Command {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw .unknownCommand(name, suggestion: NearMiss.of(name, among: commands.map(\.name)))
    }
    return command
  }

  private func help(_ console: Console) -> String {
    var shown = usage
    shown.arguments = [
      .init("COMMAND", help: "One of the commands above"),
      .init("ARGUMENT", .any, help: "What that command takes"),
    ]
    return shown.help(
      width: helpWidth(console),
      style: console.style,
      subcommands: commands.map { ($0.name, $0.usage.summary) }
    )
  }

  private func helpWidth(_ console: Console) -> Int { min(console.width ?? 80, 100) }
}
