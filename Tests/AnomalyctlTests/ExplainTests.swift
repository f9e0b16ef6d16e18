import CommandLine
import Control
import ControlSupport
import Detection
import Events
import Monitor
import Series
import Testing
import anomalyctl

/// `explain` against a daemon on a real socket.
@Suite struct ExplainCommandTests {
  let folder = Folder()
  let transcript = Transcript()

  private func run(_ words: [String]) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.explain])
    return program.run(
      ["explain"] + words + ["--socket", folder.socket], console: transcript.console(width: 120))
  }

  @Test(arguments: ["00000001", "019aa2c4-5f10-7abc-8def-000000000001"])
  func `explains an event by its id`(id: String) {
    #expect(run([id]) == 0)
    for part in [
      "m1: event 019aa2c4-5f10-7abc-8def-000000000001, open", "\nHow rare\n",
      "One normal sample of this metric in 12,000 scores as high as the opening (4.1)",
      "forecast error", "The history has no earlier event of this metric.",
      "Compared with earlier events: seen 3 times before.",
      "It was muted by backup: recorded, and no output notified.",
      "Its severity is warning: similar events have occurred before, so it is at most a warning.",
      "The host is allowed 2 false alarms a day; the budget is currently overdrawn by 1.5.",
      "anomalyctl silence add m1 --for 2h",
      "[Metric m1] MinimumDeviation= (here 87)",
    ] {
      #expect(transcript.output.contains(part), "\(part)")
    }
  }

  @Test func `explains the leading event of an incident`() {
    #expect(run(["89ac"]) == 0)
    for part in [
      "m0: event", "Incident 89ac, m2 unusual, m3 with it: 2 metrics.", "By a.service: 0.5 of 2",
      "anomalyctl feedback 89ac --false-alarm",
    ] {
      #expect(transcript.output.contains(part), "\(part)")
    }
  }

  @Test(arguments: [
    (["ffff"], 1, "the history has no"), (["019a"], 1, "several ids begin"),
    ([], 2, "missing argument"),
  ])
  func `reports ids that match nothing`(words: [String], code: Int, part: String) {
    #expect(run(words) == Int32(code))
    #expect(transcript.errors.contains(part))
  }
}

@Suite struct ExplanationTests {
  @Test(arguments: [
    ("cpu.busy", "cpu.busy"), ("a;b", "'a;b'"), ("a'b", #"'a'\''b'"#),
    // A shell sees the quotation mark, whatever accent it has.
    ("a'\u{301};b", "'a'\\''\u{301};b'"),
  ])
  func `a metric's name is one word of the commands that are shown`(name: String, word: String) {
    #expect(ShellWord.quoted(name) == word)
  }

  private func recorded(
    _ hours: Int, reason: String = "jump", peak: Double = 5, id: Int
  ) -> RecordedEventMessage {
    var event = openEvent
    event.id = message("\"019aa2c4-5f10-7abc-8def-0000000000\(10 + id)\"")
    (event.reason, event.peakScore) = (reason, peak)
    event.opened = openEvent.opened.advanced(by: .seconds(-3600 * hours))
    event.began = event.opened
    return message(
      """
      {"state": "closed", "event": \(MessageJSON.line(event)),
       "closed": "\(event.opened.advanced(by: .seconds(90)).iso8601)", "sentence": "it jumped",
       "recorded": "NOON"}
      """)
  }

  private func explanation(
    _ history: [RecordedEventMessage] = [], reason: String = "jump"
  ) -> Explanation {
    let samples = (0..<40).map {
      Sample(timestamp: moment(-764 - 100 + 5 * $0), value: $0 < 20 ? Double(12 + $0 % 3) : 88)
    }
    var event = recorded(0, reason: reason, id: 0)
    (event.state, event.closed) = ("opened", nil)
    event.event.began = openEvent.began
    let detail = EventDetail(
      event: event, samples: samples,
      evidence: [
        EvidenceReading(kind: "drift", decades: 0.2), EvidenceReading(kind: "jump", decades: 4.5),
      ], incident: nil)
    var explanation = Explanation(detail, history: history)
    explanation.metric = busyDetail
    return explanation
  }

  private func text(_ explanation: Explanation, width: Int? = nil) -> String {
    ExplanationReport(explanation, now: moment(0), width: width).lines().joined(separator: "\n")
      .replacing("\n  ", with: " ")
  }

  @Test func `a score becomes a rate by the metric's own interval`() throws {
    let explanation = explanation()
    #expect(explanation.interval == 5)
    let rarity = try #require(explanation.opening)
    // 10^3.9 samples of 5 s.
    #expect(abs(rarity.samples - 7_943) < 1 && abs((rarity.seconds ?? 0) - 39_716) < 5)
    #expect(text(explanation).contains("(3.9), once in about 11 hours, with a sample every 5 s."))
    #expect(
      text(explanation).contains("The peak (5.0) is rarer: one in 100,000, once in about 6 days."))
  }

