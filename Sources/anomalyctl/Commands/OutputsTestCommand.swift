package import CommandLine
package import Control
import Glibc
import Series

extension Command {
  /// `anomalyctl outputs test`.
  package static let outputsTest = Command(
    Usage(
      command: "anomalyctl outputs test",
      summary: "Send a test event through an output and print the result",
      details: """
        The event is of the metric anomalyd.test; it opens and closes at once, takes the same path \
        as any other event, and goes to this output only. A webhook sends it once, ahead of \
        waiting messages, and the endpoint's answers are printed. Requires root or the group \
        anomalyd-admin.
        """,
      arguments: [.init("OUTPUT", help: "Name of the output, as in [Output NAME]")],
      options: [
        .value("timeout", "SECONDS", help: "How long to wait for answers (default: 60)"),
        DaemonAccess.jsonOption, DaemonAccess.socketOption,
      ],
      examples: [
        .init("anomalyctl outputs test pager", "Test the pager."),
        .init(
          "anomalyctl outputs test pager --json | jq -e .delivered", "The same in a script."),
      ],
      json: """
        Type TestAnswer of io.anomalyd(7), one per message; without an endpoint, the reply of \
        TestOutput.
        """,
      exitCodes: [
        .init(0, "the output, or its endpoint, accepted both messages"),
        .init(1, "it did not accept them, or there was no answer in time"), .wrongUsage,
      ]
    )
  ) { arguments, console in
    let patience = try OutputsTrial.seconds(arguments.value("timeout"))
    let name = arguments.positional.first ?? ""
    let trial = OutputsTrial(arguments: arguments, name: name)
    let test = try trial.start()
    let answers = try trial.answers(to: test, within: .milliseconds(Int(patience * 1000)))
    let report = OutputsTestReport(name: name, test: test, answers: answers)
    try console.write(lines: arguments.has("json") ? report.json : report.lines(console.style))
    if let failure = report.failure { throw CommandFailure(failure) }
  }
}

/// The client side of an output test.
private struct OutputsTrial {
  let arguments: Arguments
  let name: String

  static func seconds(_ text: String?) throws(UsageError) -> Double {
    guard let text else { return 60 }
    guard let seconds = Double(text), (0...3600).contains(seconds) else {
      throw .invalidValue(
        of: "--timeout", value: text, expected: "a number of seconds from 0 to 3600",
        suggestion: nil)
    }
    return seconds
  }

  func start() throws(CommandFailure) -> OutputTest {
    let test = try DaemonAccess.ask(arguments) { client throws(ControlClientError) -> OutputTest? in
      do throws(ControlClientError) {
        return try client.testOutput(name)
      } catch .refused(.noSuchOutput) {
        return nil
      }
    }
    guard let test else {
      let known = try outputs().map(\.name)
      let near = NearMiss.of(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      throw CommandFailure(
        "there is no output '\(Layout.printable(name))'\(near)\nOutputs: "
          + known.joined(separator: ", "))
    }
    return test
  }

  /// The endpoint's answer to each message; nil if there was none in time.
  func answers(to test: OutputTest, within patience: Duration) throws(CommandFailure)
    -> [TestAnswer?]
  {
    let deadline = ContinuousClock.now + patience
    while true {
      let received = try outputs().first { $0.name == name }?.delivery?.tests ?? []
      let answers = test.messages.map { message in received.last { $0.message == message } }
      if !answers.contains(nil) || ContinuousClock.now >= deadline { return answers }
      usleep(100_000)
    }
  }

  private func outputs() throws(CommandFailure) -> [OutputStatus] {
    try DaemonAccess.ask(arguments) { client throws(ControlClientError) in
      try client.status().outputs
    }
  }
}

/// The result of an output test.
package struct OutputsTestReport {
  private let name: String
  private let test: OutputTest
  private let answers: [TestAnswer?]

  /// - Parameter answers: one for each of the test's messages; nil if there was none.
  package init(name: String, test: OutputTest, answers: [TestAnswer?]) {
    self.name = name
    self.test = test
    self.answers = answers
  }

  /// A line for each step.
  package func lines(_ style: Style = .plain) -> [String] {
    guard test.taken else { return [] }
    guard !test.messages.isEmpty else {
      return ["\(style.good("ok")) \(Layout.printable(name)) accepted the test event"]
    }
    return zip(["opened", "closed"], answers).map { step, answer in
      guard let answer else { return "\(style.bad("--")) \(step): no answer" }
      let time = HumanNumber.duration(seconds: answer.seconds)
      let mark = answer.delivered ? style.good("ok") : style.bad("--")
      let what = answer.status.map { "\($0)" } ?? answer.error ?? "no answer"
      let body = answer.body.isEmpty ? "" : ": \(answer.body)"
      return "\(mark) \(step): " + Layout.printable("\(what) after \(time)\(body)")
    }
  }

  /// One object for each message; for an output without an endpoint the daemon's reply.
  package var json: [String] {
    test.messages.isEmpty || !test.taken
      ? [MessageJSON.line(test)] : answers.compactMap { $0 }.map { MessageJSON.line($0) }
  }

  /// Why it failed; nil on success.
  package var failure: String? {
    let name = Layout.printable(name)
    if !test.taken {
      return "output \(name): \(Layout.printable(test.error ?? "the event was not accepted"))"
    }
    if answers.contains(nil) {
      return """
        output \(name): no answer in time
        Is it delivered? See 'systemctl status anomalyd-webhook.path', 'journalctl -u anomalyd-webhook'
        """
    }
    return answers.contains { $0?.delivered == false }
      ? "output \(name): the endpoint did not accept the test event" : nil
  }
}
