import Inputs
import Series
import Testing

/// What is detected in a file's first lines.
@Suite struct CSVDetectionTests {
  private let directory = CSVDirectory()

  private func read(
    _ text: String, _ adjust: (inout TableSection) -> Void = { _ in }
  ) throws(CSVFileError) -> CSVRecording {
    directory.write(text, to: "pump.csv")
    var configuration = TableSection()
    adjust(&configuration)
    return try CSVFile.read(path: directory.file("pump.csv"), table: configuration)
  }

  private func moments(_ recording: CSVRecording, _ column: Int = 0) -> [String] {
    recording.series[column].samples.map { String($0.timestamp.iso8601.dropLast(5)) }
  }

  // MARK: Header

  @Test func `keeps the header while no row can be read yet`() throws {
    let late = (0..<40).map { "\(csvTime($0)),starting\n" }.joined() + csvRows(40..<60)
    let recording = try read("time,temp\n" + late)
    #expect(recording.series.map(\.name.text) == ["pump.temp"])
    #expect(recording.series[0].samples.map(\.value) == (40..<60).map(Double.init))
    #expect(moments(recording).first == csvTime(40))
    #expect(recording.malformed == 40)
  }

  @Test func `keeps the header across a restart while no row can be read yet`() {
    directory.write(
      "time,temp\n" + (0..<40).map { "\(csvTime($0)),starting\n" }.joined(), to: "pump.csv")
    let first = CSVWatch(directory)
    first.poll()
    #expect(first.input.health.malformed == 31)
    let second = CSVWatch(directory, position: first.input.encodePosition())
    directory.append(csvRows(40..<60), to: "pump.csv")
    second.poll()
    #expect(second.values("temp") == (40..<60).map { "\(Double($0))" })
  }

