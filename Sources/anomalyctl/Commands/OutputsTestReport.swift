package import CommandLine
package import Control
import Series

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
        output \(name): no answer came in time
        Is anything delivering? 'systemctl status anomalyd-webhook.path', 'journalctl -u anomalyd-webhook'
        """
    }
    return answers.contains { $0?.delivered == false }
      ? "output \(name): the endpoint did not accept the test event" : nil
  }
}
