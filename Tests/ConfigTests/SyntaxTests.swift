import Config
import Inputs
import Testing

@Suite struct SyntaxTests {
  @Test(arguments: [
    "[Detector]\nSeed=7", "[Detector]\r\nSeed = 7\r\n", "\u{FEFF}[Detector]\nSeed=7\n",
    "# comment\n; comment\n  [Detector]  \n\t# Seed=8\n  Seed =\t7  \n",
    "[Detector]\nSeed=6\nSeed=7",
    "[Detector]\nSeed=\\\n7", "[Detector]\nSeed=\\\n# in between\n7", "[Detector]\nSeed=7\\",
    "[Detector]\nSeed=7\n# a comment ends nothing \\\n",
    "#\u{301} comment\n;\u{301} comment\n[Detector]\nSeed=7\n",
    "[Detector]\nSeed=7\n[Agent]\n[Detector]\n",
  ])
  func `reads systemd's syntax`(text: String) throws {
    #expect(try Scratch.load(text).detector.seed == 7)
  }

  @Test func `a continued line has the number of its first line, and joins with a space`() throws {
    let settings = try Scratch.load("[Input host]\nCollectors=cpu \\\n  load\\\n memory\n")
    guard let procfs = settings.inputs[0].section as? ProcfsSection else {
      Issue.record("expected a procfs input")
      return
    }
    #expect(procfs.collectors == ["cpu", "load", "memory"])
    #expect(try Scratch.errors("[Detector]\nSeed=1 \\\n 2\n").map(\.line) == [2])
    #expect(try Scratch.errors("[Detector]\nSeed=1 \\\n 2\nSeed=x\n").map(\.line) == [2, 4])
  }

  @Test func `two backslashes at the end continue nothing`() throws {
    #expect(try Scratch.load("[Agent]\nStateDirectory=/a\\\\\n").agent.stateDirectory == "/a\\\\")
  }

  @Test func `an empty assignment restores the default`() throws {
    #expect(try Scratch.load("[Detector]\nSeed=7\nSeed=\n").detector.seed == 1)
  }

  @Test(arguments: [
    ("5s", Duration.seconds(5)), ("5", .seconds(5)), ("2min", .seconds(120)),
    ("1h 30min", .seconds(5_400)), ("1h30min", .seconds(5_400)), ("1.5h", .seconds(5_400)),
    ("1500 ms", .milliseconds(1_500)), ("2000000us", .seconds(2)), ("2000000µs", .seconds(2)),
    ("1d", .seconds(86_400)), ("1week", .seconds(604_800)), ("2 seconds", .seconds(2)),
    ("1.25s", .milliseconds(1_250)),
  ])
  func `reads time spans`(text: String, duration: Duration) throws {
    let settings = try Scratch.load("[Agent]\nCheckpointInterval=\(text)\n")
    #expect(settings.agent.checkpointInterval == duration)
    var again = try Scratch.load(settings.describe())
    again.files = settings.files
    #expect(again == settings)
  }

  @Test(arguments: [
    "s", "-5s", "5x", "1.2.3s", "1.s", ".", "99999999999999999999s", "292278y 292278y",
    "5 S", "٥s",
  ])
  func `refuses invalid time spans`(text: String) throws {
    let errors = try Scratch.errors("[Agent]\nCheckpointInterval=\(text)\n")
    #expect(errors.map(\.key) == ["CheckpointInterval"])
  }

  @Test(arguments: [
    ("64M", 64 << 20), ("2097152", 2 << 20), ("2048K", 2 << 20), ("1.5G", 3 << 29), ("1T", 1 << 40),
    ("64MB", 64 << 20), ("64 M", 64 << 20),
  ])
  func `reads sizes`(text: String, bytes: Int) throws {
    let settings = try Scratch.load("[Agent]\nCheckpointBytesPerHour=\(text)\n")
    #expect(settings.agent.checkpointBytesPerHour == bytes)
    #expect(try Scratch.load(settings.describe()).agent == settings.agent)
  }

  @Test(arguments: ["M", "-1M", "1m", "1.M", "0x10M", "99999999E", "1e9", "1.2.3G", "10MM"])
  func `refuses invalid sizes`(text: String) throws {
    let errors = try Scratch.errors("[Agent]\nCheckpointBytesPerHour=\(text)\n")
    #expect(errors.map(\.key) == ["CheckpointBytesPerHour"])
  }

  @Test(arguments: ["1", "yes", "Y", "true", "T", "ON"])
  func `reads every word for yes`(text: String) throws {
    #expect(try Scratch.load("[Metric *]\nIgnore=\(text)").metrics[0].ignore == true)
  }

  @Test(arguments: ["0", "no", "N", "false", "F", "OFF"])
  func `reads every word for no`(text: String) throws {
    #expect(try Scratch.load("[Metric *]\nIgnore=\(text)").metrics[0].ignore == false)
  }

  @Test(arguments: [
    ("Delimiter=auto", nil), ("Delimiter=comma", UInt8(ascii: ",")),
    ("Delimiter=tab", UInt8(ascii: "\t")), ("Delimiter=;", UInt8(ascii: ";")),
    ("Delimiter=#", UInt8(ascii: "#")), ("Delimiter=space", UInt8(ascii: " ")),
  ])
  func `reads delimiters`(text: String, byte: UInt8?) throws {
    let csv = try csv(text)
    #expect(csv.delimiter == byte)
  }

  @Test(arguments: [
    ("TimestampColumn=auto", TableSection.TimestampColumn.automatic),
    ("TimestampColumn=none", .none),
    ("TimestampColumn=1", .column(.position(1))), ("TimestampColumn=when", .column(.named("when"))),
    ("TimestampColumn=\"none\"", .column(.named("none"))),
    ("TimestampColumn=\"a \\\"b\\\" \\\\ c\"", .column(.named("a \"b\" \\ c"))),
  ])
  func `reads columns, and writes them back`(
    text: String,
    column: TableSection.TimestampColumn
  ) throws {
    #expect(try csv(text).timestampColumn == column)
    let settings = try Scratch.load("[Input t]\nType=csv\nPath=/t\n" + text)
    #expect(try Scratch.load(settings.describe()).inputs == settings.inputs)
  }

  @Test func `an empty prefix is not a missing one`() throws {
    #expect(try csv("Prefix=\"\"").prefix == "")
    #expect(try csv("Prefix=").prefix == nil)
    #expect(try csv("").prefix == nil)
  }

  private func csv(_ text: String) throws -> TableSection {
    let settings = try Scratch.load("[Input t]\nType=csv\nPath=/t\n" + text)
    return try #require(settings.inputs[0].section as? TableSection)
  }
}
