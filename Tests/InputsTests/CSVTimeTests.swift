import Glibc
import Inputs
import Series
import Testing

/// Where the time of a row is found, and how it is interpreted.
@Suite struct CSVTimeTests {
  private let directory = CSVDirectory()

  private func read(
    _ text: String, _ adjust: (inout TableSection) -> Void = { _ in }
  ) throws(CSVFileError) -> CSVRecording {
    directory.write(text, to: "pump.csv")
    var configuration = TableSection()
    adjust(&configuration)
    return try CSVFile.read(path: directory.file("pump.csv"), table: configuration)
  }

  private func moments(_ recording: CSVRecording) -> [String] {
    recording.series[0].samples.map { String($0.timestamp.iso8601.dropLast(5)) }
  }

  @Test(
    arguments: [
      // A day beyond the 12th.
      (["11/03/2026 00:00", "13/03/2026 00:00"], "2026-03-13T00:00:00"),
      (["03/11/2026 00:00", "03/13/2026 00:00"], "2026-03-13T00:00:00"),
      // Only one order does not run backwards.
      (["28/02/2026", "01/03/2026"], "2026-03-01T00:00:00"),
      (["01/03/2026", "02/03/2026", "01/04/2026"], "2026-04-01T00:00:00"),
      // Dots are used in day-first dates.
      (["01.03.2026 10:00", "01.03.2026 10:01"], "2026-03-01T10:01:00"),
      (["1.3.26 10:00", "1.3.26 10:01"], "2026-03-01T10:01:00"),
      // A 12-hour clock.
      (["3/14/2026 9:05:10 AM", "3/14/2026 2:05:10 PM"], "2026-03-14T14:05:10"),
      // Digits only.
      (["20260301100000", "20260301100100"], "2026-03-01T10:01:00"),
    ] as [([String], String)])
  func `understands dates by the data`(stamps: [String], last: String) throws {
    let recording = try read("time,v\n" + stamps.map { "\($0),1\n" }.joined())
    #expect(moments(recording).last == last)
    #expect(recording.malformed == 0)
  }

  @Test func `looks for a day beyond the 12th further down`() throws {
    let rows = (1...28).map { "\($0 < 10 ? "0" : "")\($0)/03/2026,\($0)\n" }
    let recording = try read("time,v\n" + rows.joined())
    #expect(recording.series[0].samples.count == 28)
    #expect(moments(recording).last == "2026-03-28T00:00:00")
  }

