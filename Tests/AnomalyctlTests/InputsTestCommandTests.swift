import FoundationEssentials
import Glibc
import Support
import Testing
import anomalyctl

/// `inputs test` with real inputs: files, a line, this host.
@Suite struct InputsTestCommandTests {
  let folder = Scratch()
  let transcript = Transcript()

  func run(_ words: [String], _ configuration: String) -> Int32 {
    write("anomalyd.conf", configuration)
    let program = Program(commands: [.inputsTest])
    return program.run(
      ["inputs", "test", "--config", folder.path + "/anomalyd.conf"] + words,
      console: transcript.console())
  }

  func write(_ name: String, _ text: String) {
    guard let file = fopen(folder.path + "/" + name, "w") else { return }
    fputs(text, file)
    fclose(file)
  }

  var pump: String { "[Input pump]\nType=csv\nPath=\(folder.path)/pump.csv\n" }

  @Test func `prints the values of a file with names, units and times`() {
    write("pump.csv", "time,flow,size_bytes\n2026-11-20T10:00:00Z,1.5,7\n2026-11-20T10:00:01Z,,9\n")
    let code = run([], pump + "Start=end\n[Metric pump.flow]\nIgnore=yes\n")
    #expect(code == 0)
    let lines = transcript.output.split(separator: "\n")
    #expect(lines.first == "pump: csv, \(folder.path)/pump.csv every 1 s")
    #expect(
      lines.dropFirst().prefix(3) == [
        "  metric           first  latest  unit  samples  latest at                note",
        "  pump.flow          1.5     gap              2  2026-11-20 10:00:01 UTC  "
          + "ignored by the configuration",
        "  pump.size_bytes      7       9  B           2  2026-11-20 10:00:01 UTC",
      ])
    #expect(lines.last?.hasPrefix("  2 metrics, 4 samples in ") == true)
    #expect(lines.last?.hasSuffix("; no errors") == true)
  }

  @Test func `fails on malformed rows, with file and line, after printing the rest`() {
    write("pump.csv", "time,flow\n1763632800,1\n1763632801,bad\n1763632802\n1763632803,4\n")
    #expect(run(["pump"], pump) == 1)
    let file = "\(folder.path)/pump.csv"
    #expect(
      transcript.output.contains("  ! \(file):3: column 'flow': expected a number, found 'bad'"))
    #expect(transcript.output.contains("  ! \(file):4: expected 2 cells, found 1"))
    #expect(transcript.output.contains("2 malformed; errors"))
    #expect(transcript.errors == "anomalyctl: problems with pump\n")
  }

  @Test func `warns if the file holds no time, unless that is confirmed`() {
    write("pump.csv", "a\n1\n2\n3\n")
    #expect(run([], pump) == 1)
    #expect(transcript.output.contains("expected a column of time stamps, found none"))
    #expect(run([], pump + "TimestampColumn=none\n") == 0)
  }

  @Test(arguments: [("missing", "no such file"), ("empty", "expected samples, found none")])
  func `fails if there is no data`(kind: String, words: String) {
    if kind == "empty" { write("pump.csv", "") }
    #expect(run([], pump) == 1)
    #expect(transcript.output.contains(words))
  }

  @Test func `writes nothing, so that a daemon's positions do not change`() throws {
    write("pump.csv", "a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n")
    #expect(run([], pump + "TimestampColumn=none\n") == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(names) == ["anomalyd.conf", "pump.csv"])
  }

  @Test func `reads a serial line`() {
    let terminal = PseudoTerminal()
    let line = "[Input line]\nType=serial\nFormat=keyvalue\nFields=t\nDevice=\(terminal.path)\n"
    // Data sent before the line is opened is dropped then, so it is sent repeatedly.
    let sender = Sender(terminal, "t=21.5\n")
    defer { sender.stop() }
    #expect(run(["--for", "1s", "--json"], line) == 0)
    #expect(transcript.output.contains(#""name":"line.t""#))
    #expect(transcript.output.contains(#""value":21.5"#))
    #expect(transcript.errors == "line: reading for 1 s\n")
  }

  @Test func `does not touch a line in use`() throws {
    let terminal = PseudoTerminal()
    let other = open(terminal.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(other) }
    try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
    let line = "[Input line]\nType=serial\nFormat=keyvalue\nDevice=\(terminal.path)\n"
    #expect(run(["--for", "50ms"], line) == 1)
    #expect(transcript.output.contains("has it open and locked"))
  }

  @Test func `reads this host twice, so that there are rates`() {
    #expect(
      run(["-j"], "[Input host]\nType=procfs\nInterval=100ms\nCollectors=cpu processes\n") == 0)
    #expect(transcript.output.contains(#""name":"kernel.context_switches_per_second""#))
    #expect(transcript.errors == "host: reading 2 times, 100 ms apart, as rates require\n")
  }

  @Test(arguments: [
    (["pomp"], "[Input pump]\nType=csv\nPath=/x.csv\n", 2, "did you mean 'pump'?"),
    (["--for", "soon"], "", 2, "expected a time span such as 30s"),
    (["--for", "0"], "", 2, "expected a time span such as 30s"),
    ([], "[Input pump]\nType=csv\nPaht=/x.csv\n", 78, "anomalyd.conf:3: [Input pump] Paht="),
    (
      [], "[Input pump]\nType=csv\nPath=/x.csv\nTimestampFormat=%Q\n", 78,
      "anomalyd.conf:4: [Input pump] TimestampFormat="
    ),
  ])
  func `explains invalid arguments`(
    words: [String], configuration: String, code: Int32, part: String
  ) {
    #expect(run(words, configuration) == code)
    #expect(transcript.errors.contains(part))
    #expect(transcript.output.isEmpty)
  }
}

/// Sends a line every few milliseconds, on a thread of its own: it is unknown when the other side
/// has opened the terminal and discarded earlier data.
private final class Sender: Sendable {
  private let isOver = Latch()
  private let thread: TestThread

  init(_ terminal: PseudoTerminal, _ text: String) {
    let isOver = isOver
    let bytes = Array(text.utf8)
    thread = TestThread {
      repeat { terminal.send(bytes) } while !isOver.wait(.milliseconds(20))
    }
  }

  func stop() {
    isOver.open()
    thread.join()
  }
}
