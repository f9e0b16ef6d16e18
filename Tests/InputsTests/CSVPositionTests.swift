import Inputs
import Series
import Testing

@Suite struct CSVPositionTests {
  private let directory = CSVDirectory()
  private let header = "timestamp,value\n"

  private func texts(_ range: Range<Int>) -> [String] { range.map { "\(Double($0))" } }

  /// A first run that reads rows 0..<rows, and its position.
  private func firstLife(_ rows: Int, tail: String = "") -> [UInt8] {
    directory.write(header + csvRows(0..<rows) + tail, to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == texts(0..<rows))
    return watch.input.encodePosition()
  }

  @Test(arguments: [2, 100])
  func `resumes after a restart without reading anything twice`(rows: Int) {
    let position = firstLife(rows, tail: csvTime(rows).prefix(7).description)
    directory.append(
      csvTime(rows).dropFirst(7) + ",\(rows)\n" + csvRows(rows + 1..<rows + 3), to: "pump.csv")
    let second = CSVWatch(directory, position: position)
    #expect(second.input.encodePosition() == position)
    second.poll()
    #expect(second.values() == texts(rows..<rows + 3))
    #expect(second.input.health.malformed == 0)
  }

  @Test func `continues the line count where it stopped`() {
    let position = firstLife(10)
    directory.append("\(csvTime(11)),oops\n", to: "pump.csv")
    let second = CSVWatch(directory, position: position)
    second.poll()
    #expect(second.warnings.first?.contains("pump.csv:12: column 'value'") == true)
  }

  @Test func `stops where the samples stopped, not where the reading did`() {
    directory.write(header + csvRows(0..<1_000), to: "pump.csv")
    let first = CSVWatch(directory) { $0.maximumSamplesPerPoll = 10 }
    _ = first.input.poll(now: first.now, into: first.sink)
    let second = CSVWatch(directory, position: first.input.encodePosition())
    second.poll()
    #expect(first.values() == texts(0..<10))
    #expect(second.values() == texts(10..<1_000))
  }

  @Test func `does not examine the first lines again`() {
    let position = firstLife(100)
    // A row whose first cell a new detection would not accept as a time stamp, at the same offset.
    let second = CSVWatch(directory, position: position)
    directory.append("\(csvTime(100)),100\n", to: "pump.csv")
    second.poll()
    #expect(second.values() == texts(100..<101))
    #expect(!second.notices.contains { $0.text.contains("reading cells") })
  }

  @Test(arguments: [50, 2_000])
  func `reads a file that reuses the old one's inode from its beginning`(rows: Int) {
    let position = firstLife(100)
    directory.write(header + csvRows(10..<10 + rows), to: "pump.csv")
    let second = CSVWatch(directory, position: position)
    second.poll()
    #expect(second.values() == texts(10..<10 + rows))
    #expect(second.notices.contains { $0.text.contains("not the file that was read before") })
  }

  @Test func `keeps the names of the columns when the file lost its header while it was down`() {
    let position = firstLife(100)
    directory.write(csvRows(200..<203), to: "pump.csv")
    let second = CSVWatch(directory, position: position)
    second.poll()
    #expect(second.sink.names == ["pump.value"])
    #expect(second.values() == texts(200..<203))
  }

  @Test func `finishes a file that was renamed while it was down`() {
    let position = firstLife(100)
    directory.append(csvRows(100..<103), to: "pump.csv")
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write(header + csvRows(103..<106), to: "pump.csv")
    let second = CSVWatch(directory, position: position)
    second.poll()
    #expect(second.values() == texts(100..<106))
  }

  @Test func `detects the layout again if the configuration has changed`() {
    directory.write(
      "timestamp,value,speed\n" + (0..<9).map { "\(csvTime($0)),1,2\n" }.joined(),
      to: "pump.csv")
    let first = CSVWatch(directory)
    first.poll()
    directory.append("\(csvTime(9)),3,4\n", to: "pump.csv")
    let second = CSVWatch(directory, position: first.input.encodePosition()) {
      $0.values = .chosen([.named("speed")])
      $0.prefix = "mill"
    }
    second.poll()
    #expect(second.sink.names == ["mill.speed"])
    #expect(second.sink.values(of: "mill.speed") == ["4.0"])
  }

  @Test func `starts without a position if it is unreadable, and reports it`() {
    let position = firstLife(3)
    let damaged: [[UInt8]] = [
      [1, 2, 3], Array(position.dropLast()), position + [0], [9] + Array(position.dropFirst()),
    ]
    for broken in damaged {
      let second = CSVWatch(directory, position: broken)
      second.poll()
      #expect(second.values() == texts(0..<3))
      #expect(second.warnings.first?.contains("expected a position") == true)
    }
  }

  @Test func `never traps on a damaged position`() {
    let position = firstLife(3)
    for index in position.indices {
      for bit in [UInt8(1), 0x80] {
        var damaged = position
        damaged[index] ^= bit
        let second = CSVWatch(directory, position: damaged)
        second.poll()
      }
    }
  }

  @Test func `keeps a position while the file is missing`() {
    let position = firstLife(100)
    directory.rename("pump.csv", to: "elsewhere")
    let second = CSVWatch(directory, "other.csv", position: position)
    #expect(second.input.encodePosition() == position)
  }

  @Test(arguments: [
    (TableSection.Start.saved, 3..<5), (.beginning, 0..<5), (.end, 5..<5),
  ])
  func `starts where configured`(start: TableSection.Start, first: Range<Int>) {
    let position = firstLife(3)
    directory.append(csvRows(3..<5), to: "pump.csv")
    let second = CSVWatch(directory, position: position) { $0.start = start }
    second.poll()
    #expect(second.values() == texts(first))
    directory.append(csvRows(5..<7), to: "pump.csv")
    second.poll()
    #expect(second.values() == texts(first.lowerBound..<7))
    #expect(second.sink.names == ["pump.value"])
  }

  @Test func `starts after an unfinished line with the next line`() {
    directory.write(header + csvRows(0..<3) + csvTime(3), to: "pump.csv")
    let watch = CSVWatch(directory) { $0.start = .end }
    watch.poll()
    directory.append(",3\n" + csvRows(4..<6), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(4..<6))
    #expect(watch.input.health.malformed == 0)
  }
}