  @Test func `requires the order of day and month if nothing shows it`() throws {
    let text = "time,v\n" + (0..<40).map { "01/03/2026 00:0\($0 / 10):\(10 + $0),1\n" }.joined()
    let file = directory.file("pump.csv")
    let error = CSVLayoutError.ambiguousDate(column: "'time'", found: "01/03/2026 00:00:10")
    #expect(throws: CSVFileError.layout(path: file, error)) { try read(text) }
    #expect("\(error)".contains("TimestampFormat= (--timestamp-format) to dmy or mdy"))
    // No row is stamped with the time of reading.
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.sink.names == [])
    #expect(watch.input.health.malformed > 30)
    let days = try read(text) { $0.timestampFormat = .dayFirst }
    #expect(moments(days).first == "2026-03-01T00:00:10")
    let months = try read(text) { $0.timestampFormat = .monthFirst }
    #expect(moments(months).first == "2026-01-03T00:00:10")
  }

  @Test(arguments: [1, 1_000, 1_000_000, 1_000_000_000])
  func `finds the unit of epoch time by its size`(factor: Int) throws {
    for name in ["time", "when"] {
      let rows = (0..<5).map { "\((1_772_323_200 + $0) * factor),\($0)\n" }
      let recording = try read("\(name),v\n" + rows.joined())
      #expect(recording.series.map(\.label) == ["v"])
      #expect(moments(recording).first == "2026-03-01T00:00:00")
      #expect(moments(recording).last == "2026-03-01T00:00:04")
    }
  }

  @Test(
    arguments: [
      ("epoch-us", "1772323200000001.5"), ("epoch-ns", "1772323200000001000"),
      ("relative-ns", "1772323200000001000"), ("relative-us", "1772323200000001"),
    ] as [(String, String)])
  func `reads the unit that is configured`(word: String, text: String) throws {
    let format = try CSVTimestampFormat(parsing: word)
    let recording = try read("n,v\n\(text),1\n") {
      $0.timestampColumn = .column(.named("n"))
      $0.timestampFormat = format
    }
    #expect(recording.series[0].samples[0].timestamp.nanoseconds / 1_000 == 1_772_323_200_000_001)
  }

  @Test func `does not take microseconds since boot for a time in the far future`() {
    let rows = (0..<20).map { "\(8_165_054_125 + $0 * 10_000),\($0)\n" }.joined()
    let error = CSVLayoutError.unknownEpoch(column: "'ts'", found: "8165054125")
    #expect(throws: CSVFileError.layout(path: directory.file("pump.csv"), error)) {
      try read("ts,v\n" + rows)
    }
    #expect("\(error)".contains("relative-us"))
  }

  @Test(
    arguments: [
      ("t", 0.003), ("seconds", 0.5), ("time", 1), ("t_ms", 3), ("time (ms)", 100),
      ("elapsed", 1),
    ] as [(String, Double)])
  func `recognises a column that counts in steady steps as time`(name: String, step: Double) throws
  {
    let rows = (0..<20).map { "\(Double($0) * step),\($0 * 7 % 5)\n" }.joined()
    let recording = try read("\(name),v\n" + rows)
    #expect(recording.series.map(\.label) == ["v"])
    let scale = name.contains("ms") ? 1e-3 : 1
    let last = recording.series[0].samples[19].timestamp.seconds
    #expect(abs(last - 19 * step * scale) < 1e-9)
  }

  @Test(arguments: ["t", "seconds", "time"])
  func `treats a column that does not count as values, whatever its name`(name: String) throws {
    let rows = (0..<20).map { "\($0 * 7 % 5),\($0)\n" }.joined()
    #expect(try read("\(name),v\n" + rows).series.map(\.label) == [name, "v"])
  }

  @Test func `waits for three rows before it treats t as time`() {
    directory.write("t,v\n0.5,1\n", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.append("1.0,2\n", to: "pump.csv")
    watch.poll()
    #expect(watch.sink.names == [])
    directory.append("1.5,3\n", to: "pump.csv")
    watch.poll()
    #expect(watch.sink.names == ["pump.v"])
    #expect(watch.values("v") == ["1.0", "2.0", "3.0"])
  }

  @Test func `the newest row of relative time counts as written when the file was`() {
    directory.write(
      "seconds,v\n" + (0..<100).map { "\($0),\($0)\n" }.joined(), to: "pump.csv")
    let watch = CSVWatch(directory)
    let modified = Timestamp(seconds: Double(time(nil)))
    watch.poll(after: modified.elapsed(since: watch.now) + .seconds(60))
    var samples = watch.sink.samples(of: "pump.v")
    #expect(samples.count == 100)
    #expect(abs(modified.seconds - samples[99].timestamp.seconds) < 5)
    #expect(samples[99].timestamp.elapsed(since: samples[0].timestamp) == .seconds(99))
    #expect(watch.notices.contains { $0.text.contains("as relative-seconds (no date: ") })
    // It continues across a restart, and from the time of reading if the device is restarted.
    let again = CSVWatch(directory, position: watch.input.encodePosition())
    directory.append("100,1\n0,2\n1,3\n", to: "pump.csv")
    let now = watch.now.advanced(by: .seconds(60))
    again.poll(after: now.elapsed(since: again.now))
    samples += again.sink.samples(of: "pump.v")
    #expect(samples[100].timestamp.elapsed(since: samples[99].timestamp) == .seconds(1))
    #expect(samples[101].timestamp == now)
    #expect(samples[102].timestamp > now)
    #expect(again.input.health.malformed == 0)
  }

  @Test(
    arguments: [
      ("Date,Time,v", "2026-03-01,10:00:0"), ("Datum;Uhrzeit;v", "01.03.2026;10:00:0"),
      ("date time v", "2026-03-01 10:00:0"), ("Time,Date,v", ""),
    ] as [(String, String)])
  func `joins a date and a time of day in two columns`(header: String, begin: String) throws {
    let delimiter = header.contains(";") ? ";" : header.contains(",") ? "," : " "
    let rows = (0..<5).map { row in
      begin.isEmpty
        ? "10:00:0\(row),2026-03-01,\(row)\n" : "\(begin)\(row)\(delimiter)\(row)\n"
    }
    let recording = try read(header + "\n" + rows.joined())
    #expect(recording.series.map(\.label) == ["v"])
    #expect(moments(recording) == (0..<5).map { "2026-03-01T10:00:0\($0)" })
    #expect(recording.malformed == 0)
  }

  // MARK: Several rows for one time

  private let hosts =
    "time,host,load\n"
    + (0..<4).map { "\(csvTime($0)),web,\($0)\n\(csvTime($0)),db.1,\($0 + 10)\n" }.joined()

  @Test func `a key column makes a metric of each of its texts`() throws {
    let recording = try read(hosts) { $0.key = .named("host") }
    #expect(recording.series.map(\.name.text) == ["pump.web.load", "pump.db.1.load"])
    #expect(recording.series[0].samples.map(\.value) == [0, 1, 2, 3])
    #expect(recording.series[1].samples.map(\.value) == [10, 11, 12, 13])
    #expect(recording.malformed == 0)
  }

  @Test func `keys are followed live and across a restart, each in its own chronological order`() {
    directory.write(hosts, to: "pump.csv")
    let watch = CSVWatch(directory) { $0.key = .position(2) }
    watch.poll()
    #expect(watch.sink.values(of: "pump.db.1.load") == ["10.0", "11.0", "12.0", "13.0"])
    directory.append("\(csvTime(3)),web,9\n\(csvTime(4)),web,4\n,x,1\n", to: "pump.csv")
    watch.poll()
    #expect(watch.values("web.load") == ["0.0", "1.0", "2.0", "3.0", "4.0"])
    #expect(watch.input.health.malformed == 2)
    let again = CSVWatch(directory, position: watch.input.encodePosition()) {
      $0.key = .position(2)
    }
    directory.append("\(csvTime(4)),db.1,14\n\(csvTime(5)),,1\n", to: "pump.csv")
    again.poll()
    #expect(again.values("db.1.load") == ["14.0"])
    #expect(again.warnings.contains { $0.contains("expected one of at most 10000 keys") })
  }

  @Test func `a repeated time hints at the key column`() throws {
    let recording = try read(hosts)
    #expect(recording.notices.contains { $0.text.contains("KeyColumn= names the column") })
  }
}
