import FoundationEssentials
import Glibc
import Inputs
import Series
import Support
import System
import Testing

@Suite struct CSVFileTests {
  private let directory = CSVDirectory()

  /// Which files of the benchmark are for development; the others are not read.
  private struct Split: Decodable {
    var development: [String]
  }

  @Test(.enabled(if: Needs.sharedData.isMet, "\(Needs.sharedData)"))
  func `reads the development half of the Numenta benchmark, every row`() throws {
    let split = try JSONDecoder().decode(
      Split.self, from: Data(contents(SharedData.path("data/nab/split.json")).utf8))
    var rows = 0
    for name in split.development {
      let path = SharedData.path("data/nab/data/" + name)
      var configuration = TableSection()
      configuration.timeOrder = .asRecorded
      let recording = try CSVFile.read(path: path, table: configuration)
      #expect(recording.series.map(\.label) == ["value"])
      #expect(recording.malformed == 0, "\(name)")
      #expect(recording.gaps == 0, "\(name)")
      #expect(recording.series[0].samples.count == recording.rows)
      rows += recording.rows
    }
    #expect(split.development.count == 45)
    #expect(rows == 279_822)
  }

  @Test func `yields the same as the live input`() throws {
    var text = "timestamp,a,b\n"
    for second in 0..<500 {
      let cell = second % 9 == 0 ? "" : "x"
      text += second % 50 == 7 ? "junk\n" : "\(csvTime(second)),\(second),\(cell)\n"
    }
    directory.write(text, to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    let recording = try CSVFile.read(
      path: directory.file("pump.csv"), table: TableSection())
    #expect(recording.series.map(\.name.text) == watch.sink.names)
    for series in recording.series {
      let live = watch.sink.samples(of: series.name.text)
      #expect(series.samples.map { "\($0)" } == live.map { "\($0)" })
    }
    #expect(recording.malformed == watch.input.health.malformed)
    #expect(recording.gaps == watch.input.health.gaps)
  }

  @Test func `accepts a last line without line end`() throws {
    directory.write("timestamp,value\n1,1\n2,2", to: "a.csv")
    let recording = try CSVFile.read(
      path: directory.file("a.csv"), table: TableSection())
    #expect(recording.series[0].samples.map(\.value) == [1, 2])
  }

  @Test func `lists the columns of a file that has only a header`() throws {
    directory.write("timestamp,value\n", to: "a.csv")
    let recording = try CSVFile.read(
      path: directory.file("a.csv"), table: TableSection())
    #expect(recording.series.map(\.name.text) == ["a.value"])
    #expect(recording.rows == 0)
  }

  @Test func `assumes time stamps one second apart if there are none`() throws {
    directory.write("5\n6\n7\n", to: "a.csv")
    let recording = try CSVFile.read(
      path: directory.file("a.csv"), table: TableSection())
    #expect(recording.series[0].samples.map(\.timestamp.seconds) == [0, 1, 2])
    let words = "found none; rows count as one second apart"
    #expect(recording.notices.contains { $0.severity == .warning && $0.text.contains(words) })
  }

  @Test func `drops rows that go back in time, or keeps them as recorded`() throws {
    directory.write("timestamp,value\n1,1\n3,3\n2,2\n3,4\n4,5\n", to: "a.csv")
    var configuration = TableSection()
    let strict = try CSVFile.read(path: directory.file("a.csv"), table: configuration)
    #expect(strict.series[0].samples.map(\.value) == [1, 3, 5])
    #expect(strict.malformed == 2)
    #expect(strict.notices.last?.text.contains("1 more rows that go back in time") == true)
    configuration.timeOrder = .asRecorded
    let whole = try CSVFile.read(path: directory.file("a.csv"), table: configuration)
    #expect(whole.series[0].samples.map(\.value) == [1, 3, 2, 4, 5])
    #expect(whole.malformed == 0)
  }

  @Test func `reports why a file cannot be read`() {
    let configuration = TableSection()
    let missing = directory.file("missing.csv")
    #expect(throws: CSVFileError.cannotOpen(path: missing, errno: Errno(ENOENT))) {
      try CSVFile.read(path: missing, table: configuration)
    }
    #expect(throws: CSVFileError.notRegular(path: directory.path, found: "a directory")) {
      try CSVFile.read(path: directory.path, table: configuration)
    }
    directory.write("\n\n", to: "empty.csv")
    #expect(throws: CSVFileError.layout(path: directory.file("empty.csv"), .empty)) {
      try CSVFile.read(path: directory.file("empty.csv"), table: configuration)
    }
  }

  @Test func `reads a gzip-compressed file like the file itself`() throws {
    directory.write("timestamp,value\n" + csvRows(0..<20_000), to: "pump.csv")
    let plain = try CSVFile.read(
      path: directory.file("pump.csv"), table: TableSection())
    #expect(try Child("gzip", [directory.file("pump.csv")]).waited() == 0)
    for name in ["pump.csv.gz", "pump"] {
      if name == "pump" { directory.rename("pump.csv.gz", to: name) }
      let recording = try CSVFile.read(
        path: directory.file(name), table: TableSection())
      #expect(recording.series == plain.series, "\(name)")
      #expect(recording.malformed == 0)
    }
    #expect(plain.rows == 20_000)
  }

  @Test func `reports gzip's error about damaged data, after the rows before the damage`() throws {
    directory.write("timestamp,value\n" + csvRows(0..<50_000), to: "pump.csv")
    #expect(try Child("gzip", [directory.file("pump.csv")]).waited() == 0)
    #expect(truncate(directory.file("pump.csv.gz"), 100_000) == 0)
    let path = directory.file("pump.csv.gz")
    let reader = try CSVReader(path: path, table: TableSection())
    #expect(
      throws: CSVFileError.cannotDecompress(path: path, reason: "unexpected end of file")
    ) {
      while try reader.next() {}
    }
    #expect(reader.rows > 1_000)
    directory.write("timestamp,value\n1,1\n", to: "text.gz")
    let text = directory.file("text.gz")
    #expect(throws: CSVFileError.cannotDecompress(path: text, reason: "not in gzip format")) {
      try CSVFile.read(path: text, table: TableSection())
    }
  }
}
