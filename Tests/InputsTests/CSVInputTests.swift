import Glibc
import Inputs
import Series
import Support
import Testing

@Suite struct CSVInputTests {
  private let directory = CSVDirectory()
  private let header = "timestamp,value\n"

  private func texts(_ range: Range<Int>) -> [String] { range.map { "\(Double($0))" } }

  // MARK: Growing

  @Test func `delivers rows as they are appended`() {
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.sink.names == ["pump.value"])
    #expect(watch.values() == ["0.0", "1.0"])
    directory.append(csvRows(2..<4), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<4))
    #expect(
      watch.sink.samples(of: "pump.value").map(\.timestamp.seconds)
        == [1_704_067_200, 1_704_067_201, 1_704_067_202, 1_704_067_203])
    #expect(watch.warnings.isEmpty)
    #expect(watch.input.health.samples == 4)
    #expect(watch.input.health.malformed == 0)
    #expect(watch.input.health.lagBytes == 0)
    #expect(watch.input.health.lastSampleAt?.seconds == 1_704_067_203)
  }

  @Test func `leaves an unfinished last line until its line end arrives`() {
    directory.write(header + csvRows(0..<2) + csvTime(2) + ",12", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
    #expect(watch.input.health.lagBytes == 22)
    directory.append("3", to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
    directory.append(".5\n", to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "123.5"])
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `reads the same whatever the pieces the file grows by`() {
    let text = header + csvRows(0..<20) + "\"2024-01-01T00:01:00\",\"7\"\r\n"
    for piece in [1, 3, 7, 50] {
      directory.remove("pump.csv")
      let watch = CSVWatch(directory)
      var rest = text[...]
      while !rest.isEmpty {
        directory.append(String(rest.prefix(piece)), to: "pump.csv")
        rest = rest.dropFirst(piece)
        watch.poll()
      }
      #expect(watch.values() == texts(0..<20) + ["7.0"])
      #expect(watch.input.health.malformed == 0)
    }
  }

  @Test func `bounds one poll in samples and in bytes`() {
    directory.write(header + csvRows(0..<5_000), to: "pump.csv")
    let watch = CSVWatch(directory) { $0.maximumSamplesPerPoll = 100 }
    #expect(watch.input.poll(now: watch.now, into: watch.sink) == .moreReady)
    #expect(watch.input.health.samples == 100)
    #expect(watch.input.health.lagBytes! > 0)
    watch.poll()
    #expect(watch.values() == texts(0..<5_000))

    let narrow = CSVWatch(directory) {
      $0.maximumBytesPerPoll = 4_096
      $0.maximumSamplesPerPoll = .max
    }
    #expect(narrow.input.poll(now: narrow.now, into: narrow.sink) == .moreReady)
    #expect((100..<250).contains(narrow.input.health.samples))
    narrow.poll()
    #expect(narrow.values() == texts(0..<5_000))
  }

  @Test func `drops and counts what a full registry refuses, and retries`() {
    directory.write("timestamp,a,b\n\(csvTime(0)),1,2\n\(csvTime(1)),3,4\n", to: "pump.csv")
    let watch = CSVWatch(directory, sink: CSVSink(capacity: 1))
    watch.poll()
    #expect(watch.values("a") == ["1.0", "3.0"])
    #expect(watch.input.health.samples == 2)
    #expect(watch.input.health.refused == 2)
  }

  // MARK: Rotation and truncation

  @Test func `finishes a renamed file before it reads the new one`() {
    directory.write(header + csvRows(0..<3), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.append(csvRows(3..<5), to: "pump.csv.1")
    directory.write(header + csvRows(5..<8), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<8))
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `continues with a renamed file while the new one is empty`() {
    directory.write(header + csvRows(0..<3), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.1")
    watch.poll()
    directory.append(csvRows(3..<4), to: "pump.csv.1")
    directory.write("", to: "pump.csv")
    watch.poll()
    directory.append(csvRows(4..<5), to: "pump.csv.1")
    watch.poll()
    directory.append(header + csvRows(5..<7), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<7))
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("no such file any more") == true)
  }

  @Test(arguments: [TableSection.Header.automatic, .present])
  func `keeps the names of the columns when a new file has no header`(
    promised: TableSection.Header
  ) {
    directory.write(header + csvRows(0..<3), to: "pump.csv")
    let watch = CSVWatch(directory) { $0.header = promised }
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write(csvRows(3..<4), to: "pump.csv")
    watch.poll()
    #expect(watch.sink.names == ["pump.value"])
    #expect(watch.values() == texts(0..<4))
  }

  @Test func `loses nothing and repeats nothing over many rotations while written`() {
    let watch = CSVWatch(directory) { $0.maximumSamplesPerPoll = 7 }
    var next = 0
    for rotation in 0..<200 {
      directory.append(header, to: "pump.csv")
      for _ in 0..<(rotation % 5 + 1) {
        let rows = csvRows(next..<next + rotation % 11 + 1)
        next += rotation % 11 + 1
        directory.append(String(rows.prefix(10)), to: "pump.csv")
        if rotation % 3 == 0 { _ = watch.input.poll(now: watch.now, into: watch.sink) }
        directory.append(String(rows.dropFirst(10)), to: "pump.csv")
      }
      if rotation % 2 == 0 { _ = watch.input.poll(now: watch.now, into: watch.sink) }
      // Two renames between two polls would need a search by inode.
      watch.poll()
      directory.append(csvRows(next..<next + 1), to: "pump.csv")
      next += 1
      directory.rename("pump.csv", to: "pump.csv.1")
    }
    watch.poll()
    #expect(watch.values() == texts(0..<next))
    #expect(watch.input.health.malformed == 0)
  }

  @Test func `counts an unfinished last line of a finished file`() {
    directory.write(header + csvRows(0..<2) + csvTime(2) + ",1", to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write(header + csvRows(3..<5), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0", "3.0", "4.0"])
    #expect(watch.input.health.malformed == 1)
    #expect(watch.warnings.first?.contains("pump.csv:4: expected a line end") == true)
  }

  @Test func `reads a file with a single row when it is rotated away`() {
    directory.write(csvRows(0..<1), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    #expect(watch.sink.names.isEmpty)
    directory.rename("pump.csv", to: "pump.csv.1")
    directory.write(csvRows(1..<3), to: "pump.csv")
    watch.poll()
    #expect(watch.values("column2") == texts(0..<3))
  }

  @Test(arguments: [1, 500])
  func `starts again at the beginning of a truncated file, with a new header`(rows: Int) {
    directory.write(header + csvRows(0..<100), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    // With 500 rows the file is longer than before by the next poll.
    let again = (200..<200 + rows).map { "\(csvTime($0)),\($0),\($0 * 2)\n" }.joined()
    directory.write("timestamp,value,speed\n" + again, to: "pump.csv")
    watch.poll()
    if rows == 1 {
      directory.append("\(csvTime(201)),201,402\n", to: "pump.csv")
      watch.poll()
    }
    let last = max(rows, rows == 1 ? 2 : rows)
    #expect(watch.values() == texts(0..<100) + texts(200..<200 + last))
    #expect(watch.values("speed").count == last)
    #expect(watch.input.health.malformed == 0)
    #expect(watch.notices.contains { $0.text.contains("was truncated") })
  }

  @Test func `waits for a file that appears later, and reports it once`() {
    let watch = CSVWatch(directory)
    for _ in 0..<5 { watch.poll() }
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("no such file") == true)
    #expect(watch.input.health.lastError != nil)
    #expect(watch.input.health.lagBytes == nil)
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
    #expect(watch.warnings.last?.contains("4 more") == true)
  }

  @Test func `closes a deleted file and reads its successor`() {
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.remove("pump.csv")
    watch.poll()
    #expect(watch.input.health.lagBytes == nil)
    directory.write(header + csvRows(2..<4), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<4))
  }

  @Test func `continues in a file that was rewritten as a whole under its name`() {
    directory.write(header + csvRows(0..<100), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    directory.write(header + csvRows(0..<150), to: "new.csv")
    directory.rename("new.csv", to: "pump.csv")
    watch.poll()
    #expect(watch.values() == texts(0..<150))
    #expect(watch.input.health.malformed == 0)
  }

  @Test(arguments: ["directory", "fifo"])
  func `rejects anything but a regular file, and reads the file that replaces it`(kind: String) {
    let path = directory.file("pump.csv")
    #expect((kind == "fifo" ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
    let watch = CSVWatch(directory)
    for _ in 0..<3 { watch.poll() }
    #expect(watch.warnings.count == 1)
    let article = kind == "fifo" ? "a FIFO" : "a directory"
    #expect(
      watch.warnings.first?.contains("pump.csv: expected a regular file, found \(article)")
        == true)
    _ = kind == "fifo" ? unlink(path) : rmdir(path)
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
  }

  @Test func `counts a file that cannot be opened once, however often it is tried`() {
    #expect(symlink("pump.csv", directory.file("pump.csv")) == 0)
    let watch = CSVWatch(directory)
    for _ in 0..<5 { watch.poll() }
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("symbolic links") == true)
    #expect(watch.input.health.malformed == 1)
    directory.remove("pump.csv")
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
  }

  @Test(.enabled(if: Needs.unprivilegedUser.isMet, "\(Needs.unprivilegedUser)"))
  func `reports an unreadable file once and reads it when permitted`() {
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    chmod(directory.file("pump.csv"), 0)
    let watch = CSVWatch(directory)
    for _ in 0..<3 { watch.poll() }
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("Permission denied") == true)
    chmod(directory.file("pump.csv"), 0o600)
    watch.poll()
    #expect(watch.values() == ["0.0", "1.0"])
  }

  @Test func `opens its file so that programs it starts do not inherit it`() {
    directory.write(header + csvRows(0..<2), to: "pump.csv")
    let watch = CSVWatch(directory)
    watch.poll()
    var found = 0
    for descriptor in Int32(3)..<256 {
      var target = [CChar](repeating: 0, count: 4_096)
      guard readlink("/proc/self/fd/\(descriptor)", &target, 4_095) > 0,
        String(
          decoding: target.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
          == directory.file("pump.csv")
      else { continue }
      found += 1
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
      #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
    }
    #expect(found == 1)
    _ = watch.input.health
  }
}
