import CommandLine
import Control
import ControlSupport
import Monitor
import Series
import Testing
import anomalyctl

@Suite struct TapTests {
  let folder = Folder()
  let transcript = Transcript()

  func sample(
    _ metric: String, _ value: Double?, _ state: MetricState = .normal, score: Double = 0.2
  ) -> TapSample {
    message(
      """
      {"metric": "\(metric)", "at": "\(moment(-2).iso8601)", "state": "\(state.rawValue)",
       "value": \(value.map { "\($0)" } ?? "null"), "expected": 12.34, "lower": 8.1,
       "upper": 16.9, "score": \(score)}
      """)
  }

  func run(_ words: [String], _ replies: [TapReply], ends: Bool = true) -> Int32 {
    let handler = SampleHandler()
    handler.source.push(replies, ends: ends)
    let server = ServerThread(folder.socket, handler)
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.tap])
    return program.run(
      ["tap"] + words + ["--socket", folder.socket], console: transcript.console())
  }

  @Test func `aligns samples, marks anomalies and reports missed samples`() {
    var report = TapReport(now: { noon })
    let lines =
      report.lines(
        TapReply(
          samples: [
            sample("cpu.busy", 12.5), sample("disk.sda.busy", 97.1, .anomalous, score: 4.23),
          ], lost: 0))
      + report.lines(TapReply(samples: [sample("cpu.busy", nil, .warming)], lost: 1312))
    #expect(
      lines == [
        "time UTC      metric                       value  expected  band          score",
        "13:59:58.000  cpu.busy                      12.5     12.34  8.1 to 16.9     0.2",
        "13:59:58.000  disk.sda.busy                 97.1     12.34  8.1 to 16.9     4.2  !",
        "… 1,312 samples skipped, faster than they could be shown",
        "13:59:58.000  cpu.busy                         -     12.34  8.1 to 16.9       -",
      ])
  }

  @Test(arguments: [80, 100, 120])
  func `keeps every line within the terminal`(width: Int) {
    var report = TapReport(width: width, now: { noon })
    let names = ["a", String(repeating: "disk.long-", count: 19), "cpu.busy"]
    for name in names {
      let wide: TapSample = message(
        """
        {"metric": "\(name)", "at": "NOON", "state": "anomalous", "value": -123456,
         "expected": -123456, "lower": -234567, "upper": -123456, "score": 12}
        """)
      let lines = report.lines(TapReply(samples: [wide], lost: 999_999))
      #expect(lines.allSatisfy { Layout.columns($0) <= width }, "\(lines)")
      #expect(lines.last?.hasSuffix("!") == true)
    }
  }

  @Test func `shows the date of a sample from another day`() {
    var report = TapReport(width: 80, now: { noon.advanced(by: .seconds(86_400)) })
    let lines = report.lines(TapReply(samples: [sample("cpu.busy", 12.5)], lost: 0))
    #expect(
      lines.last == "2026-11-20 13:59:58  cpu.busy             12.5     12.34  8.1 to 16.9     0.2")
    #expect(lines.allSatisfy { Layout.columns($0) <= 80 })
  }

  @Test func `ends after the requested number of samples`() {
    let replies = (0..<5).map { SampleSource.reply(Double($0)) }
    #expect(run(["--count", "3"], replies, ends: false) == 0)
    #expect(transcript.output.split(separator: "\n").count == 4)
  }

  @Test func `prints one JSON object per line, and one for lost samples`() {
    #expect(run(["--json"], [SampleSource.reply(1), SampleSource.reply(2, lost: 7)]) == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first?.hasPrefix(#"{"at":"2026-11-20T14:00:00.000Z","expected":12"#) == true)
    #expect(lines.dropFirst().first == #"{"lost":7}"#)
    #expect(transcript.errors == "7 samples missed\n")
  }

  @Test func `reports that nothing matches yet`() {
    #expect(run(["m77"], [SampleSource.reply(1)]) == 0)
    #expect(transcript.errors == "no metric matches yet; waiting for one\n")
  }

  @Test(arguments: [
    (["["], "is not a valid value for PATTERN"), (["-n", "0"], "is not a valid value for --count"),
  ])
  func `rejects invalid patterns and counts`(words: [String], part: String) {
    #expect(run(words, []) == 2)
    #expect(transcript.errors.contains(part))
  }

  @Test func `reports that the daemon has gone`() {
    let program = Program(commands: [.tap])
    #expect(program.run(["tap", "-s", folder.socket], console: transcript.console()) == 1)
    #expect(transcript.errors.contains("no daemon answers"))
  }
}
