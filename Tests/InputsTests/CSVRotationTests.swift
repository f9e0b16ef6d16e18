import Glibc
import Inputs
import Series
import Support
import Testing

@Suite struct CSVRotationTests {
  private let directory = CSVDirectory()
  private let header = "timestamp,value\n"

  private func texts(_ range: Range<Int>) -> [String] { range.map { "\(Double($0))" } }

  /// How files are rotated: the newest one gets the first name, each other one the next.
  enum Way: String, CaseIterable, CustomTestStringConvertible {
    case numbered, numberedBeforeEnding, dated, datedBeforeEnding, copied

    var testDescription: String { rawValue }

    /// Rotates `pump.csv`, for the `count`th time.
    func rotate(in directory: CSVDirectory, count: Int) {
      func exists(_ name: String) -> Bool { access(directory.file(name), F_OK) == 0 }
      func name(_ number: Int) -> String {
        self == .numberedBeforeEnding ? "pump.\(number).csv" : "pump.csv.\(number)"
      }
      switch self {
      case .dated: directory.rename("pump.csv", to: "pump.csv-\(20_260_100 + count)")
      case .datedBeforeEnding:
        directory.rename("pump.csv", to: "pump-2026-01-\(count / 10)\(count % 10).csv")
      default:
        for number in (1..<20).reversed() where exists(name(number)) {
          directory.rename(name(number), to: name(number + 1))
        }
        if self == .copied {
          directory.append("", to: name(1))
          directory.write(contents(directory.file("pump.csv")), to: name(1))
          directory.write("", to: "pump.csv")
        } else {
          directory.rename("pump.csv", to: name(1))
        }
      }
    }
  }

