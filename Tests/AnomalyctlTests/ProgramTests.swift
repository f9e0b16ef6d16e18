import CommandLine
import Glibc
import Series
import Synchronization
import System
import Testing
import anomalyctl

/// What a program has written.
final class Transcript: Sendable {
  let text = Mutex((output: "", errors: ""))

  func console(outputError: Errno? = nil, width: Int? = nil) -> Console {
    Console(
      width: width,
      output: { line in
        self.text.withLock { $0.output += line }
        return outputError
      },
      errors: { line in
        self.text.withLock { $0.errors += line }
        return nil
      })
  }

  var output: String { text.withLock { $0.output } }
  var errors: String { text.withLock { $0.errors } }
}

@Suite struct ProgramTests {
  let transcript = Transcript()
  let program = Program(commands: [
    Command(
      Usage(
        command: "anomalyctl greet", summary: "Greet", arguments: [.init("NAME", help: "Whom")],
        options: [.value("times", "N", help: "How often")],
        examples: [.init("anomalyctl greet you", "Says hello.")])
    ) { arguments, console in
      let times = try arguments.integer("times", in: 1...3) ?? 1
      if arguments.positional == ["nobody"] { throw CommandFailure("nobody is there") }
      try console.write(lines: Array(repeating: "hello \(arguments.positional[0])", count: times))
    },
    Command(Usage(command: "anomalyctl check", summary: "Check")) { _, _ in
      throw CommandFailure("bad configuration", exitCode: 78)
    },
  ])

  @Test(arguments: [
    (["greet", "you"], 0, "hello you\n", ""),
    (["greet", "--times=2", "you"], 0, "hello you\nhello you\n", ""),
    (["greet", "--", "--times"], 0, "hello --times\n", ""),
    (
      ["greet"], 2, "",
      "anomalyctl: missing argument NAME\nTry 'anomalyctl greet --help'.\n"
    ),
    (
      ["greet", "--tims", "2", "you"], 2, "",
      "anomalyctl: unknown option '--tims'; did you mean '--times'?\n"
        + "Try 'anomalyctl greet --help'.\n"
    ),
    (
      ["greet", "--times", "9", "you"], 2, "",
      "anomalyctl: '9' is not a valid value for --times: expected a whole number from 1 to 3\n"
        + "Try 'anomalyctl greet --help'.\n"
    ),
    (
      ["great"], 2, "",
      "anomalyctl: unknown command 'great'; did you mean 'greet'?\nTry 'anomalyctl --help'.\n"
    ),
    (["greet", "nobody"], 1, "", "anomalyctl: nobody is there\n"),
    (["check"], 78, "", "anomalyctl: bad configuration\n"),
    (["--version"], 0, "anomalyctl \(Product.version)\n", ""),
  ])
  func `runs a command and turns errors into messages and exit codes`(
    words: [String], code: Int, output: String, errors: String
  ) {
    #expect(program.run(words, console: transcript.console()) == Int32(code))
    #expect(transcript.output == output)
    #expect(transcript.errors == errors)
  }

  @Test(arguments: [["--help"], ["help"], ["-h"]])
  func `lists its commands`(words: [String]) {
    #expect(program.run(words, console: transcript.console()) == 0)
    #expect(transcript.output.contains("Commands:\n  greet  Greet\n  check  Check\n"))
    #expect(transcript.output.hasPrefix("Usage: anomalyctl [OPTION...] COMMAND [ARGUMENT...]\n"))
  }

  @Test(arguments: [["greet", "--help"], ["help", "greet"], ["greet", "--bad", "-h"]])
  func `prints the help of one command`(words: [String]) {
    #expect(program.run(words, console: transcript.console()) == 0)
    #expect(transcript.output.contains("Usage: anomalyctl greet [OPTION...] NAME\n"))
    #expect(transcript.output.contains("  anomalyctl greet you\n      Says hello.\n"))
  }

  @Test func `prints the help as an error if no command is given`() {
    #expect(program.run([], console: transcript.console()) == 2)
    #expect(transcript.output.isEmpty)
    #expect(transcript.errors.contains("Commands:"))
  }

  @Test func `fails if standard output is full`() {
    #expect(
      program.run(["greet", "you"], console: transcript.console(outputError: Errno(ENOSPC))) == 1)
    #expect(
      transcript.errors
        == "anomalyctl: cannot write to standard output: No space left on device\n")
  }

  @Test(arguments: [
    (["list"], 0, "list\n", ""), (["list", "test", "x"], 0, "list test x\n", ""),
    (["list", "test"], 0, "list test\n", ""), (["mute", "add", "x"], 0, "mute add x\n", ""),
    (
      ["list", "tost"], 2, "",
      "anomalyctl: unexpected argument 'tost'\nTry 'anomalyctl list --help'.\n"
    ),
    (
      ["mute", "ad"], 2, "",
      "anomalyctl: unknown command 'mute ad'; did you mean 'mute add'?\nTry 'anomalyctl --help'.\n"
    ),
    (
      ["mute"], 2, "", "anomalyctl: missing argument mute add|end\nTry 'anomalyctl --help'.\n"
    ),
  ])
  func `supports commands of two words`(
    words: [String], code: Int, output: String, errors: String
  ) {
    func command(_ name: String, _ arguments: [Usage.Argument]) -> Command {
      Command(Usage(command: "anomalyctl \(name)", summary: "Say it", arguments: arguments)) {
        try $1.write(lines: [([name] + $0.positional).joined(separator: " ")])
      }
    }
    let any = [Usage.Argument("NAME", .optional, help: "Any")]
    let program = Program(commands: [
      command("list", []), command("list test", any), command("mute add", any),
      command("mute end", any),
    ])
    #expect(program.run(words, console: transcript.console()) == Int32(code))
    #expect(transcript.output == output)
    #expect(transcript.errors == errors)
  }

  @Test(arguments: [["mute", "--help"], ["help", "mute"]])
  func `lists the commands of a family`(words: [String]) {
    let program = Program(commands: [
      Command(Usage(command: "anomalyctl mute add", summary: "Mute")) { _, _ in },
      Command(Usage(command: "anomalyctl list", summary: "List")) { _, _ in },
    ])
    #expect(program.run(words, console: transcript.console()) == 0)
    #expect(transcript.output.contains("Commands:\n  mute add  Mute\n"))
    #expect(!transcript.output.contains("List"))
  }
}
