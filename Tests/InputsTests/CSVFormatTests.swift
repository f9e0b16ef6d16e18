import Calendar
import Inputs
import Series
import Testing

@Suite struct CSVFormatTests {
  private let directory = CSVDirectory()

  private func read(
    _ text: String, _ adjust: (inout TableSection) -> Void = { _ in }
  ) throws(CSVFileError) -> CSVRecording {
    directory.write(text, to: "pump.csv")
    var configuration = TableSection()
    adjust(&configuration)
    return try CSVFile.read(path: directory.file("pump.csv"), table: configuration)
  }

  // MARK: Time stamps

  @Test(
    arguments: [
      ("2014-02-14 14:27:00", "2014-02-14T14:27:00.000Z"),
      ("2014-02-14T14:27:00", "2014-02-14T14:27:00.000Z"),
      ("2014-02-14t14:27:00z", "2014-02-14T14:27:00.000Z"),
      ("2014/02/14 14:27", "2014-02-14T14:27:00.000Z"),
      ("2014-2-4  4:27:00", "2014-02-04T04:27:00.000Z"),
      ("2014-02-14", "2014-02-14T00:00:00.000Z"),
      ("2014-02-14 14:27:00.25", "2014-02-14T14:27:00.250Z"),
      ("2014-02-14 14:27:00.123456789123", "2014-02-14T14:27:00.123Z"),
      ("\"2014-02-14 14:27:00,5\"", "2014-02-14T14:27:00.500Z"),
      ("2014-02-14T14:27:00+01:00", "2014-02-14T13:27:00.000Z"),
      ("2014-02-14T14:27:00-0530", "2014-02-14T19:57:00.000Z"),
      ("2014-02-14 14:27:00 +02", "2014-02-14T12:27:00.000Z"),
      ("2014-02-14 14:27:00 UTC", "2014-02-14T14:27:00.000Z"),
      (" 2014-02-14 14:27:00 ", "2014-02-14T14:27:00.000Z"),
      ("1392388020", "2014-02-14T14:27:00.000Z"),
      ("1392388020.25", "2014-02-14T14:27:00.250Z"),
      ("1.39238802e9", "2014-02-14T14:27:00.000Z"),
      ("1392388020250", "2014-02-14T14:27:00.250Z"),
      ("1392388020250.5", "2014-02-14T14:27:00.250Z"),
      ("-1", "1969-12-31T23:59:59.000Z"),
    ] as [(String, String)])
  func `detects the time stamp format`(text: String, moment: String) throws {
    let recording = try read("timestamp,value\n\(text),1\n")
    #expect(recording.series.first?.samples.map(\.timestamp.iso8601) == [moment])
    #expect(recording.malformed == 0)
  }

  @Test(
    arguments: [
      ("%d/%m/%Y %H:%M", "14/02/2014 14:27", "2014-02-14T14:27:00.000Z"),
      ("%D %R", "02/14/14 14:27", "2014-02-14T14:27:00.000Z"),
      ("%m/%d/%y %H:%M", "2/4/69 4:27", "1969-02-04T04:27:00.000Z"),
      ("%d.%m.%Y %T", "14.02.2014 14:27:09", "2014-02-14T14:27:09.000Z"),
      ("%F %T.%f", "2014-02-14 14:27:09.5", "2014-02-14T14:27:09.500Z"),
      ("%d %b %Y %I:%M %p", "14 Feb 2014 02:27 pm", "2014-02-14T14:27:00.000Z"),
      ("%d %B %Y %I:%M %p", "14 february 2014 12:27 AM", "2014-02-14T00:27:00.000Z"),
      ("%a %b %e %H:%M:%S %Y", "Fri Feb  4 14:27:00 2014", "2014-02-04T14:27:00.000Z"),
      ("%Y%m%d%H%M%S", "20140214142700", "2014-02-14T14:27:00.000Z"),
      ("%Y-%j", "2016-366", "2016-12-31T00:00:00.000Z"),
      ("%d/%m/%Y %H:%M %z", "14/02/2014 14:27 +0100", "2014-02-14T13:27:00.000Z"),
      ("[%s]", "[1392388020]", "2014-02-14T14:27:00.000Z"),
      ("%Y-%m-%d %H h", "2014-02-14 14 h", "2014-02-14T14:00:00.000Z"),
      ("epoch-milliseconds", "1392388020250", "2014-02-14T14:27:00.250Z"),
      ("epoch", "5.5", "1970-01-01T00:00:05.500Z"),
    ] as [(String, String, String)])
  func `reads time stamps in the configured format`(format: String, text: String, moment: String)
    throws
  {
    let parsed = try CSVTimestampFormat(parsing: format)
    #expect(parsed.description == (format == "epoch" ? "epoch-seconds" : format))
    let recording = try read("when,value\n\(text),1\nnever,2\n") {
      $0.timestampColumn = .column(.named("when"))
      $0.timestampFormat = parsed
    }
    #expect(recording.series.first?.samples.map(\.timestamp.iso8601) == [moment])
    #expect(recording.malformed == 1)
  }

