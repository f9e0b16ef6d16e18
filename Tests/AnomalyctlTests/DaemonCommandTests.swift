import ControlSupport
import Testing
import anomalyctl

/// The commands that query a daemon, against one that answers on a real socket.
@Suite struct DaemonCommandTests {
  let folder = Folder()
  let transcript = Transcript()

  func run(_ words: [String], metrics: Int = 5) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler(count: metrics))
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.status, .metrics, .show, .inputs])
    return program.run(words + ["--socket", folder.socket], console: transcript.console())
  }

  @Test func `shows the status`() {
    #expect(run(["status"]) == 0)
    #expect(transcript.output.hasPrefix("anomalyd 0.1.0, pid 42, up 0 s: 1 incident open"))
  }

  @Test(arguments: [
    (["status", "--json"], 1, #""pid":42"#), (["inputs", "--json"], 2, #""state":"failing""#),
    (["metrics", "--json"], 450, #""name":"m449""#),
    (["metrics", "m7", "--json"], 1, #""name":"m7""#),
    (["show", "m4", "-j"], 1, #""kind":"jump""#),
    (["metrics", "--state", "anomalous", "-j"], 150, #""state":"anomalous""#),
  ])
  func `prints one JSON object per line`(words: [String], count: Int, part: String) {
    #expect(run(words, metrics: 450) == 0)
    let lines = transcript.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == count + 1)
    #expect(lines.last == "")
    #expect(lines.dropLast().allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    #expect(transcript.output.contains(part))
  }

  @Test func `lists metrics by name`() {
    #expect(run(["metrics"], metrics: 12) == 0)
    let names = transcript.output.split(separator: "\n").dropFirst().map { $0.prefix { $0 != " " } }
    #expect(
      names == ["m0", "m1", "m10", "m11", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9"])
  }

  @Test func `lists inputs`() {
    #expect(run(["inputs"]) == 0)
    #expect(transcript.output.contains("\nfurnace: /var/log/furnace.csv\n  ! no such file ("))
  }

  @Test func `shows a metric`() {
    #expect(run(["show", "m2"]) == 0)
    #expect(transcript.output.hasPrefix("m2 is anomalous since 2026-11-20 14:00:00 UTC"))
  }

  @Test(arguments: [
    (["show", "m22"], 1, "anomalyctl: there is no metric 'm22'; did you mean m2?\n"),
    (["metrics", "m99"], 0, "no metric matches\n"),
    (
      ["metrics", "["], 2,
      "anomalyctl: '[' is not a valid value for PATTERN: expected a name with *, ? and [...], every [ closed"
        + "\nTry 'anomalyctl metrics --help'.\n"
    ),
  ])
  func `explains why there is nothing to show`(words: [String], code: Int, errors: String) {
    #expect(run(words) == Int32(code))
    #expect(transcript.errors == errors)
    #expect(transcript.output.isEmpty)
  }

  @Test func `fails if no daemon answers`() {
    let program = Program(commands: [.status])
    let code = program.run(["status", "-s", folder.socket], console: transcript.console())
    #expect(code == 1)
    #expect(transcript.errors.hasPrefix("anomalyctl: no daemon answers at \(folder.socket)\n"))
  }
}
