import CommandLine
import Control
import ControlSupport
import FoundationEssentials
import Support
import Testing
import anomalyctl

/// Every field that `--json` prints is named in the help and the manual page, or is a field of the
/// types of the control interface that these name.
@Suite struct JSONFieldTests {
  let folder = Folder()
  let scratch = Scratch()

  /// A value that does not matter.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }

  /// The fields of a type or of the reply of a method.
  private func fields(of name: Substring) -> Set<String> {
    let text = InterfaceDescription.text(of: "io.anomalyd") ?? ""
    let start =
      text.firstRange(of: "\ntype \(name) (")?.upperBound
      ?? text.firstRange(of: "\nmethod \(name)(").flatMap {
        text[$0.upperBound...].firstRange(of: "-> (")?.upperBound
      }
    guard let start else { return [] }
    let end = text[start...].firstRange(of: "\n\n")?.lowerBound ?? text.endIndex
    let lines = text[start..<end].split(separator: "\n").filter { !$0.contains("# ") }
    let names = lines.joined(separator: " ").split(whereSeparator: { " (),".contains($0) })
      .filter { $0.hasSuffix(":") }
    return Set(names.map { String($0.dropLast()) })
  }

  private func documented(_ usage: Usage) -> Set<String> {
    let words = usage.json.split(whereSeparator: { " ,;.():'{}\"".contains($0) })
    return words.reduce(into: Set(words.map(String.init))) { $0.formUnion(fields(of: $1)) }
  }

  private func check(_ words: [String], _ output: String) throws {
    let command = try Program.anomalyctl.parse(words).command
    let known = documented(command.usage)
    let lines = output.split(separator: "\n")
    #expect(!lines.isEmpty, "\(words)")
    for line in lines {
      let members = try JSONDecoder().decode([String: Anything].self, from: Data(line.utf8))
      let unknown = members.keys.filter { !known.contains($0) }
      #expect(unknown.isEmpty, "\(words): \(unknown) not documented")
    }
  }

  @Test(arguments: [
    ["status"], ["metrics"], ["show", "m2"], ["incidents"], ["incidents", "89ac"], ["events"],
    ["events", "00000000"], ["events", "close", "00000000", "--reason", "x"],
    ["explain", "00000000"], ["explain", "89ac"], ["feedback", "00000000", "--confirmed"],
    ["inputs"], ["outputs"], ["outputs", "test", "full"], ["silence", "list"],
    ["silence", "add", "disk.*", "--for", "1min"], ["silence", "remove", "7"], ["models", "list"],
    ["models", "show", "m1"], ["models", "freeze", "m1"], ["models", "snapshots"],
    ["models", "snapshot", "--name", "x"], ["models", "delete", "before-upgrade"],
    ["models", "rollback", "--all", "--to", "before-upgrade"],
  ])
  func `of the daemon`(words: [String]) throws {
    let transcript = Transcript()
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    _ = Program.anomalyctl.run(
      words + ["--json", "--socket", folder.socket], console: transcript.console())
    try check(words, transcript.output)
  }

  @Test(arguments: [
    ["config", "show"], ["config", "cat"], ["config", "check"], ["config", "explain", "Path"],
    ["inputs", "test"],
  ])
  func `of the configuration`(words: [String]) throws {
    write("time,v\n2026-01-01T00:00:00Z,1\n", atEndOf: scratch.file("a.csv"))
    write("[Input a]\nType=csv\nPath=\(scratch.file("a.csv"))\n", atEndOf: scratch.file("a.conf"))
    let transcript = Transcript()
    _ = Program.anomalyctl.run(
      words + ["--json", "--config", scratch.file("a.conf")], console: transcript.console())
    try check(words, transcript.output)
  }

  @Test(arguments: [[], ["--budgets", "1,2"]])
  func `of backtests`(words: [String]) throws {
    let rows = (0..<40).map { "2026-01-01T00:\($0 < 10 ? "0" : "")\($0):00Z,\($0 % 7)\n" }
    write("time,v\n" + rows.joined(), atEndOf: scratch.file("a.csv"))
    let transcript = Transcript()
    let line = ["backtest", scratch.file("a.csv"), "--json"] + words
    #expect(Program.anomalyctl.run(line, console: transcript.console()) == 0)
    try check(line, transcript.output)
  }
}