  @Test func `a rarity beyond what the metric has seen is called an extrapolation`() {
    var explanation = explanation()
    #expect(!text(explanation).contains("extrapolation"))
    explanation.metric?.metric.samples = 5_000
    #expect(text(explanation).contains("The metric has had 5,000 samples so far"))
  }

  @Test func `an event opened by a limit has no rarity`() {
    let explanation = explanation(reason: "limit")
    #expect(explanation.opening == nil && explanation.asRare == nil)
    #expect(text(explanation).contains("It did not open because of rarity"))
    #expect(explanation.remedies.last?.what.hasSuffix("Range=") ?? false)
  }

  @Test func `finds when it was last like this, and when as rare`() {
    let history = [
      recorded(30, peak: 7, id: 1), recorded(2, reason: "drift", peak: 3, id: 2),
      recorded(10, peak: 3.5, id: 3), recorded(-5, peak: 9, id: 4),
    ]
    let explanation = explanation(history)
    #expect(explanation.earlier.count == 3, "a later one is not earlier")
    #expect(explanation.alike.map(\.event.peakScore) == [3.5, 7])
    #expect(explanation.asRare?.event.peakScore == 7)
    let text = text(explanation)
    #expect(text.contains("The history has 3 earlier events of this metric"))
    #expect(text.contains("Of the same kind: 2, the last one was 10h 13min ago"))
    #expect(text.contains("At least as rare: the last one was 1d 6h ago"))
  }

  @Test(arguments: [
    (Severity.info, IncidentState.open, "Notified of its incident: journal. Not sent to webhook"),
    (.info, .open, "Not sent to webhook pager: severity info is below MinimumSeverity=warning."),
    (.warning, .closed, "Notified of its incident: journal, webhook pager."),
    (.error, .settling, "Will be notified shortly: journal, webhook pager."),
    (.error, .open, "Not sent to webhook watchdog: it only sends heartbeats."),
  ])
  func `says which outputs are notified, and why others are not`(
    severity: Severity, state: IncidentState, part: String
  ) {
    var explanation = explanation()
    var incident = SampleHandler().incident
    (incident.severity, incident.state) = (severity, state)
    explanation.incident = IncidentDetail(incident: incident, events: [])
    explanation.outputs = [
      ("journal", "journal", .info), ("pager", "webhook", .warning),
      ("watchdog", "webhook", nil),
    ].map { (name: String, type: String, minimum: Severity?) in
      OutputStatus(
        name: name, type: type, healthy: true, emitted: 0, failed: 0, queued: 0, dropped: 0,
        lastError: nil, lastErrorAt: nil, minimumSeverity: minimum)
    }
    let text = text(explanation)
    #expect(text.contains(part), "\(text)")
  }

  @Test func `for an incident no longer stored it is unknown who was notified`() {
    #expect(text(explanation()).contains("which outputs were notified is not known"))
  }

  @Test(arguments: [40, 80, 200])
  func `the report fits the terminal, and draws the event`(width: Int) {
    let lines = ExplanationReport(
      explanation([recorded(2, id: 1)]), now: moment(0), width: width
    ).lines()
    // Ids and commands are for copying: they are never truncated.
    let free = lines.filter { !$0.contains("event 019a") && !$0.contains("anomalyctl ") }
    #expect(
      free.allSatisfy { Layout.columns($0) <= max(width, 58) || $0.contains("Metric disk") })
    #expect(lines.contains { $0.contains("▔") && $0.hasSuffix(" detection") })
    #expect(lines.contains { $0.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } })
  }

  @Test(arguments: [
    (30.0, "once in about 30 seconds"), (600, "once in about 10 minutes"),
    (90_000, "once in about 25 hours"), (2_000_000, "once in about 23 days"),
    (94_608_000, "once in about 3 years"), (1e12, "less than once in a thousand years"),
  ])
  func `a rate is in words`(seconds: Double, words: String) {
    #expect(Explanation.rate(seconds: seconds) == words)
  }
}
