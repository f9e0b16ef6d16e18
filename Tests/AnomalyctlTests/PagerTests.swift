import CommandLine
import Glibc
import Support
import System
import Testing
import anomalyctl

@Suite struct PagerTests {
  private func pager(_ variables: [String: String], terminal: Bool = true) -> Pager? {
    Pager(isTerminal: terminal, isErrorTerminal: terminal) {
      (["TERM": "xterm"].merging(variables) { $1 })[$0]
    }
  }

  @Test func `there is none if nobody would see it, or if none is wanted`() {
    #expect(pager([:]) != nil)
    #expect(pager([:], terminal: false) == nil)
    #expect(pager(["TERM": "dumb"]) == nil)
    for name in ["PAGER", "SYSTEMD_PAGER", "ANOMALYCTL_PAGER"] {
      #expect(pager([name: ""]) == nil && pager([name: "cat"]) == nil)
      #expect(pager([name: "less -S"]) != nil)
    }
    #expect(pager(["ANOMALYCTL_PAGER": "", "PAGER": "less"]) == nil, "its own comes first")
  }

  /// A pager that writes its input to a file, in place of a terminal.
  private func collecting(_ script: String, _ output: borrowing Descriptor) -> Pager {
    Pager(
      [["/no/such/pager"], ["sh", "-c", script]], environment: ["LESS=FRSXMK"],
      descriptors: [output.number])
  }

  @Test func `output passes through the first existing program, and then directly again`()
    throws
  {
    let folder = Scratch()
    let path = folder.file("out")
    let output = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND)
    let pager = collecting("echo \"$LESS\"; sed s/^/paged:/", output)
    pager.start()
    #expect(pager.isRunning)
    pager.start()
    try writeAll(Array("one\ntwo\n".utf8).span.bytes, to: output.number)
    pager.finish()
    #expect(!pager.isRunning)
    try writeAll(Array("three\n".utf8).span.bytes, to: output.number)
    #expect(contents(path) == "FRSXMK\npaged:one\npaged:two\nthree\n")
  }

  @Test func `leaving the pager early is not a failure`() throws {
    let folder = Scratch()
    let output = try Descriptor(opening: folder.file("out"), O_WRONLY | O_CREAT | O_APPEND)
    let number = output.number
    let pager = collecting("head -n1", output)
    let console = Console(
      pager: pager, output: { Console.put($0, to: number) }, errors: { _ in nil })
    let program = Program(commands: [
      Command(Usage(command: "anomalyctl count", summary: "Count", options: [Pager.option])) {
        _, console in
        for index in 0..<100_000 { try console.write("\(index)\n") }
      }
    ])
    #expect(program.run(["count"], console: console) == 0)
    #expect(!pager.isRunning)
    #expect(contents(folder.file("out")) == "0\n")
  }

  @Test(arguments: [["--no-pager", "count"], ["count", "--no-pager"], ["count", "--follow"]])
  func `is not started if it is not wanted`(words: [String]) throws {
    let folder = Scratch()
    let output = try Descriptor(opening: folder.file("out"), O_WRONLY | O_CREAT | O_APPEND)
    let number = output.number
    let pager = collecting("sed s/^/paged:/", output)
    let console = Console(pager: pager, output: { Console.put($0, to: number) })
    let program = Program(commands: [
      Command(
        Usage(
          command: "anomalyctl count", summary: "Count",
          options: [.flag("follow", help: "Go on"), Pager.option])
      ) { _, console in try console.write("1\n") }
    ])
    #expect(program.run(words, console: console) == 0)
    #expect(contents(folder.file("out")) == "1\n")
  }
}
