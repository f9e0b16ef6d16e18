package import CommandLine

/// One subcommand of anomalyctl.
///
/// To add one: write `extension Command { static let NAME = Command(...) }` in a separate file
/// under Commands/, and add it to the list in CommandTable.swift. A command of two words, such as `inputs
/// test`, is independent of `inputs`.
package struct Command: Sendable {
  /// What it accepts; its name is `usage.command` without the program's.
  package let usage: Usage
  /// Runs it.
  ///
  /// Throws a `UsageError` for a wrong command line (exit code 2), a ``CommandFailure`` for
  /// everything else; any other error results in exit code 1 with its description.
  package let run: @Sendable (Arguments, Console) throws -> Void

  /// A subcommand.
  package init(
    _ usage: Usage,
    run: @escaping @Sendable (Arguments, Console) throws -> Void
  ) {
    self.usage = usage
    self.run = run
  }

  /// Whether its output is long enough for a pager.
  var pages: Bool { usage.options.contains(Pager.option) }

  /// The words that invoke it, such as `inputs test`.
  package var name: String { words.joined(separator: " ") }

  /// The same as separate words, at least one.
  var words: [Substring] { usage.command.split(separator: " ").dropFirst().map(\.self) }
}

/// Why a command failed.
package struct CommandFailure: Error, Equatable {
  /// What went wrong and what to do about it; may have several lines.
  package let message: String
  /// The exit code.
  package let exitCode: Int32

  /// A failure, by default with exit code 1.
  package init(_ message: String, exitCode: Int32 = 1) {
    self.message = message
    self.exitCode = exitCode
  }

  /// The user has left the pager before the end, which is not a failure.
  static let pagerLeft = CommandFailure("", exitCode: 0)
}
