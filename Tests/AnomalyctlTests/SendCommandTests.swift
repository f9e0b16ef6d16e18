import CommandLine
import Support
import Testing
import anomalyctl

@Suite struct SendCommandTests {
  let transcript = Transcript()
  let program = Program(commands: [.send])
  let folder = Scratch()

  @Test(arguments: [
    (["queue", "12.5"], "queue:12.5|g"),
    (["queue", "-3"], "queue:0|g\nqueue:-3|g"),
    (["queue", "+3"], "queue:0|g\nqueue:+3|g"),
    (["--change", "queue", "3"], "queue:+3|g"),
    (["-c", "queue", "-3"], "queue:-3|g"),
    (["-t", "counter", "logins", "1"], "logins:1|c"),
    (["--type=timer", "wait", "1e3"], "wait:1e3|ms"),
    (["--type=set", "users", "anna:b"], "users:anna:b|s"),
  ])
  func `sends a value`(words: [String], line: String) {
    let path = folder.path + "/metrics.sock"
    let socket = UnixDatagrams(at: path)
    let code = program.run(["send", "-s", path] + words, console: transcript.console())
    #expect(code == 0, "\(transcript.errors)")
    #expect(socket.receive() == line)
    #expect(socket.receive() == nil)
    #expect(transcript.output.isEmpty)
  }

  @Test(arguments: [
    (["queue"], "missing argument VALUE"), ([], "missing argument NAME"),
    (["queue", "much"], "'much' is not a valid value for VALUE: expected a number such as 12.5"),
    (["queue", "nan"], "'nan' is not a valid value"),
    (["queue", "0x10"], "'0x10' is not a valid value"),
    (["a:b", "1"], "'a:b' is not a valid value for NAME"),
    (["-t", "set", "a", "b|c"], "without vertical bars"),
    (["-c", "-t", "counter", "a", "1"], "expected a gauge"),
    (["-t", "sum", "a", "1"], "expected gauge, counter, timer, set"),
    (["--lines", "a"], "unexpected argument 'a'"),
  ])
  func `rejects invalid values`(words: [String], message: String) {
    #expect(program.run(["send", "-s", "/nowhere"] + words, console: transcript.console()) == 2)
    #expect(transcript.errors.contains(message), "\(transcript.errors)")
  }

  @Test func `suggests what to do if there is no receiver`() {
    let path = folder.path + "/metrics.sock"
    #expect(program.run(["send", "-s", path, "a", "1"], console: transcript.console()) == 1)
    let expected = "nothing receives metrics at \(path)\nAn [Input NAME] with"
    #expect(transcript.errors.contains(expected))
    do { _ = UnixDatagrams(at: path) }
    #expect(program.run(["send", "-s", path, "a", "1"], console: transcript.console()) == 1)
    #expect(transcript.errors.hasSuffix("specify its socket with '--socket PATH'.\n"))
  }
}