  private static let refused: [(String, CSVTimestampPatternError)] = [
    ("", .noWholeDate(pattern: "")),
    ("rfc822", .noWholeDate(pattern: "rfc822")),
    ("%H:%M", .noWholeDate(pattern: "%H:%M")),
    ("%Y-%m-%d %", .unfinished(pattern: "%Y-%m-%d %")),
    ("%Y-%m-%d %Q", .unknownConversion("Q", pattern: "%Y-%m-%d %Q")),
    ("%F %I:%M", .halfAClock(pattern: "%F %I:%M")),
  ]

  @Test(arguments: CSVFormatTests.refused)
  func `rejects a pattern without a complete date`(
    text: String, error: CSVTimestampPatternError
  ) {
    #expect(throws: error) { try CSVTimestampFormat(parsing: text) }
  }

  @Test(arguments: [
    "2014-13-01", "2014-02-14 24:00:00", "2014-02-14 14:27:00x", "2014-02-14T", "14/02/2014",
    "2014-02-14 14:27:00+25:00", "99999999999999999999", "", "NaN", "9999-01-01",
  ])
  func `accepts nothing else as a time stamp`(text: String) throws {
    let recording = try read("timestamp,value\n\(csvTime(0)),1\n\(text),2\n\(csvTime(5)),3\n")
    #expect(recording.series.first?.samples.map(\.value) == [1, 3])
    #expect(recording.malformed == 1)
  }

  @Test(arguments: [
    ("epoch", "9223372036.9"), ("epoch", "-9223372036.9"), ("epoch", "9.3e9"),
    ("epoch-milliseconds", "9221316117077"), ("iso8601", "2261-12-31T23:59:59-01:00"),
    ("iso8601", "1678-01-01T00:00:00+01:00"),
  ])
  func `counts a time out of range as malformed`(format: String, text: String)
    throws
  {
    let parsed = try CSVTimestampFormat(parsing: format)
    let good = format == "iso8601" ? "2014-02-14" : "5"
    let recording = try read("when,value\n\(text),1\n\(good),2\n") {
      $0.timestampColumn = .column(.named("when"))
      $0.timestampFormat = parsed
    }
    #expect(recording.series.first?.samples.map(\.value) == [2])
    #expect(recording.malformed == 1)
  }

  // MARK: Local time

