import CommandLine
import Testing

@Suite struct CompletionTests {
  private let completion = Completion(
    Usage(command: "tool", summary: "", options: [.flag("version", help: "Version")]),
    commands: [
      Usage(
        command: "tool show", summary: "Show one", arguments: [.init("METRIC", help: "")],
        options: [
          .flag("json", short: "j", help: "As JSON"),
          .value("socket", short: "s", "PATH", help: ""),
          .choice("sort", ["name", "score"], help: "Order"),
        ]),
      Usage(
        command: "tool send", summary: "Send", arguments: [.init("FILE", .oneOrMore, help: "")]),
      Usage(command: "tool inputs", summary: "List inputs"),
      Usage(
        command: "tool inputs test", summary: "Try", arguments: [.init("INPUT", .any, help: "")]),
      Usage(command: "tool silence add", summary: "Mute"),
      Usage(command: "tool silence list", summary: "List"),
    ])

  private func words(_ line: [String]) -> [String]? {
    guard case .words(let found) = completion.next(line) else { return nil }
    return found.map(\.word)
  }

  @Test(arguments: [
    ([""], ["show", "send", "inputs", "silence"]),
    (["s"], ["show", "send", "silence"]),
    (["-"], ["--version", "--help"]),
    (["--version", "in"], ["inputs"]),
    (["silence", ""], ["add", "list"]),
    (["silence", "a"], ["add"]),
    (["inputs", "t"], ["test"]),
    (["show", "--"], ["--json", "--socket", "--sort", "--help"]),
    (["show", "cpu", "--s"], ["--socket", "--sort"]),
    (["show", "--sort", "s"], ["score"]),
    (["show", "cpu", ""], []),
    (["unknown", ""], []),
  ])
  func `commands, options and their words`(line: [String], expected: [String]) {
    #expect(words(line) == expected)
  }

  @Test(arguments: [
    (["show", ""], "METRIC"), (["show", "--json", "c"], "METRIC"),
    (["show", "--socket", "/run/x", "c"], "METRIC"), (["show", "-s", "/r"], "PATH"),
    (["send", "a", "b", ""], "FILE"), (["send", "--", "-a"], "FILE"),
    (["inputs", "test", ""], "INPUT"), (["inputs", "test", "host", ""], "INPUT"),
  ])
  func `values by their placeholders`(line: [String], placeholder: String) {
    #expect(completion.next(line) == .value(placeholder, orWords: []))
  }

  @Test func `a candidate says what it means`() {
    #expect(
      completion.next(["se"]) == .words([Completion.Candidate("send", "Send")]))
  }
}
