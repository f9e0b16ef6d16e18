import FoundationEssentials
import Inputs
import Series
import Testing

/// Parses a text, and returns the result and the complaints.
func parsed<Reading: ProcfsReading>(
  _ text: String,
  _ reading: Reading
) -> (Reading, Complaints) {
  var result = reading
  var complaints = Complaints()
  Array(text.utf8).withUnsafeBytes { result.parse($0, &complaints) }
  return (result, complaints)
}

private func fixture(_ kernel: String, _ file: String) throws -> String {
  let url = FakeHost.fixtures.appending(path: kernel + "/proc/" + file)
  return String(decoding: try Data(contentsOf: url), as: UTF8.self)
}

@Suite struct ProcfsParsingTests {
  @Test(arguments: [
    ("0", 0), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil),
    ("99999999999999999999", nil), ("", nil), ("-1", nil), ("1x", nil), ("+1", nil), ("0x1", nil),
  ])
  func `reads unsigned numbers, and nothing else`(text: String, number: UInt64?) {
    #expect(Array(text.utf8).withUnsafeBytes { $0.unsigned } == number)
  }

  @Test(arguments: [
    ("0.05", 0.05), ("12.5", 12.5), ("1024.00", 1024), ("1", nil), (".5", nil), ("1.", nil),
    ("nan", nil), ("1.2.3", nil), ("-0.5", nil), ("1.000000000000000000000", nil),
  ])
  func `reads decimal fractions, and nothing else`(text: String, number: Double?) {
    #expect(Array(text.utf8).withUnsafeBytes { $0.decimal } == number)
  }

  @Test(arguments: FakeHost.kernels)
  func `reads every file of every kernel without complaint`(kernel: String) throws {
    #expect(parsed(try fixture(kernel, "stat"), KernelStat()).1.first == nil)
    #expect(parsed(try fixture(kernel, "loadavg"), LoadAverages()).1.first == nil)
    #expect(parsed(try fixture(kernel, "meminfo"), KeyedReading<MemoryKey>()).1.first == nil)
    #expect(parsed(try fixture(kernel, "vmstat"), KeyedReading<PagingKey>()).1.first == nil)
    let snmp = ProtocolReading<TransportKey>(.headings)
    #expect(parsed(try fixture(kernel, "net/snmp"), snmp).1.first == nil)
    let netstat = ProtocolReading<TCPExtensionKey>(.headings)
    #expect(parsed(try fixture(kernel, "net/netstat"), netstat).1.first == nil)
    let sockets = ProtocolReading<SocketKey>(.pairs)
    #expect(parsed(try fixture(kernel, "net/sockstat"), sockets).1.first == nil)
    #expect(parsed(try fixture(kernel, "sys/fs/file-nr"), NumbersReading(3)).1.first == nil)
    let (disks, noComplaints) = rows(try fixture(kernel, "diskstats"), DiskRows.init)
    #expect(!disks.isEmpty && noComplaints.first == nil)
  }

  @Test func `reads the host's lines of stat`() throws {
    let (stat, _) = parsed(try fixture("linux-3.10", "stat"), KernelStat())
    let cpu = try #require(stat.cpu)
    #expect(
      (0..<10).map { cpu.ticks[$0] } == [74608, 2520, 24433, 1_117_073, 6176, 4054, 0, 0, 0, 0]
    )
    #expect(stat.interrupts == 8_885_917)
    #expect(stat.contextSwitches == 38_014_093)
    #expect(stat.forks == 26442)
    #expect(stat.running == 2)
    #expect(stat.blocked == 1)
    #expect(stat.softInterrupts == 5_057_579)
  }

  @Test(arguments: [
    ("cpu  1 2 3 4\n", 4), ("cpu  1 2 3 4 5 6 7\n", 7), ("cpu  1 2 3 4 5 6 7 8 9\n", 9),
    ("cpu  1 2 3 4 5 6 7 8 9 10 11 12\n", 10),
  ])
  func `reads as many processor modes as the kernel has`(text: String, columns: Int) throws {
    let cpu = try #require(parsed(text + "ctxt 1\n", KernelStat()).0.cpu)
    #expect(cpu.columns == columns)
    #expect((0..<columns).map { cpu.ticks[$0] } == (1...UInt64(columns)).map { $0 })
  }

  @Test(arguments: [
    ("cpu  1 2 3\nctxt 7\n", "\"cpu\" and at least 4 numbers", 1),
    ("ctxt 7\ncpu  1 2 x 4 5\n", "\"cpu\" and at least 4 numbers", 2),
    ("ctxt 7\ncpu  1 2 3 4 5 6 7 8 9 10 extra\n", "\"cpu\" and at least 4 numbers", 2),
    ("ctxt 7\ncpu  1 2 3 4 5", "a line that ends in a newline", 2),
  ])
  func `reports the malformed line of stat, and keeps the others`(
    text: String,
    expected: String,
    line: Int
  ) {
    let (stat, complaints) = parsed(text, KernelStat())
    #expect(stat.cpu == nil)
    #expect(stat.contextSwitches == 7)
    guard case .malformed(line, expected, let found) = complaints.first else {
      Issue.record("complained of \(String(describing: complaints.first))")
      return
    }
    #expect(found.hasPrefix("cpu "))
  }

  @Test func `does not accept a truncated number`() {
    let (stat, complaints) = parsed("cpu  1 2 3 4\nctxt 38014", KernelStat())
    #expect(stat.cpu != nil)
    #expect(stat.contextSwitches == nil)
    #expect(complaints.count == 1)
  }

  @Test func `reports lines missing that every kernel has`() {
    let (_, complaints) = parsed("btime 1\n", KernelStat())
    #expect(complaints.count == 2)
    #expect(complaints.first == .missing(expected: "a line that starts with \"cpu \""))
  }

  @Test func `converts sizes to bytes, and leaves counts unchanged`() throws {
    let (memory, _) = parsed(try fixture("linux-5.15", "meminfo"), KeyedReading<MemoryKey>())
    #expect(memory[.total] == UInt64(16_310_260 * 1024))
    #expect(memory[.active] == UInt64(5_123_444 * 1024))
    #expect(memory[.swapFree] == UInt64(2_096_124 * 1024))
    let (paging, _) = parsed(try fixture("linux-5.15", "vmstat"), KeyedReading<PagingKey>())
    #expect(paging[.faults] == 912_345_678)
    #expect(paging[.scannedDirectly] == 1234)
    #expect(paging[.outOfMemoryKills] == 1)
  }

  @Test(arguments: [
    "MemFree:  12 MB\n", "MemFree:  12 kB more\n", "MemFree:  kB\n", "MemFree:\n",
    "MemFree:  18446744073709551615 kB\n", "MemFree:  -5 kB\n",
  ])
  func `complains of a malformed size`(line: String) {
    let (memory, complaints) = parsed("MemTotal: 20 kB\n" + line, KeyedReading<MemoryKey>())
    #expect(memory[.free] == nil)
    #expect(memory[.total] == 20480)
    #expect(complaints.count == 1)
  }

  @Test(arguments: [
    "", "\n", "0.1 0.2\n", "0.1 0.2 x 1/2 3\n", "0.1 0.2 0.3 12 3\n", "0.1 0.2 0.3 1/x 3\n",
    "0.1 0.2 0.3 1/2 3",
  ])
  func `reads no load averages from garbage`(text: String) {
    let (load, complaints) = parsed(text, LoadAverages())
    #expect(load == LoadAverages())
    #expect(complaints.count == (text.isEmpty ? 0 : 1))
  }

  @Test func `reads load averages and tasks`() {
    let (load, complaints) = parsed("12.05 8.91 7.40 3/1840 1233456\n", LoadAverages())
    #expect(load.oneMinute == 12.05)
    #expect(load.fiveMinutes == 8.91)
    #expect(load.fifteenMinutes == 7.4)
    #expect(load.tasks == 1840)
    #expect(complaints.count == 0)
  }

  @Test(
    arguments: [
      ("some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n", 12, nil, 0),
      ("some avg10=1.00 total=12\nfull avg10=0.00 total=34\n", 12, 34, 0),
      ("some avg10=1.00 total=1x\nfull avg10=0.00 total=34\n", nil, 34, 1),
      ("some avg10=1.00\n", nil, nil, 1), ("most total=1\n", nil, nil, 1),
      ("some total=12\nfull tot", 12, nil, 1),
    ] as [(String, UInt64?, UInt64?, Int)]
  )
  func `reads the totals of pressure`(
    text: String,
    some: UInt64?,
    full: UInt64?,
    complaints: Int
  ) {
    let (totals, found) = parsed(text, PressureTotals())
    #expect(totals.some == some)
    #expect(totals.full == full)
    #expect(found.count == complaints)
  }

  @Test func `reads disks of 14, 18 and 20 columns alike`() {
    let columns = "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11"
    for more in ["", " 12 13 14 15", " 12 13 14 15 16 17"] {
      let (disks, complaints) = rows(columns + more + "\n", DiskRows.init)
      #expect(complaints.count == 0)
      #expect(disks.map(\.name) == ["sda"])
      #expect(disks.first?.counters == [1, 3, 5, 7, 10, 11, 4, 8])
    }
  }

  @Test(arguments: [
    ("linux-3.10", ["sda1": "sda", "sda2": "sda", "cciss/c0d0p1": "cciss/c0d0"]),
    ("linux-4.19", ["vda1": "vda", "nvme0n1p1": "nvme0n1"]),
    ("linux-5.15", ["sda1": "sda", "mmcblk0p1": "mmcblk0"]),
    ("linux-6.1", ["vda1": "vda", "vda14": "vda"]),
  ])
  func `distinguishes partitions from disks by the kernel's naming`(
    kernel: String,
    partitions: [String: String]
  ) throws {
    let (disks, _) = rows(try fixture(kernel, "diskstats"), DiskRows.init)
    var found: [String: String] = [:]
    for disk in disks { found[disk.name] = disk.whole }
    #expect(found == partitions)
  }

  @Test func `treats disks with similar names as disks`() {
    let names = ["md1", "md12", "sda", "sdaa", "sdb2", "nvme0n1", "nvme0n12", "dm-1", "dm-10"]
    let text = names.map { "8 0 \($0) 1 2 3 4 5 6 7 8 9 10 11\n" }.joined()
    #expect(rows(text, DiskRows.init).0.allSatisfy { $0.whole == nil })
  }

  @Test(arguments: [
    "   8       0 sda 1 2 3 4 5 6 7 8 9 10", "   8       0 sda", "   8       x sda 1 2 3",
    "   8       0 sda 1 2 3 4 5 6 7 8 9 10 garbage", "", "8 0 sda 1 -2 3 4 5 6 7 8 9 10 11",
    "8 0 " + String(repeating: "a", count: 65) + " 1 2 3 4 5 6 7 8 9 10 11",
  ])
  func `skips a malformed disk, and continues with the next`(line: String) {
    let next = "   8      16 sdb 1 0 3 0 5 0 7 0 0 10 11"
    let (disks, complaints) = rows(line + "\n" + next + "\n", DiskRows.init)
    #expect(disks.map(\.name) == ["sdb"])
    #expect(complaints.count == 1)
  }

  @Test func `reads a disk whose operations in flight are negative`() {
    let (disks, complaints) = rows("   8  0 sda 1 2 3 4 5 6 7 8 -1 10 11\n", DiskRows.init)
    #expect(disks.first?.counters == [1, 3, 5, 7, 10, 11, 4, 8])
    #expect(complaints.count == 0)
  }

  @Test func `skips the partitions of ancient kernels`() {
    let (disks, complaints) = rows(
      "   3       1 hda1 35486 38030 38030 38030\n",
      DiskRows.init
    )
    #expect(disks.isEmpty)
    #expect(complaints.count == 0)
  }

  @Test func `reads interfaces, with or without a space after the colon`() throws {
    let (old, none) = rows(try fixture("linux-3.10", "net/dev"), InterfaceRows.init)
    #expect(old.map(\.name) == ["lo", "eth0", "docker0"])
    #expect(
      old[1].counters
        == [68_210_035_552, 520_993_275, 0, 142, 9_315_587_528, 43_451_486, 3, 0]
    )
    #expect(none.count == 0)
    let (new, _) = rows(try fixture("linux-5.15", "net/dev"), InterfaceRows.init)
    #expect(
      new[1].counters
        == [8_123_456_789_012, 5_123_456_789, 1, 2, 7_123_456_789_012, 4_123_456_789, 7, 8]
    )
  }

  @Test(arguments: [
    "eth1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "eth1: 1 2 3", "eth1: 1 2 x 4",
    "a b: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    "\u{0}\u{1}", "eth1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 trailing",
  ])
  func `skips a malformed interface, and continues with the next`(line: String) {
    let next = "eth2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"
    let (interfaces, complaints) = rows(line + "\n" + next + "\n", InterfaceRows.init)
    #expect(interfaces.map(\.name) == ["eth2"])
    #expect(complaints.count == 1)
  }

  @Test func `survives every truncation and bit flip of a file`() throws {
    var random = SystemRandomNumberGenerator()
    for (kernel, file) in FakeHost.kernels.flatMap({ kernel in
      ["stat", "diskstats", "net/dev", "meminfo", "net/snmp", "net/sockstat", "1/mountinfo"].map {
        (kernel, $0)
      }
    }) {
      let good = Array(try fixture(kernel, file).utf8)
      for _ in 0..<200 {
        var bytes = Array(good.prefix(Int.random(in: 0...good.count, using: &random)))
        for _ in 0..<3 where !bytes.isEmpty {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255)
        }
        var complaints = Complaints()
        bytes.withUnsafeBytes { bytes in
          var stat = KernelStat()
          stat.parse(bytes, &complaints)
          var memory = KeyedReading<MemoryKey>()
          memory.parse(bytes, &complaints)
          var disks = DiskRows(bytes)
          while disks.next(&complaints) != nil {}
          var interfaces = InterfaceRows(bytes)
          while interfaces.next(&complaints) != nil {}
          var stats = KernelStat(maximumCores: 64)
          stats.parse(bytes, &complaints)
          var transport = ProtocolReading<TransportKey>(.headings)
          transport.parse(bytes, &complaints)
          var sockets = ProtocolReading<SocketKey>(.pairs)
          sockets.parse(bytes, &complaints)
          var numbers = NumbersReading(3)
          numbers.parse(bytes, &complaints)
          var io = GroupIO()
          io.parse(bytes, &complaints)
          _ = MountTable.parse(bytes, &complaints)
        }
        #expect(complaints.count > 0)
      }
    }
  }
}

/// One row with its name as text.
private struct NamedRow {
  var name: String
  var counters: [UInt64]
  var whole: String?
}

private func rows<Rows: DeviceRows>(
  _ text: String,
  _ start: (UnsafeRawBufferPointer) -> Rows
) -> ([NamedRow], Complaints) {
  var complaints = Complaints()
  var result: [NamedRow] = []
  Array(text.utf8).withUnsafeBytes { bytes in
    var rows = start(bytes)
    while let row = rows.next(&complaints) {
      result.append(
        NamedRow(
          name: String(decoding: row.name, as: UTF8.self),
          counters: (0..<8).map { row.counters[$0] },
          whole: row.whole.map { String(decoding: $0, as: UTF8.self) }
        )
      )
    }
  }
  return (result, complaints)
}