  @Test func `a rule ends in 2256, and local times of later years are read`() throws {
    #expect(
      try moments(["2255-07-01 00:00:00", "2258-07-01 00:00:00"])
        == ["2255-06-30T22:00", "2258-06-30T23:00"])
  }

  private func moments(
    _ stamps: [String], _ rule: String = "CET-1CEST,M3.5.0,M10.5.0/3"
  ) throws -> [String] {
    let zone = try #require(TimeZoneRules(rule: rule))
    let rows = stamps.map { "\($0),1\n" }.joined()
    let recording = try read("timestamp,value\n" + rows) { $0.timeZone = zone }
    return recording.series[0].samples.map { String($0.timestamp.iso8601.dropLast(8)) }
  }

  @Test(
    arguments: [
      ("2026-01-15 12:00", "2026-01-15T11:00"), ("2026-07-15 12:00", "2026-07-15T10:00"),
      ("2026-07-15T12:00Z", "2026-07-15T12:00"), ("2026-07-15 12:00 +05", "2026-07-15T07:00"),
      ("1784116800", "2026-07-15T12:00"), ("2026-01-01", "2025-12-31T23:00"),
      // The clock is set forward past it: as if it had not been set.
      ("2026-03-29 02:30", "2026-03-29T01:30"), ("2026-03-29 03:00", "2026-03-29T01:00"),
      // Shown twice: the first occurrence.
      ("2026-10-25 02:30", "2026-10-25T00:30"), ("2026-10-25 03:00", "2026-10-25T02:00"),
    ] as [(String, String)])
  func `interprets a time stamp without zone as local time`(stamp: String, moment: String) throws {
    #expect(try moments([stamp]) == [moment])
  }

  @Test func `follows the rows through the repeated hour`() throws {
    func stamps(_ hour: Int) -> [String] {
      stride(from: 0, to: 60, by: 15).map { "2026-10-25 0\(hour):\($0 < 10 ? "0" : "")\($0)" }
    }
    let quarters = try moments(stamps(1) + stamps(2) + stamps(2) + stamps(3))
    #expect(quarters.count == 16)
    #expect(quarters.first == "2026-10-24T23:00")
    #expect(quarters[4...11].last == "2026-10-25T01:45")
    #expect(quarters == quarters.sorted())
    let hours = try moments(
      ["01:00", "02:00", "02:00", "03:00"].map { "2026-10-25 " + $0 })
    #expect(hours.map { String($0.suffix(5)) } == ["23:00", "00:00", "01:00", "02:00"])
    // A repeated row is not the second hour.
    let twice = try moments(
      ["02:00", "02:01", "02:01", "02:02"].map { "2026-10-25 " + $0 })
    #expect(twice.map { String($0.suffix(5)) } == ["00:00", "00:01", "00:02"])
  }

  @Test func `handles half-hour shifts, the southern hemisphere and dates before 1970`()
    throws
  {
    let lordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
    #expect(
      try moments(["2026-01-01 00:00", "2026-07-01 00:00"], lordHowe) == [
        "2025-12-31T13:00", "2026-06-30T13:30",
      ])
    #expect(try moments(["1969-12-31 23:30"]) == ["1969-12-31T22:30"])
  }

  // MARK: Numbers

  @Test func `reads numbers to the last bit`() throws {
    var texts = [
      "0", "-0", "+1", "1.", ".5", "1e5", "1E-5", "-1.5e+3", "9007199254740993", "0.1", "1e22",
      "1e23", "1.7976931348623157e308", "2.2250738585072014e-308", "4.9e-324", "1e-400", " 7 ",
      "123456789012345678901234567890", "0.000000000000000000000000000000123", "00012",
      "6.958333333333333", "18.320901500000002", String(repeating: "1", count: 300),
      "0." + String(repeating: "0", count: 2_000) + "1",
    ]
    var state: UInt64 = 7
    for _ in 0..<2_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: state ^ state >> 29)
      if value.isFinite { texts.append("\(value)") }
      texts.append("\(Int32(truncatingIfNeeded: state >> 32)).\(state >> 20 & 0xFFFFF)")
    }
    let rows = texts.enumerated().map { "\($0.offset),\($0.element)\n" }.joined()
    let recording = try read("timestamp,value\n" + rows)
    #expect(recording.malformed == 0)
    let read = recording.series[0].samples.map(\.value.bitPattern)
    let expected = texts.map { Double($0.filter { $0 != " " })!.bitPattern }
    #expect(read.count == expected.count)
    for index in expected.indices where read[index] != expected[index] {
      Issue.record("\(texts[index]) read as \(Double(bitPattern: read[index]))")
    }
  }

  @Test(arguments: ["0x10", "1,5,2", "1 2", "1e", "e5", "--1", "+", ".", "1.2.3", "nanometre", "१"])
  func `accepts nothing else as a number`(text: String) throws {
    let recording = try read("timestamp;value;b\n2014-01-01;\(text);1\n2014-01-02;2;2\n")
    #expect(recording.series.first?.samples.map(\.value) == [2])
    #expect(recording.malformed == 1)
  }

  // MARK: Layout

  @Test(arguments: [",", ";", "\t", "|", " "])
  func `detects the delimiter`(delimiter: String) throws {
    var text = ["timestamp", "a", "b"].joined(separator: delimiter) + "\r\n"
    for row in 0..<5 {
      text += [csvTime(row), "\(row)", "\(row * 2)"].joined(separator: delimiter) + "\r\n"
    }
    let recording = try read(text)
    #expect(recording.series.map(\.name.text) == ["pump.a", "pump.b"])
    #expect(recording.series[1].samples.map(\.value) == [0, 2, 4, 6, 8])
    #expect(recording.malformed == 0)
  }

  @Test func `uses the configured delimiter`() throws {
    let recording = try read("time,s|value\n1,5|1\n2,5|2\n") {
      $0.delimiter = 0x7C
      $0.timestampColumn = .none
      $0.values = .chosen([.named("value")])
    }
    #expect(recording.series[0].samples.map(\.value) == [1, 2])
    #expect(recording.malformed == 0)
  }

  @Test func `treats a run of spaces as one`() throws {
    let recording = try read("  time   value\n  100      1\n 1000     22  \n")
    #expect(recording.series[0].samples.map(\.value) == [1, 22])
  }

  @Test func `reads quoted cells, doubled quotes, line ends within quotes and a byte order mark`()
    throws
  {
    let recording = try read(
      "\u{FEFF}\"timestamp\",\"pump \"\"A\"\", flow\",\"note\",\"x\"\r\n"
        + "\"\(csvTime(0))\",\"1.5\",\"a, b\nand c\",1\r\n"
        + "\(csvTime(1)),2.5,\"d \"\"e\"\"\",2\r\n" + "\(csvTime(2)),\" 3.5 \",,3\r\n"
    ) {
      $0.values = .chosen([.position(2), .named("X")])
    }
    #expect(recording.series.map(\.name.text) == ["pump.pump__A_,_flow", "pump.x"])
    #expect(recording.series[0].samples.map(\.value) == [1.5, 2.5, 3.5])
    #expect(recording.series[1].samples.map(\.value) == [1, 2, 3])
    #expect(recording.malformed == 0)
  }

  @Test func `makes names valid and unique whatever the header contains`() throws {
    directory.write(
      Array("time,a,a,,b*?,".utf8) + [0xFF, 0xFE] + Array(",c\n1,1,2,3,4,5,6\n".utf8),
      to: "pump.csv")
    let recording = try CSVFile.read(
      path: directory.file("pump.csv"), table: TableSection())
    #expect(
      recording.series.map(\.name.text)
        == ["pump.a", "pump.a_3", "pump.column4", "pump.b__", "pump.__", "pump.c"])
  }

  @Test(arguments: [nil, "", "hall.3"] as [String?], ["value"])
  func `puts the prefix before names`(prefix: String?, column: String) throws {
    let recording = try read("timestamp,\(column)\n1,1\n") { $0.prefix = prefix }
    let expected = prefix == "" ? column : (prefix ?? "pump") + "." + column
    #expect(recording.series.map(\.name.text) == [expected])
  }

  @Test(
    arguments: [
      ("1,2\n3,4\n", ["column1", "column2"]),
      ("2014-01-01,2\n2014-01-02,4\n", ["column2"]),
      ("1392388020,2\n1392388021,4\n", ["column2"]),
      ("time,1,2\n1,2,3\n2,3,4\n", ["1", "2"]),
      ("a,b\n1,2\n3,4\n", ["a", "b"]),
      ("speed,Date\n7,2014-01-01\n8,2014-01-02\n", ["speed"]),
      ("5\n6\n7\n", ["column1"]),
      ("watts\n5\n6\n", ["watts"]),
      ("timestamp,host,value\n1,web,5\n2,web,6\n3,db,7\n", ["value"]),
      ("timestamp,host,value\n1,web,5\n", ["host", "value"]),
    ] as [(String, [String])])
  func `detects header, time stamp and values`(text: String, labels: [String]) throws {
    #expect(try read(text).series.map(\.label) == labels)
  }

  @Test func `follows the configuration about the header`() throws {
    let text = "1,2\n3,4\n5,6\n"
    let named = try read(text) {
      $0.header = .present; $0.timestampColumn = .none
    }
    #expect(named.series.map(\.label) == ["1", "2"])
    #expect(named.rows == 2)
    let bare = try read("time,value\n3,4\n5,6\n") {
      $0.header = .absent
      $0.timestampColumn = .none
    }
    #expect(bare.series.map(\.label) == ["column1", "column2"])
    #expect(bare.malformed == 2)
  }

  private static let mismatches: [(String, CSVColumn, CSVLayoutError)] = [
    ("a,b\n1,2\n", .named("c"), .noSuchColumn("c", found: ["a", "b"])),
    ("a,b\n1,2\n", .position(3), .noSuchPosition(3, width: 2)),
    ("a,b\nnever,2\n", .named("a"), .unknownTimestamp(column: "'a'", found: "never")),
    ("a\n1\n", .named("a"), .noValues(found: nil)),
    ("", .named("a"), .empty),
  ]

  @Test(arguments: CSVFormatTests.mismatches)
  func `reports what is missing if a file does not match the configuration`(
    text: String, column: CSVColumn, error: CSVLayoutError
  ) {
    #expect(throws: CSVFileError.layout(path: directory.file("pump.csv"), error)) {
      try read(text) { $0.timestampColumn = .column(column) }
    }
  }

  @Test func `reads the columns that are there when some are missing`() throws {
    let recording = try read("timestamp,a,b\n1,2,3\n") {
      $0.values = .chosen([.named("b"), .named("c")])
    }
    #expect(recording.series.map(\.label) == ["b"])
    #expect(recording.notices.contains { $0.text.contains("expected a column 'c'") })
  }

  @Test(
    arguments: [
      ("3", CSVColumn.position(3)), ("\"3\"", .named("3")), ("value", .named("value")),
      ("0", .named("0")),
    ] as [(String, CSVColumn)])
  func `parses column specifications`(text: String, column: CSVColumn) {
    #expect(CSVColumn(parsing: text) == column)
  }
}
