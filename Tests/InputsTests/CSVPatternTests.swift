import FoundationEssentials
import Glibc
import Inputs
import Series
import Testing

@Suite struct CSVPatternTests {
  private let directory = CSVDirectory()
  private let header = "timestamp,value\n"

  private func watch(
    _ patterns: [String] = ["*.csv"], position: [UInt8] = [],
    _ adjust: (inout TableSection) -> Void = { _ in }
  ) -> CSVWatch {
    CSVWatch(directory, position: position) {
      $0.paths = patterns.map { $0.hasPrefix("/") ? $0 : directory.file($0) }
      adjust(&$0)
    }
  }

  private func openFiles() -> Int {
    (3..<256).count { descriptor in
      var target = [CChar](repeating: 0, count: 4_096)
      return readlink("/proc/self/fd/\(descriptor)", &target, 4_095) > 0
        && String(
          decoding: target.prefix { $0 != 0 }.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self
        )
        .hasPrefix(directory.path + "/")
    }
  }

  @Test func `searches many names in several polls, and then pauses`() {
    for folder in 0..<60 {
      mkdir(directory.file("\(folder)"), 0o755)
      for file in 0..<100 { symlink("nowhere", directory.file("\(folder)/\(file).txt")) }
      directory.write(header + csvRows(0..<2), to: "\(folder)/\(folder).csv")
    }
    let watch = watch(["*/*.csv"]) { $0.prefix = "{directory}" }
    var polls = 1
    while watch.input.poll(now: watch.now, into: watch.sink) == .moreReady { polls += 1 }
    #expect(polls >= 3)
    #expect(watch.sink.names.count == 60)
    mkdir(directory.file("new"), 0o755)
    directory.write(header + csvRows(0..<2), to: "new/new.csv")
    watch.poll(after: .milliseconds(100))
    #expect(watch.sink.names.count == 60)
    watch.poll()
    #expect(watch.sink.names.count == 61)
  }

  @Test func `does not walk into file systems without files`() {
    let wide = watch(["/*/meminfo", "/*/*/oom_score_adj", "/*/kernel/notes"])
    wide.poll()
    #expect(wide.sink.names == [])
    #expect(wide.notices == [])
  }

  @Test func `adds files as they appear and drops those that are gone`() {
    let watch = watch()
    watch.poll()
    #expect(watch.sink.names == [])
    #expect(watch.warnings == [])
    directory.write(header + csvRows(0..<3), to: "b.csv")
    directory.write(header + csvRows(5..<7), to: "a.csv")
    directory.write(header + csvRows(5..<7), to: "a.txt")
    watch.poll()
    #expect(watch.sink.names == ["a.value", "b.value"])
    #expect(openFiles() == 2)
    directory.append(csvRows(3..<5), to: "b.csv")
    directory.remove("b.csv")
    watch.poll()
    watch.poll()
    #expect(watch.sink.values(of: "b.value").count == 5)
    #expect(openFiles() == 1)
    #expect(watch.input.health.samples == 7)
    directory.write(header + csvRows(9..<10), to: "b.csv")
    watch.poll()
    #expect(watch.sink.values(of: "b.value").count == 6)
    #expect(watch.warnings == [])
  }

  @Test func `does not treat rotated files as separate files`() {
    let watch = watch(["*"])
    watch.poll()
    for (index, name) in ["pump.csv.2", "pump.csv.1", "pump-20260101.csv"].enumerated() {
      directory.write(header + csvRows(index..<index + 1), to: name)
    }
    directory.write(header + csvRows(5..<6), to: "pump.csv")
    directory.write(header + csvRows(5..<6), to: "pump-2.csv")
    watch.poll()
    #expect(watch.sink.names == ["pump-2.value", "pump.value"])
  }

  @Test func `reads a file with two names once, and continues after a rename`() {
    directory.write(header + csvRows(0..<3), to: "a.csv")
    #expect(symlink("a.csv", directory.file("b.csv")) == 0)
    let watch = watch()
    watch.poll()
    #expect(watch.sink.names == ["a.value"])
    directory.remove("b.csv")
    directory.rename("a.csv", to: "c.csv")
    directory.append(csvRows(3..<4), to: "c.csv")
    watch.poll()
    watch.poll(after: .seconds(61))
    directory.append(csvRows(4..<5), to: "c.csv")
    watch.poll()
    watch.poll()
    #expect(watch.sink.values(of: "a.value") == ["0.0", "1.0", "2.0", "3.0"])
    #expect(watch.sink.values(of: "c.value") == ["4.0"])
    #expect(openFiles() == 1)
  }

  @Test func `reports that there are more files than the limit, and adds them later`() {
    for name in ["a.csv", "b.csv", "c.csv"] { directory.write(header + csvRows(0..<2), to: name) }
    let watch = watch { $0.maximumFiles = 2 }
    watch.poll()
    #expect(watch.sink.names == ["a.value", "b.value"])
    #expect(watch.warnings.count == 1)
    #expect(watch.warnings.first?.contains("expected at most 2 files (MaximumFiles=)") == true)
    #expect(watch.input.health.lastError?.contains("found 1 more") == true)
    directory.remove("a.csv")
    watch.poll()
    watch.poll()
    #expect(watch.sink.names == ["a.value", "b.value", "c.value"])
  }

