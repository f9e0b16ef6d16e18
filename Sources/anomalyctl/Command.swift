package import CommandLine

/// One subcommand of anomalyctl.
///
/// To add one: write `extension Command { static let NAME = Command(...) }` in a file of its own
/// under Commands/, and name it in the list in main.swift. A command of two words, such as `inputs
/// test`, is one of its own; `inputs` may be another.
package struct Command: Sendable {
  /// What it takes; its name is `usage.command` without the program's.
  package let usage: Usage
  /// Does the work.
  ///
  /// Throws a `UsageError` for a wrong command line (exit code 2), a ``CommandFailure`` for all
  /// else; any other error ends in exit code 1 with its description.
  package let run: @Sendable (Arguments, Console) throws -> Void

  /// A subcommand.
  package init(
    _ usage: Usage,
    run: @escaping @Sendable (Arguments, Console) throws -> Void
  ) {
    self.usage = usage
    self.run = run
  }

  /// The words that call it, such as `inputs test`.
  package var name: String { words.joined(separator: " ") }

  /// The same one by one, at least one.
  var words: [Substring] { usage.command.split(separator: " ").dropFirst().map(\.self) }
}

/// Why a command could not do its work.
package struct CommandFailure: Error, Equatable {
  /// What went wrong and what to do about it, for a person; may have several lines.
  package let message: String
  /// What the shell gets.
  package let exitCode: Int32

  /// A failure with exit code 1, unless told otherwise.
  package init(_ message: String, exitCode: Int32 = 1) {
    self.message = message
    self.exitCode = exitCode
  }
}
