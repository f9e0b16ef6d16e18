import Control
import ControlSupport
import Testing
import anomalyctl

@Suite struct OutputsCommandTests {
  let folder = Folder()
  let transcript = Transcript()

  func run(_ words: [String]) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler(count: 3))
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.outputs, .outputsTest])
    return program.run(words + ["--socket", folder.socket], console: transcript.console())
  }

  @Test func `lists outputs and how messages reach their endpoints`() {
    #expect(run(["outputs"]) == 0)
    for part in [
      "journal", "stopped: gone", "9 messages delivered, the last one now; 12 requests in all",
      "last answer: 503 after 12 ms (now)", "2 messages waiting, next attempt now",
      "1 message rejected and kept", "1 message expired",
    ] {
      #expect(transcript.output.contains(part), "\(part)")
    }
  }

  @Test func `prints an object for each output`() {
    #expect(run(["outputs", "--json"]) == 0)
    #expect(transcript.output.split(separator: "\n").count == 2)
    #expect(transcript.output.contains(#""lastAnswer":"503 after 12 ms""#))
  }

  @Test func `prints the endpoint's answer, and fails if it did not accept the test`() {
    #expect(run(["outputs", "test", "events"]) == 1)
    #expect(
      transcript.output == "ok opened: 202 after 250 ms: ok\n-- closed: timed out after 20 s\n")
    #expect(transcript.errors.contains("output events: the endpoint did not accept the test event"))
  }

  @Test func `prints answers as JSON`() {
    #expect(run(["outputs", "test", "events", "--json"]) == 1)
    #expect(transcript.output.hasPrefix(#"{"body":"ok","delivered":true,"#))
    #expect(transcript.output.split(separator: "\n").count == 2)
  }

  @Test func `an output without an endpoint accepts the test immediately`() {
    #expect(run(["outputs", "test", "journal"]) == 0)
    #expect(transcript.output == "ok journal accepted the test event\n")
  }

  @Test(arguments: [
    (["full"], 1, "anomalyctl: output full: disk full\n"),
    (["x"], 1, "anomalyctl: there is no output 'x'\nOutputs: journal, events\n"),
    (
      ["x", "--timeout", "soon"], 2,
      "anomalyctl: 'soon' is not a valid value for --timeout: expected a number of seconds from 0 to 3600\n"
        + "Try 'anomalyctl outputs test --help'.\n"
    ),
  ])
  func `reports why a test fails`(words: [String], code: Int32, errors: String) {
    #expect(run(["outputs", "test"] + words) == code)
    #expect(transcript.errors == errors)
  }

  @Test func `reports that there was no answer in time`() {
    let report = OutputsTestReport(
      name: "pager", test: OutputTest(messages: ["a", "b"], taken: true, error: nil),
      answers: [
        TestAnswer(
          message: "a", delivered: true, status: 200, body: "", error: nil, seconds: 0.001),
        nil,
      ])
    #expect(report.lines() == ["ok opened: 200 after 1.0 ms", "-- closed: no answer"])
    #expect(report.failure?.contains("systemctl status anomalyd-webhook.path") == true)
  }
}