  @Test func `leaves descriptors for everything else, and reports the files that are not read`()
    async
  {
    for index in 10..<60 { directory.write(header + csvRows(0..<2), to: "\(index).csv") }
    // A process of its own, since the limit is one of the process.
    await #expect(processExitsWith: .success) { [path = directory.path as String] in
      // It inherits descriptors of the tests beside it, and holes between them, which are filled here:
      // afterwards all below the number of the last one are in use. Of a limit above 256, 128 are reserved.
      let inherited = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      let highest = try #require(inherited.compactMap { Int32($0) }.max())
      var last: Int32 = 0
      while last <= max(highest, 256) {
        last = open("/dev/null", O_RDONLY)
        try #require(last >= 0)
      }
      let total = UInt(last) + 1 + 30 + 128
      var limit = rlimit(rlim_cur: total, rlim_max: total)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      var table = TableSection(paths: path + "/*.csv")
      table.prefix = "{file}"
      let input = CSVInput(name: "table", table: table)
      let sink = CSVSink()
      _ = input.poll(now: Timestamp(seconds: 1_700_000_000), into: sink)
      #expect((20...30).contains(sink.names.count))
      // The runtime may open a descriptor of its own meanwhile: a file that was counted on is then refused by itself.
      let warnings = input.drainNotices().filter { $0.severity == .warning }.map(\.text)
      #expect(warnings.count <= 2)
      let reserved = "may open \(total) files (LimitNOFILE=), 128 of which are reserved"
      #expect(warnings.allSatisfy { $0.contains(reserved) })
      let unread = 50 - sink.names.count - (warnings.count - 1)
      #expect(warnings.count { $0.contains("found \(unread) more that match") } == 1)
      var spare: [Int32] = []
      while case let number = open("/dev/null", O_RDONLY), number >= 0 { spare.append(number) }
      #expect(spare.count >= 128)
    }
  }

  @Test func `rejects a second file whose metrics would have the same names`() {
    for folder in ["one", "two"] {
      #expect(mkdir(directory.file(folder), 0o700) == 0)
      directory.write(header + csvRows(0..<2), to: folder + "/pump.csv")
    }
    let alike = watch(["*/pump.csv"])
    alike.poll()
    #expect(alike.sink.names == ["pump.value"])
    #expect(alike.warnings.first?.contains("{directory}") == true)
    let apart = watch(["*/pump.csv"]) { $0.prefix = "{directory}.{file}" }
    apart.poll()
    #expect(apart.sink.names == ["one.pump.value", "two.pump.value"])
    for folder in ["one", "two"] { directory.remove(folder + "/pump.csv") }
  }

  @Test func `reads several files under one prefix one after the other, as numbers count`() {
    for day in [2, 10, 1] {
      directory.write(header + csvRows(day * 100..<day * 100 + 60), to: "day-\(day).csv")
    }
    let watch = watch(["day-*.csv"]) {
      $0.prefix = "pump"
      $0.maximumSamplesPerPoll = 7
    }
    watch.poll()
    let expected = [1, 2, 10].flatMap { Array($0 * 100..<$0 * 100 + 60) }.map { "\(Double($0))" }
    #expect(watch.values() == expected)
    directory.append(csvRows(50..<51), to: "day-1.csv")
    directory.append(csvRows(1_060..<1_061), to: "day-10.csv")
    watch.poll()
    #expect(watch.values() == expected + ["1060.0"])
    #expect(watch.input.health.malformed == 1)
  }

  @Test func `resumes each file, and finds those that appeared since`() {
    for name in ["a", "b"] { directory.write(header + csvRows(0..<100), to: name + ".csv") }
    let first = watch { $0.maximumSamplesPerPoll = 30 }
    _ = first.input.poll(now: first.now, into: first.sink)
    let read = first.sink.values(of: "a.value").count + first.sink.values(of: "b.value").count
    #expect(read < 200)
    directory.rename("a.csv", to: "a.csv.1")
    directory.write(header + csvRows(100..<103), to: "a.csv")
    directory.write(header + csvRows(0..<5), to: "c.csv")
    let second = watch(position: first.input.encodePosition())
    second.poll()
    let counts = ["a", "b", "c"].map { name in
      second.sink.values(of: name + ".value").count + first.sink.values(of: name + ".value").count
    }
    #expect(counts == [103, 100, 5])
    #expect(second.input.health.malformed == 0)
  }

  @Test(arguments: [(TableSection.Start.end, [1, 3]), (.beginning, [4, 3])])
  func `begins old files at the configured start and new ones at their beginning`(
    start: TableSection.Start, counts: [Int]
  ) {
    directory.write(header + csvRows(0..<3), to: "a.csv")
    let watch = watch { $0.start = start }
    watch.poll()
    directory.append(csvRows(3..<4), to: "a.csv")
    directory.write(header + csvRows(0..<3), to: "b.csv")
    watch.poll()
    #expect(["a.value", "b.value"].map { watch.sink.values(of: $0).count } == counts)
  }

  @Test func `shares its polls among many files`() {
    for file in 0..<40 { directory.write(header + csvRows(0..<50), to: "t\(file).csv") }
    let watch = watch { $0.maximumSamplesPerPoll = 20 }
    for _ in 0..<40 { #expect(watch.input.poll(now: watch.now, into: watch.sink) == .moreReady) }
    #expect(watch.sink.names.count == 40)
    watch.poll()
    #expect(watch.input.health.samples == 2_000)
    #expect(watch.input.health.lagBytes == 0)
  }
}