  @Test(arguments: Way.allCases, [true, false])
  func `reads several rotated files between two polls, oldest first`(way: Way, isDown: Bool) {
    // These existed before the first poll.
    for old in 1...3 {
      directory.write(header + csvRows(1_000 * old..<1_000 * old + 5), to: "pump.csv")
      way.rotate(in: directory, count: old)
    }
    directory.write(header + csvRows(10_000..<10_010), to: "pump.csv")
    var watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == texts(10_000..<10_010))
    directory.append(csvRows(10_010..<10_020), to: "pump.csv")
    for count in 4...8 {
      way.rotate(in: directory, count: count)
      directory.append(
        header + csvRows(10_000 + count * 5..<10_005 + count * 5), to: "pump.csv")
    }
    if isDown { watch = CSVWatch(directory, position: watch.input.encodePosition()) }
    watch.poll()
    let before = isDown ? 10_010 : 10_000
    #expect(watch.values() == texts(before..<10_045))
    #expect(watch.input.health.malformed == 0)
    #expect(watch.warnings == [])
  }

  @Test(arguments: [true, false])
  func `reads the rest of a deleted file, and then its successors`(isKept: Bool) {
    directory.write(header + csvRows(0..<5), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.append(csvRows(5..<7), to: "pump.csv")
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write(header + csvRows(7..<9), to: "pump.csv")
    // A rotation that keeps one file has deleted the one being read.
    directory.rename("pump.csv", to: "pump.csv.1")
    if isKept { directory.write(header + csvRows(9..<11), to: "pump.csv") }
    watch.poll()
    watch.poll()
    #expect(watch.values() == texts(0..<(isKept ? 11 : 9)))
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `reads rows without a header after a file that had only the header`() {
    let watch = CSVWatch(directory)
    directory.write(header, to: "pump.csv")
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write("1700000000,1\n1700000001,2\n", to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["1.0", "2.0"])
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `reads a rotated file whose name begins with a combining mark`() {
    let name = "\u{301}pump.csv"
    directory.write(header + csvRows(0..<5), to: name)
    let watch = CSVWatch(directory, name)
    watch.poll()
    directory.append(csvRows(5..<7), to: name)
    directory.rename(name, to: name + ".1")
    directory.write(header + csvRows(7..<9), to: name)
    watch.poll()
    #expect(watch.sink.names.count == 1)
    #expect(watch.sink.names.flatMap { watch.sink.values(of: $0) } == texts(0..<9))
  }

  @Test func `notices a file overwritten to the same length`() {
    directory.write(header + csvRows(10..<20), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write(header + csvRows(30..<40), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(10..<20) + texts(30..<40))
    #expect(watch.notices.contains { $0.text.contains("was truncated") })
  }

  @Test func `notices that only the beginning of a long file was overwritten`() {
    directory.write(header + csvRows(1_000..<1_200), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write(
      header + csvRows(2_000..<2_050) + csvRows(1_050..<1_200), to: "pump.csv")
    watch.poll()
    #expect(watch.sink.samples(of: "pump.value").count > 200)
    #expect(watch.notices.contains { $0.text.contains("was truncated") })
  }

  @Test func `distinguishes files with the same long header`() {
    let columns = (0..<200).map { "sensor_number_\($0)" }.joined(separator: ",")
    func table(_ range: Range<Int>) -> String {
      let cells = String(repeating: ",1", count: 199)
      return "timestamp,\(columns)\n" + range.map { "\(csvTime($0)),\($0)\(cells)\n" }.joined()
    }
    directory.write(table(0..<10), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write(contents(directory.file("pump.csv")), to: "pump.csv.1")
    directory.write(table(10..<30), to: "pump.csv")
    watch.poll()
    #expect(watch.values("sensor_number_0") == texts(0..<30))
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `does not reread rows missing from a copy that was made too early`() {
    directory.write(header + csvRows(0..<20), to: "pump.csv")
    let watch = CSVWatch(directory)
    directory.write(header + csvRows(0..<18), to: "elsewhere")
    watch.poll()
    directory.rename("elsewhere", to: "pump.csv.1")
    directory.write(header + csvRows(20..<22), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<22))
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `reports that rows may be missing if a file was compressed too early`() {
    directory.write(header + csvRows(0..<5), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write("not looked into", to: "pump.csv.1.gz")
    directory.write(header + csvRows(8..<10), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<5) + texts(8..<10))
    #expect(watch.warnings.contains { $0.contains("pump.csv.1.gz: was compressed before") })
  }

  /// Those of the programs that are installed here.
  private static let compressors = ["gzip", "xz", "bzip2", "zstd"].filter {
    (try? Child("sh", ["-c", "command -v \($0)"]))?.waited() == 0
  }

  @Test(arguments: compressors)
  func `reports a compressed file, and reads the text that replaces it`(
    program: String
  ) throws {
    directory.write(header + csvRows(0..<50), to: "text")
    let (text, packed) = (directory.file("text"), directory.file("pump.csv"))
    #expect(try Child("sh", ["-c", "\(program) -c \(text) > \(packed)"]).waited() == 0)
    let watch = CSVWatch(directory)
    watch.poll()
    let problem = "pump.csv: expected text, found a file compressed by \(program)"
    #expect(watch.warnings.contains { $0.contains(problem) }, "\(watch.warnings)")
    #expect(watch.input.health.lastError?.contains(problem) == true)
    #expect(watch.values().isEmpty)
    directory.write(header + csvRows(0..<5), to: "other")
    directory.rename("other", to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<5))
  }

  @Test(.enabled(if: Needs.unprivilegedUser.isMet, "\(Needs.unprivilegedUser)"))
  func `skips an unreadable rotated file, and reports it`() {
    directory.write(header + csvRows(0..<5), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.2")
    directory.write(header + csvRows(5..<7), to: "pump.csv.1")
    chmod(directory.file("pump.csv.1"), 0)
    directory.write(header + csvRows(7..<9), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<5) + texts(7..<9))
    #expect(watch.warnings.contains { $0.contains("its rows are left out") })
  }
}
