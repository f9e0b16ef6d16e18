import FoundationEssentials
import Support
import Testing
import anomalyctl

@Suite struct ConfigCommandTests {
  let folder = Scratch()
  let transcript = Transcript()

  func run(_ words: [String], _ configuration: String) -> Int32 {
    write(configuration, atEndOf: folder.file("a.conf"))
    let program = Program(
      commands: [.configShow, .configCheck, .configCat, .configExplain])
    return program.run(
      ["config"] + words + ["-c", folder.file("a.conf")], console: transcript.console())
  }

  @Test func `shows every key with its value, as a file that can be read again`() throws {
    #expect(run(["show"], "[Agent]\nMaximumMetrics=7\n") == 0)
    let text = transcript.output
    let path = folder.file("a.conf")
    #expect(
      text.hasPrefix("# read: \(path)\n\n[Agent]\n# \(path):2\nMaximumMetrics=7\nForgetAfter="))
    #expect(text.contains("\n[Input host]\nType=procfs\n"))
    let again = ConfigCommandTests()
    #expect(again.run(["show"], text) == 0)
    func values(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    #expect(values(again.transcript.output) == values(text))
  }

  @Test func `shows one JSON object for each key`() {
    #expect(run(["show", "--json"], "[Input pump]\nType=csv\nPath=/a=b.csv\n") == 0)
    let lines = transcript.output.split(separator: "\n")
    let place = #""file":"\#(folder.file("a.conf"))""#
    #expect(
      lines.contains(
        #"{\#(place),"key":"Path","line":3,"section":"Input pump","value":"/a=b.csv"}"#[...]))
    #expect(
      lines.contains(
        #"{\#(place),"key":"Type","line":2,"section":"Input pump","value":"csv"}"#[...]))
    #expect(lines.contains(#"{"key":"MaximumMetrics","section":"Agent","value":"2000"}"#))
  }

  @Test(arguments: [
    ([], "\n#MaximumMetrics=2000\n"), (["--manual"], "\n\\fBMaximumMetrics=\\fR\n"),
  ])
  func `prints the default file, or the manual page`(words: [String], part: String) {
    let program = Program(commands: [.configDefault])
    #expect(program.run(["config", "default"] + words, console: transcript.console()) == 0)
    #expect(transcript.output.contains(part))
  }

  @Test func `accepts a valid configuration`() {
    #expect(run(["check"], "[Agent]\n") == 0)
    #expect(transcript.output.hasPrefix("OK: \(folder.file("a.conf"))\nmemory: up to "))
  }

  @Test(arguments: [
    (
      "[Agent]\nMaxMetrics=7\n[Detector]\nSeed=x\n",
      [":2: [Agent] MaxMetrics=", ":4: [Detector] Seed="]
    ),
    (
      "[Input pump]\nType=csv\nPath=/x.csv\nTimestampFormat=%Q\n",
      [":4: [Input pump] TimestampFormat="]
    ),
  ])
  func `reports every error with file and line`(text: String, parts: [String]) {
    #expect(run(["check"], text) == 78)
    for part in parts {
      #expect(transcript.errors.contains("\n\(folder.file("a.conf"))\(part)"))
    }
    #expect(transcript.output.isEmpty)
  }

  @Test func `prints the files as they are, valid or not, in the order in which they are read`()
    throws
  {
    let text = "# mine\n[Agent]\nFoo=1\n\n[Output x]\nHeaders=\"A: secret\"\n"
    try FileManager.default.createDirectory(
      atPath: folder.file("a.conf.d"), withIntermediateDirectories: true)
    write("[Detector]\nSeed=2", atEndOf: folder.file("a.conf.d/b.conf"))
    #expect(run(["cat"], text) == 0)
    let path = folder.file("a.conf")
    #expect(
      transcript.output
        == "# \(path)\n\(text)\n# \(path).d/b.conf\n[Detector]\nSeed=2\n")
  }

  @Test func `explains a key and where it is set, for each type that has it`() {
    let text = "[Input a]\nType=csv\nPath=/a.csv\n[Input b]\nType=csv\nPath=/b.csv\n"
    #expect(run(["explain", "path="], text) == 0)
    let words = transcript.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for part in [
      "Path= in [Input NAME] with Type=csv", "Path= in [Output NAME] with Type=file",
      "set [Input a] Path=/a.csv, by \(folder.file("a.conf")):3 set [Input b] Path=/b.csv, by",
      "default none", "example Path=/var/log/anomalyd/events.jsonl",
      "set nowhere: the default applies",
    ] {
      #expect(words.contains(part), "\(part)")
    }
  }

  @Test func `explains a key although the configuration is invalid`() {
    #expect(run(["explain", "StallAfter"], "[Agent]\nFoo=1\n") == 0)
    #expect(transcript.output.contains("StallAfter= in [Input NAME] with Type=procfs\n"))
    #expect(!transcript.output.contains("  set  "))
    #expect(transcript.errors.contains("the configuration is invalid"))
  }

  @Test(arguments: [
    ("Pth", "did you mean 'Path'?"), ("Quux", "expected a key of anomalyd.conf(5)"),
  ])
  func `reports a key that does not exist`(word: String, part: String) {
    #expect(run(["explain", word], "") == 2)
    #expect(transcript.errors.contains(part))
  }

  @Test func `prints JSON for scripts`() {
    #expect(run(["check", "--json"], "[Agent]\nFoo=1\n") == 78)
    #expect(transcript.output.hasPrefix(#"{"errors":["#))
    #expect(transcript.output.hasSuffix("\"files\":[],\"ok\":false}\n"))
  }

  @Test func `does not show an invalid one`() {
    #expect(run(["show"], "[Agent]\nFoo=1\n") == 78)
    #expect(transcript.output.isEmpty)
  }
}