  @Test
  func `takes the header of a file that begins anew while the old one's rows were unreadable`() {
    directory.write("time,temp\n" + String(repeating: "never,1\n", count: 40), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write("time,flow\n" + csvRows(0..<5), to: "pump.csv")
    watch.poll()
    #expect(watch.sink.names == ["pump.flow"])
  }

  @Test func `names the line of the first row that cannot be read`() throws {
    let watch = CSVWatch(directory)
    directory.write("time,temp\n" + String(repeating: "never,1\n", count: 40), to: "pump.csv")
    watch.poll()
    #expect(watch.warnings.first?.contains("pump.csv:2: expected a time stamp") == true)
    #expect(watch.sink.names == [])
  }

  @Test func `uses a comment before the rows as a header if it fits`() throws {
    let named = try read("# made by logger 3\n# time flow\n1700000000 5\n1700000001 6\n")
    #expect(named.series.map(\.label) == ["flow"])
    #expect(named.malformed == 0)
    let plain = try read("# made by logger 3\ntime,flow\n1700000000,5\n# a pause\n1700000001,6\n")
    #expect(plain.series.map(\.label) == ["flow"])
    #expect(plain.series[0].samples.count == 2)
    #expect(plain.malformed == 0)
  }

  @Test(arguments: ["sep=;", "\"sep=;\"", "sep=;\r"])
  func `follows Excel's line about the delimiter`(line: String) throws {
    let recording = try read(line + "\ntime;a;b\n2024-01-01;1,5;2\n2024-01-02;2,5;3\n")
    #expect(recording.series.map(\.label) == ["a", "b"])
    #expect(recording.series[0].samples.map(\.value) == [1.5, 2.5])
    #expect(recording.malformed == 0)
  }

  // MARK: Records and cells

  @Test(arguments: [1, 2, 3, 10])
  func `detects the layout where quoted text holds line ends`(every: Int) throws {
    let rows = (0..<40).map { row in
      let note = row % every == 0 ? "\"first line\nsecond, line\"" : "ok"
      return "\(csvTime(row)),\(row),\(note),\(900 + row)\n"
    }
    let recording = try read("time,temp,note,press\n" + rows.joined())
    #expect(recording.series.map(\.label) == ["temp", "press"])
    #expect(recording.series.map(\.samples.count) == [40, 40])
    #expect(recording.malformed == 0)
  }

  @Test func `waits for the rest of a quoted first row`() {
    directory.write("time,note,v\n\(csvTime(0)),\"one\n", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.append("two\",1\n\(csvTime(1)),x,2\n\(csvTime(2)),x,3\n", to: "pump.csv")
    watch.poll()
    #expect(watch.values("v") == ["1.0", "2.0", "3.0"])
  }

  @Test func `prefers a comma to the space in dates if rows are short`() throws {
    let rows = (0..<40).map { row in
      csvTime(row).replacing("T", with: " ") + ",\(row)" + (row % 4 == 3 ? "\n" : ",\(row)\n")
    }
    let recording = try read("time,temp,press\n" + rows.joined())
    #expect(recording.series.map(\.samples.count) == [30, 30])
    #expect(recording.malformed == 10)
  }

  @Test(arguments: [";", "\t", " ", "|"])
  func `reads decimal commas if the comma is not a delimiter`(delimiter: String) throws {
    let rows = [
      ["Zeit", "Temp", "Druck"], ["2024-01-01", "20", "900"], ["2024-01-02", "20,5", "900,25"],
    ]
    let recording = try read(rows.map { $0.joined(separator: delimiter) + "\n" }.joined())
    #expect(recording.series.map(\.label) == ["Temp", "Druck"])
    #expect(recording.series[0].samples.map(\.value) == [20, 20.5])
    #expect(recording.series[1].samples.map(\.value) == [900, 900.25])
  }

  @Test func `reads numbers with the unit that their column has`() throws {
    let recording = try read(
      "time,load,temp,room\n2024-01-01,12.3%,51.2 C,21.5 °C\n2024-01-02,13%,51.4 C,22 °C\n"
        + "2024-01-03,99,51.3 C,1.5 K\n2024-01-04,14.5 %,52 C,23.5 °C\n")
    #expect(recording.series[0].samples.map(\.value) == [12.3, 13, 99, 14.5])
    #expect(recording.series[1].samples.map(\.value) == [51.2, 51.4, 51.3, 52])
    #expect(recording.series[2].samples.map(\.value) == [21.5, 22, 23.5])
    #expect(recording.malformed == 1)
    let words = "expected a number in °C, found '1.5 K'"
    #expect(recording.notices.contains { $0.text.contains(words) })
  }

  @Test func `shows the text that it found instead of numbers`() {
    let file = directory.file("pump.csv")
    let expected = CSVFileError.layout(path: file, .noValues(found: "on"))
    #expect(throws: expected) { try read("time,state\n" + rows(of: "on")) }
  }

  private func rows(of value: String) -> String {
    (0..<5).map { "\(csvTime($0)),\(value)\n" }.joined()
  }

  @Test func `reads a file whose lines end in CR alone, and follows it`() {
    directory.write("time,v\r" + csvRows(0..<3).replacing("\n", with: "\r"), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.append(csvRows(3..<5).replacing("\n", with: "\r"), to: "pump.csv")
    watch.poll()
    #expect(watch.values("v") == (0..<5).map { "\(Double($0))" })
    let again = CSVWatch(directory, position: watch.input.encodePosition())
    directory.append(csvRows(5..<6).replacing("\n", with: "\r"), to: "pump.csv")
    again.poll()
    #expect(again.values("v") == ["5.0"])
    #expect(again.input.health.malformed == 0)
  }

  @Test(arguments: [true, false])
  func `refuses UTF-16 with a clear message`(hasMark: Bool) {
    let text = "time,v\n" + csvRows(0..<20)
    var bytes: [UInt8] = hasMark ? [0xFF, 0xFE] : []
    for byte in text.utf8 { bytes += [byte, 0] }
    directory.write(bytes, to: "pump.csv")
    let file = directory.file("pump.csv")
    #expect(throws: CSVFileError.layout(path: file, .isUTF16)) {
      try CSVFile.read(path: file, table: TableSection())
    }
    let watch = CSVWatch(directory)
    watch.poll()
    watch.poll()
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("found UTF-16") == true)
    #expect(watch.input.health.malformed == 1)
  }
}
