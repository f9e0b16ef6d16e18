import CommandLine
import Control
import ControlSupport
import Series
import Testing
import anomalyctl

/// `incidents`, `events` and `feedback`, against a daemon with three events on a real socket.
@Suite struct EventCommandTests {
  let folder = Folder()
  let transcript = Transcript()

  func run(_ words: [String]) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.incidents, .events, .closeEvent, .feedback])
    return program.run(words + ["--socket", folder.socket], console: transcript.console())
  }

  private var lines: [Substring] { transcript.output.split(separator: "\n") }

  @Test func `lists events, newest first, with their details`() {
    #expect(run(["events"]) == 0)
    #expect(lines.count == 4)
    #expect(lines[1].hasPrefix("2026-11-20 14:02:00 UTC  open"))
    #expect(lines[2].contains("[silenced] "))
    #expect(lines[3].contains("[false alarm] "))
    #expect(lines.dropFirst().map { $0.suffix(8) } == ["00000002", "00000001", "00000000"])
  }

  @Test(arguments: [
    (["--open"], ["2", "1"]), (["--metric", "m1"], ["1"]), (["--severity", "critical"], ["2"]),
    (["--since", "2026-11-20T14:01:00Z"], ["2", "1"]), (["--lines", "1"], ["2"]),
    (["-S", "2026-11-20 14:01", "-o", "-m", "m2"], ["2"]),
  ])
  func `lists the requested ones`(words: [String], ids: [String]) {
    #expect(run(["events", "--json"] + words) == 0)
    #expect(lines.count == ids.count)
    for (line, id) in zip(lines, ids) {
      #expect(line.contains("\"id\":\"019aa2c4-5f10-7abc-8def-00000000000\(id)\""))
    }
  }

  @Test func `follows events, past ones first`() {
    #expect(run(["events", "--follow"]) == 0)
    let states = lines.map { $0.dropFirst(24).prefix(7) }
    #expect(states == ["normal ", "ANOMALY", "ANOMALY", "ANOMALY", "ANOMALY", "normal "])
    #expect(lines[0].hasSuffix("[false alarm] m0 jumped 00000000"))
  }

  @Test func `closes an event by hand`() {
    #expect(run(["events", "close", "00000000", "--reason", "known"]) == 0)
    #expect(transcript.output == "m0 jumped\n")
    #expect(run(["events", "close", "00000000"]) == 0)
    #expect(lines.last == "it was already closed: m0 jumped")
    #expect(run(["events", "close", "ffffffff"]) == 1)
    #expect(run(["events", "close"]) == 2)
    #expect(
      run(["events", "close", "00000000", "--reason", String(repeating: "x", count: 501)]) == 2)
  }

  @Test func `shows one event in full`() {
    #expect(run(["events", "0000-000000000000"]) == 1)
    #expect(run(["events", "00000000"]) == 0)
    for part in [
      "m0: event 019aa2c4-5f10-7abc-8def-000000000000, closed", "  m0 jumped",
      "closed    2026-11-20 14:01:30 UTC", "3 samples over", "  jump      4.5  the value is far",
      "  event 1 of 2 in its incident, 1 open at the latest step", "a false alarm, by user 1000",
      "  a test",
    ] {
      #expect(transcript.output.contains(part), "\(part)")
    }
  }

  @Test(arguments: [
    (["events", "019a"], 1, "several ids begin or end with '019a'"),
    (["events", "ffff"], 1, "the history has no event 'ffff'"),
    (["events", "ffff", "--open"], 2, "--open applies to lists and cannot be combined with ID"),
    (
      ["events", "--since", "soon"], 2,
      "'soon' is not a valid value for --since: expected a time such as"
    ),
    (["events", "--metric", "["], 2, "'[' is not a valid value for PATTERN"),
    (["events", "--metric", "m7"], 0, "no event matches\n"),
    (["incidents", "ffff"], 1, "the history has no incident 'ffff'"),
    (["incidents", "89ac", "--open"], 2, "--open applies to lists and cannot be combined with ID"),
    (["feedback", "ffff", "--confirmed"], 1, "the history has no event 'ffff'"),
    (["feedback", "0000"], 2, "missing argument --false-alarm, --confirmed or --withdraw"),
    (
      ["feedback", "0000", "--confirmed", "--withdraw"], 2,
      "--confirmed and --withdraw are mutually exclusive"
    ),
  ])
  func `reports what is wrong`(words: [String], code: Int, error: String) {
    #expect(run(words) == Int32(code))
    #expect(transcript.errors.contains(error))
    #expect(transcript.output.isEmpty)
  }

  @Test func `lists incidents, and shows one with its events`() {
    #expect(run(["incidents"]) == 0)
    #expect(lines.count == 2)
    #expect(lines[1].contains("incident 89ac: m2 unusual, m3 with it (2 metrics)"))
    #expect(lines[1].hasSuffix("  89ac"))
    #expect(run(["incidents", "89ac"]) == 0)
    for text in [
      "m2 unusual, m3 with it: incident 019aa2c4-5f10-7abc-8def-0123456789ac, closed",
      "  size      2 metrics in 2 events, 1 open: m2, m3",
      "  by        a.service: 0.5 of 2 processors, 1 B/s read, 2 B/s written, memory grew by 3 B",
    ] { #expect(transcript.output.contains(text), "\(text)") }
    #expect(transcript.output.contains("00000001"))
    #expect(run(["incidents", "--json", "--lines", "1"]) == 0)
    #expect(transcript.output.contains(#""subsystems":["m2","m3"]"#))
  }

  @Test func `reports the effect of feedback`() {
    #expect(run(["feedback", "00000001", "--false-alarm", "--note", "backup"]) == 0)
    #expect(
      transcript.output
        == "m1: raised, jump by 0.80 decades\nsuch an event would no longer open\n"
        + "m3: raised, jump by 0.40 decades\nsuch an event would no longer open\n")
  }

  @Test func `advises callers without permission`() {
    let text = DaemonAccess.advice(.refused(.permissionDenied))
    #expect(text.contains("only root and the group 'anomalyd-admin' may make changes"))
    #expect(text.contains("sudo usermod -aG anomalyd-admin NAME"))
  }

  @Test(arguments: [
    ("now", 0), ("2h", -7_200), ("2h ago", -7_200), ("-30min", -1_800), ("today", -50_400),
    ("yesterday", -136_800), ("2026-11-20", -50_400), ("2026-11-20 13:59", -60),
    ("2026-11-20T13:59:58Z", -2), ("2026-11-20 13:59:58.5 UTC", -2), ("2026-02-30", nil),
    ("2026-11", nil), ("2026-11-20 25:00", nil), ("", nil), ("noon", nil), ("2026-11-20 1", nil),
  ])
  func `parses human-readable times`(text: String, seconds: Int?) {
    let expected = seconds.map { noon.advanced(by: .seconds($0)) }
    #expect(SinceTime.parse(text, now: noon) == expected)
  }
}
