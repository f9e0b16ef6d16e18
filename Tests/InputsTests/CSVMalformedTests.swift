import Glibc
import Inputs
import Series
import Testing

@Suite struct CSVMalformedTests {
  private let directory = CSVDirectory()

  /// A malformed line between good rows.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var malformed: Int
    var warning: String
  }

  /// Rows 0 and 1 come before, rows 10 and 11 after; the bad line is the fourth.
  @Test(arguments: [
    Case(
      testDescription: "text in a number cell", text: "\(csvTime(2)),abc\n", malformed: 1,
      warning: "pump.csv:4: column 'value': expected a number, found 'abc'; the cell is left out"),
    Case(
      testDescription: "a short row", text: "\(csvTime(2))\n", malformed: 1,
      warning: "pump.csv:4: expected 2 cells, found 1; the row is skipped"),
    Case(
      testDescription: "a long row", text: "\(csvTime(2)),2,3\n", malformed: 1,
      warning: "pump.csv:4: expected 2 cells, found 3; the row is skipped"),
    Case(
      testDescription: "no time stamp", text: "yesterday,2\n", malformed: 1,
      warning: "pump.csv:4: expected a time stamp as iso8601, found 'yesterday'"),
    Case(
      testDescription: "a date that does not exist", text: "2024-02-30T00:00:00,2\n",
      malformed: 1, warning: "found '2024-02-30T00:00:00'"),
    Case(
      testDescription: "time running backwards", text: "2023-12-31T00:00:00,2\n", malformed: 1,
      warning: "pump.csv:4: expected a time after 2024-01-01T00:00:01.000Z, found 2023-12-31"),
    Case(
      testDescription: "an equal time", text: "\(csvTime(1)),2\n", malformed: 1,
      warning: "expected a time after"),
    Case(
      testDescription: "a NUL byte", text: "\(csvTime(2)),\u{0}2\n", malformed: 1,
      warning: "pump.csv:4: expected text, found a NUL byte"),
    Case(
      testDescription: "a hole of NUL bytes",
      text: String(repeating: "\u{0}", count: 200_000) + "\n", malformed: 1,
      warning: "pump.csv:4: expected text, found more than 65536 NUL bytes"),
    Case(
      testDescription: "a line of 1 MB", text: String(repeating: "1,", count: 500_000) + "\n",
      malformed: 1, warning: "pump.csv:4: expected a line of at most 65536 bytes"),
    Case(
      testDescription: "a line of the limit and one byte",
      text: String(repeating: "x", count: 65_537) + "\n", malformed: 1,
      warning: "pump.csv:4: expected a line of at most 65536 bytes"),
    Case(
      testDescription: "a line of the limit", text: String(repeating: "x", count: 65_536) + "\n",
      malformed: 1, warning: "pump.csv:4: expected 2 cells, found 1"),
    Case(
      testDescription: "two thousand cells", text: String(repeating: "1,", count: 2_000) + "\n",
      malformed: 1, warning: "expected 2 cells, found 2001"),
    Case(
      testDescription: "a quote that never closes", text: "\(csvTime(2)),\"2\n" + csvRows(3..<10),
      malformed: 1, warning: "pump.csv:4: expected a closing quote within 8 lines"),
    Case(
      testDescription: "two stray quotes",
      text: "\(csvTime(2)),\"2\n" + csvRows(3..<6) + "\"\(csvTime(6)),6\n" + csvRows(7..<10),
      malformed: 2, warning: "pump.csv:4: expected a closing quote"),
    Case(
      testDescription: "text after a closing quote", text: "\(csvTime(2)),\"2\"x\n", malformed: 1,
      warning: "found '\"2\"x'"),
    Case(
      testDescription: "control characters", text: "\(csvTime(2)),a\u{1B}[31m\u{7}\n", malformed: 1,
      warning: "found 'a\\x1b[31m\\x07'"),
    Case(
      testDescription: "a long text",
      text: "\(csvTime(2)),\(String(repeating: "long", count: 100))\n",
      malformed: 1, warning: "found '\(String(repeating: "long", count: 15))...'"),
  ])
  func `counts and reports a bad line, and reads the next one`(bad: Case) {
    directory.write(
      "timestamp,value\n" + csvRows(0..<2) + bad.text + csvRows(10..<12), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    let values = watch.values()
    #expect(values.prefix(2) == ["0.0", "1.0"])
    #expect(values.suffix(2) == ["10.0", "11.0"])
    #expect(watch.input.health.malformed == bad.malformed)
    #expect(watch.input.health.lastError != nil)
    #expect(watch.input.health.lastErrorAt == watch.now)
    let warnings = watch.warnings
    #expect(warnings.first?.contains(bad.warning) == true, "\(warnings)")
  }

  @Test func `loses one line to a stray quote and keeps the lines after it`() {
    directory.write(
      "timestamp,value\n" + csvRows(0..<2) + "\(csvTime(2)),\"2\n" + csvRows(3..<6)
        + "\"\(csvTime(6)),6\n" + csvRows(7..<20), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == ([0, 1, 3, 4, 5] + Array(7..<20)).map { "\(Double($0))" })
  }

  @Test func `skips a line of 10 MB that grows piece by piece without keeping it`() {
    directory.write("timestamp,value\n" + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    let piece = String(repeating: "x", count: 1_000_000)
    for _ in 0..<10 {
      directory.append(piece, to: "pump.csv")
      watch.poll()
      #expect(watch.input.health.lagBytes == 0)
    }
    directory.append("\n" + csvRows(2..<4), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "2.0", "3.0"])
    #expect(watch.input.health.malformed == 1)
    #expect(watch.warnings.count == 1)
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["timestamp,value\n" + csvRows(0..<2), ""])
  func `skips a hole of a terabyte, which is one malformed line`(begin: String) throws {
    directory.write(begin, to: "pump.csv")
    // The line after a hole is complete.
    let rows = (begin.isEmpty ? "timestamp,value\n" : "") + csvRows(10..<13)
    let descriptor = open(directory.file("pump.csv"), O_WRONLY)
    let count = Array(rows.utf8).withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, $0.count, 1 << 40)
    }
    close(descriptor)
    try #require(count == rows.utf8.count)
    let watch = CSVWatch(directory)
    watch.poll()
    let first = begin.isEmpty ? [] : ["0.0", "1.0"]
    #expect(watch.values() == first + ["10.0", "11.0", "12.0"])
    #expect(watch.input.health.malformed == 1)
    #expect(watch.warnings.count { $0.contains("NUL bytes, as in a sparse file") } == 1)
    #expect(watch.input.health.lagBytes == 0)
    let recording = try CSVFile.read(path: directory.file("pump.csv"), table: TableSection())
    #expect(recording.series[0].samples.count == first.count + 3)
    // The position after the hole is correct.
    let again = CSVWatch(directory, position: watch.input.encodePosition())
    directory.append(csvRows(13..<14), to: "pump.csv")
    again.poll()
    #expect(again.values() == ["13.0"])
  }

  @Test(arguments: [512, 60_000, 70_000, 300_000])
  func `reads the line after NUL bytes`(count: Int) {
    directory.write(
      "timestamp,value\n" + csvRows(0..<2) + String(repeating: "\u{0}", count: count)
        + csvRows(2..<4), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "2.0", "3.0"])
    #expect(watch.input.health.malformed == 1)
    #expect(watch.warnings.first?.contains("NUL bytes") == true)
  }

  /// Of sixteen lines of text that show no layout, the first counts as a header.
  @Test(arguments: [
    ((1...20).map { String(repeating: "w", count: $0) + "\n\u{0}\n" }.joined(), 31, 0),
    ("Report of today\n\u{0}\ntimestamp,value\n" + csvRows(0..<4), 2, 4),
  ])
  func `counts lines with NUL bytes while the layout is unknown`(
    text: String, malformed: Int, samples: Int
  ) {
    directory.write(text, to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.input.health.malformed == malformed)
    #expect(watch.input.health.samples == samples)
  }

  @Test func `delivers the other cells of a row with text in one`() {
    directory.write(
      "timestamp,a,b,c\n\(csvTime(0)),1,2,3\n\(csvTime(1)),4,ERROR,6\n\(csvTime(2)),7,8,9\n",
      to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values("a") == ["1.0", "4.0", "7.0"])
    #expect(watch.values("b") == ["2.0", "8.0"])
    #expect(watch.values("c") == ["3.0", "6.0", "9.0"])
    #expect(watch.input.health.malformed == 1)
    #expect(watch.input.health.gaps == 0)
    #expect(watch.warnings.count == 1)
  }

  @Test(arguments: [
    "", " ", "NaN", "nan", "-nan", "NA", "N/A", "null", "inf", "-Infinity", "1e999",
  ])
  func `delivers a gap if there is no number`(cell: String) {
    directory.write(
      "timestamp,value,other\n\(csvTime(0)),1,1\n\(csvTime(1)),\(cell),2\n\(csvTime(2)),3,3\n",
      to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == ["1.0", "nan", "3.0"])
    #expect(watch.input.health.gaps == 1)
    #expect(watch.input.health.samples == 6)
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `reports a flood of bad lines once, then summarises it`() {
    directory.write("timestamp,value\n" + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    for second in 2..<100 {
      directory.append("\(csvTime(second)),bad\n", to: "pump.csv")
      watch.poll()
    }
    #expect(watch.input.health.malformed == 98)
    #expect(watch.warnings.count == 1)
    #expect(watch.input.health.lastError?.contains("pump.csv:101:") == true)
    watch.poll(after: .seconds(301))
    #expect(watch.warnings.count == 2)
    #expect(watch.warnings.last?.contains("97 more cells that are not numbers") == true)
    directory.append("\(csvTime(100)),bad\n", to: "pump.csv")
    watch.poll()
    #expect(watch.warnings.count == 3)
    #expect(watch.warnings.last?.contains("pump.csv:102:") == true)
  }

  @Test func `is not blocked permanently by one row from the far future`() {
    directory.write(
      "timestamp,value\n" + csvRows(0..<5) + "2199-01-01 00:00:00,5\n" + csvRows(6..<100),
      to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    let values = watch.values()
    #expect(values.count == 6 + 94 - 32)
    #expect(values.last == "99.0")
    #expect(watch.input.health.malformed == 32)
    #expect(watch.notices.contains { $0.text.contains("assuming that the clock was set back") })
  }

  @Test func `renews its columns at a header in the middle of the file`() {
    directory.write(
      "timestamp,value\n" + csvRows(0..<2) + "timestamp,value\n" + csvRows(2..<4)
        + "timestamp,speed,value\n\(csvTime(5)),50,5\n\(csvTime(6)),60,6\n", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "2.0", "3.0", "5.0", "6.0"])
    #expect(watch.values("speed") == ["50.0", "60.0"])
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `touches no metric when a column vanishes or appears`() {
    directory.write("timestamp,a,b\n\(csvTime(0)),1,2\n\(csvTime(1)),1,2\n", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    for second in 2..<50 { directory.append("\(csvTime(second)),9\n", to: "pump.csv") }
    for second in 50..<99 { directory.append("\(csvTime(second)),9,9,9\n", to: "pump.csv") }
    watch.poll()
    #expect(watch.values("a") == ["1.0", "1.0"])
    #expect(watch.values("b") == ["2.0", "2.0"])
    #expect(watch.input.health.malformed == 97)
    directory.append("\(csvTime(100)),3,4\n", to: "pump.csv")
    watch.poll()
    #expect(watch.values("b") == ["2.0", "2.0", "4.0"])
  }

  @Test func `finds its header below garbage`() {
    directory.write(
      "# made by logger 3\n\nsee manual\ntimestamp,value\n" + csvRows(0..<6), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values().count == 6)
    #expect(watch.input.health.malformed == 1)
  }

  @Test func `uses the first 1024 columns of a wider file`() {
    let names = (1...1_500).map { "c\($0)" }.joined(separator: ",")
    let row = { (second: Int) in
      "\(csvTime(second))" + String(repeating: ",1", count: 1_500) + "\n"
    }
    directory.write("timestamp,\(names)\n" + row(0) + row(1), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.sink.names.count == 1_023)
    #expect(watch.values("c1023") == ["1.0", "1.0"])
    #expect(watch.warnings.first?.contains("expected at most 1024 columns, found 1501") == true)
  }

  @Test func `never traps on noise`() {
    var state: UInt64 = 42
    let alphabet = Array("0123456789.,;\t|\"'\n\r\u{0}-:TZe+ \u{FF}nai".utf8) + [0xFF, 0xC3, 0x80]
    for _ in 0..<200 {
      var bytes = Array("timestamp,value\n\(csvRows(0..<2))".utf8)
      for _ in 0..<2_000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      bytes += Array("\n\(csvRows(10..<40))".utf8)
      directory.write(bytes, to: "pump.csv")
      let watch = CSVWatch(directory)
      watch.poll()
      #expect(watch.input.health.lagBytes == 0)
      #expect(watch.input.health.malformed > 0)
    }
  }

  @Test func `a header in every second line is reported a few times and then counted`() {
    let watch = CSVWatch(directory)
    let headers = (0..<400).map { row in
      "timestamp,\(row % 2 == 0 ? "a,b" : "b,a")\n\(csvTime(row)),1,2\n"
    }
    directory.write(headers.joined(), to: "pump.csv")
    watch.poll()
    watch.poll()
    #expect(watch.values("a").count == 400)
    #expect(watch.notices.count <= 20, "\(watch.notices.count) notices")
    watch.poll(after: .seconds(300))
    #expect(watch.notices.last?.text.contains("more changes of its columns") == true)
  }

  @Test func `a clock set back repeatedly is reported once`() {
    let watch = CSVWatch(directory)
    directory.write("timestamp,value\n", to: "pump.csv")
    for _ in 0..<200 { directory.append(csvRows(0..<40), to: "pump.csv") }
    watch.poll()
    #expect(watch.warnings.count == 1)
    #expect(watch.notices.count <= 20, "\(watch.notices.count) notices")
  }
}
