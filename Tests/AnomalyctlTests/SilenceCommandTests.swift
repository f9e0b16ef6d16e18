import Calendar
import CommandLine
import Control
import ControlSupport
import Series
import Testing
import anomalyctl

@Suite struct SilenceCommandTests {
  let folder = Folder()
  let transcript = Transcript()

  func run(_ words: [String]) -> Int32 {
    let server = ServerThread(folder.socket, SampleHandler())
    defer { withExtendedLifetime(server) {} }
    let program = Program(commands: [.silenceAdd, .silenceList, .silenceRemove])
    return program.run(
      ["silence"] + words + ["--socket", folder.socket], console: transcript.console())
  }

  @Test func `adds a silence and describes it`() {
    #expect(run(["add", "disk.*", "net.*", "--for", "90min", "-r", "full backup", "--json"]) == 0)
    for part in [
      #""metrics":["disk.*","net.*"]"#, #""reason":"full backup""#, #""suppressesAlarms":true"#,
      #""suppressesLearning":false"#, #""from":"2026-11-20T14:00:00.000Z""#,
      #""until":"2026-11-20T15:30:00.000Z""#,
    ] {
      #expect(transcript.output.contains(part))
    }
  }

  @Test(arguments: [
    (["*", "--no-learning"], "silence 7 of all metrics, alarms, learning: "),
    (["a", "--no-learning", "--keep-alarms", "-r", "x"], "silence 7 of a (x), learning: "),
    (["a"], "silence 7 of a, alarms: "),
  ])
  func `describes it in a sentence`(words: [String], start: String) {
    #expect(run(["add"] + words + ["--for", "1h"]) == 0)
    #expect(transcript.output.hasPrefix(start))
  }

  @Test(arguments: [
    (["add", "disk.*"], "--for SPAN"), (["add", "--for", "1h"], "PATTERN"),
    (["add", "a", "--for", "soon"], "a time span such as 2h or 90min, from 1s to 366d"),
    (["add", "a", "--for", "0.5s"], "from 1s to 366d"),
    (["add", "a", "--for", "1h", "--from", "noon"], "a calendar expression in the future"),
    (["add", "a", "--for", "1h", "--from", "2020-01-01"], "in the future"),
    (["add", "a", "--for", "1h", "--keep-alarms"], "--no-learning as well"),
    (["remove"], "SILENCE"), (["lift"], "silence lift"),
  ])
  func `rejects invalid arguments`(words: [String], part: String) {
    #expect(run(words) == 2)
    #expect(transcript.errors.contains(part))
    #expect(transcript.output.isEmpty)
  }

  @Test func `lists active ones first`() {
    #expect(run(["list"]) == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("7 ") && lines[1].contains("active"))
    #expect(lines[1].contains("once") && lines[1].contains("backup"))
    #expect(lines[2].hasPrefix("nightly ") && lines[2].contains("*-*-* 02:00:00"))
    #expect(run(["list", "--json"]) == 0)
  }

  @Test func `removes one by its number`() {
    #expect(run(["remove", "7"]) == 0)
    #expect(transcript.output == "silence 7 of disk.* is over\n")
    #expect(run(["remove", "8"]) == 1)
    #expect(transcript.errors == "anomalyctl: there is no active or future silence '8'\n")
  }

  @Test(arguments: [
    ("now", 0.0), ("+30min", 1800), ("15:00", 3600), ("Sat 02:00", 43_200),
    ("2026-11-21 02:00 UTC", 43_200), ("tomorrow", nil), ("@0", nil),
  ])
  func `parses the start`(text: String, seconds: Double?) throws {
    let found = try? SilenceStart.moment(of: text, after: noon, local: .utc)
    #expect(found.map { $0.seconds - noon.seconds } == seconds)
  }

  @Test func `shows the remaining time of a silence`() {
    var silence = SampleHandler.silence
    func time(_ silence: SilenceMessage, at seconds: Int) -> String {
      let now = noon.advanced(by: .seconds(seconds))
      let sentence = SilencesReport(silences: [silence], now: now).sentence(of: silence)
      return String(sentence.drop { $0 != ":" }.dropFirst(2))
    }
    #expect(time(silence, at: 600) == "1h 50min left")
    silence.until = nil
    #expect(time(silence, at: 600) == "no end")
    silence.state = .waiting
    #expect(time(silence, at: -600) == "in 10min")
    silence.state = .ended
    silence.until = silence.from
    #expect(time(silence, at: 60) == "ended 1min ago")
  }
}
