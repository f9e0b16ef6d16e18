import FoundationEssentials
import Inputs
import Series
import Testing

@Suite struct ProcfsFaultsTests {
  /// Every required file, and the collectors that stop without it.
  static let files: [(String, [String])] = [
    ("proc/stat", ["kernel.", "processes.running"]), ("proc/loadavg", ["load."]),
    ("proc/meminfo", ["memory.used_ratio", "swap."]),
    ("proc/vmstat", ["memory.faults_per_second", "swap.in_bytes_per_second"]),
    ("proc/diskstats", ["disk."]), ("proc/net/dev", ["network."]),
    ("proc/net/snmp", ["tcp.established", "udp."]), ("proc/net/netstat", ["tcp.timeouts"]),
    ("proc/net/sockstat", ["sockets."]), ("proc/sys/fs/file-nr", ["files."]),
    ("proc/sys/kernel/random/entropy_avail", ["entropy."]),
    ("proc/1/mountinfo", ["filesystem."]),
  ]

  @Test(arguments: files)
  func `continues without a missing file, and reads it once it appears`(
    file: String,
    metrics: [String]
  ) throws {
    let host = try FakeHost("linux-5.15")
    let text = try host.read(file)
    let whole = host.input()
    host.poll(whole)
    let all = Set(host.poll(whole).keys)

    try host.remove(file)
    let input = host.input()
    host.poll(input)
    let rest = Set(host.poll(input).keys)
    let lost = all.subtracting(rest)
    #expect(metrics.allSatisfy { metric in lost.contains { $0.hasPrefix(metric) } })
    #expect(!metrics.contains { metric in rest.contains { $0.hasPrefix(metric) } })
    #expect(rest.count > all.count / 2)
    #expect(input.health.malformed == 2)
    let notices = input.drainNotices()
    #expect(notices.map(\.severity) == [.warning])
    let notice = try #require(notices.first?.text)
    #expect(notice.hasPrefix(host.root.path + "/" + file + ": expected a readable file"))
    #expect(notice.contains("No such file or directory"))
    #expect(notice.contains("until a retry succeeds"))
    #expect(input.health.lastError == notice)
    #expect(input.health.lastErrorAt == host.wallClock)

    try host.write(file, text)
    host.poll(input)
    #expect(Set(host.poll(input).keys) == all)
    #expect(input.health.malformed == 2)
  }

  @Test(
    arguments: files.map(\.0),
    [[], Array("garbage\n".utf8), [0], Array(repeating: 0, count: 5000), [0xFF, 0xFE, 0x0A]]
  )
  func `counts a garbled file, reports it once, and recovers`(file: String, bytes: [UInt8]) throws {
    let host = try FakeHost("linux-5.15")
    let text = try host.read(file)
    let input = host.input()
    host.poll(input)
    let all = Set(host.poll(input).keys)
    try host.write(file, bytes)
    for _ in 0..<2 { #expect(Set(host.poll(input).keys).isStrictSubset(of: all)) }
    #expect(input.health.malformed >= 2)
    let notices = input.drainNotices()
    #expect(notices.count == 1)
    let notice = try #require(notices.first?.text)
    #expect(notice.hasPrefix(host.root.path + "/" + file))
    #expect(notice.contains("expected") && notice.contains("found"))
    #expect(!notice.utf8.contains { $0 < 0x20 || $0 > 0x7E })
    try host.write(file, text)
    #expect(Set(host.poll(input).keys) == all, "the average over the missed polls")
    #expect(input.drainNotices().isEmpty)
  }

  @Test func `reports again after an hour without faults`() throws {
    let host = try FakeHost()
    let input = host.input(["load"])
    func garble() throws {
      try host.write("proc/loadavg", "garbage\n")
      host.poll(input)
    }
    try garble()
    #expect(input.drainNotices().count == 1)
    host.poll(input, after: 1800)
    try garble()
    #expect(input.drainNotices().isEmpty)
    try host.write("proc/loadavg", "0.00 0.00 0.00 1/2 3\n")
    host.poll(input, after: 3600)
    try garble()
    #expect(input.drainNotices().count == 1)
    #expect(input.health.malformed == 4)
  }

  @Test func `reports line, expectation and finding`() throws {
    let host = try FakeHost("linux-5.15")
    try host.write(
      "proc/diskstats",
      try host.read("proc/diskstats") + "   8      16 sdb 1 2 oops\n"
    )
    let input = host.input(["disk"])
    host.poll(input)
    #expect(
      input.drainNotices() == [
        Notice(
          .warning,
          host.root.path + "/proc/diskstats, line 6: expected two numbers, a device and at least "
            + "11 numbers, found \"   8      16 sdb 1 2 oops\"; the line is skipped, all others "
            + "are used"
        )
      ]
    )
    #expect(host.poll(input)["disk.sda.queue"] == 0)
  }

  @Test func `continues without pressure if the kernel has none, and reports it once`() throws {
    let host = try FakeHost("linux-4.19")
    let input = host.input()
    for _ in 0..<3 { #expect(names(host.poll(input), "pressure.").isEmpty) }
    let notices = input.drainNotices()
    #expect(notices.map(\.severity) == [.info])
    #expect(notices.first?.text.contains("pressure stall information") == true)
    #expect(input.health.malformed == 0)
    #expect(input.health.lastError == nil)
  }

  @Test func `reads a directory in place of a file as unreadable`() throws {
    let host = try FakeHost()
    try host.remove("proc/loadavg")
    try host.write("proc/loadavg/file", "")
    let input = host.input(["load"])
    #expect(host.poll(input).isEmpty)
    #expect(input.drainNotices().first?.text.contains("Is a directory") == true)
  }

  @Test func `reads the first 2 MiB of a file that is too long`() throws {
    let host = try FakeHost()
    let padding = String(repeating: "cpu0 1 2 3 4 5 6 7 8 9 10\n", count: 100_000)
    let input = host.input(["cpu"])
    try host.write("proc/stat", "cpu  100 0 0 100\nctxt 1\n" + padding)
    host.poll(input)
    try host.write("proc/stat", "cpu  200 0 0 200\nctxt 1\n" + padding)
    expectNear(host.poll(input), "cpu.busy", 0.5)
    #expect(input.health.malformed == 2)
    #expect(input.drainNotices().count == 1)
    #expect(input.health.lastError?.contains("expected at most 2097152 bytes") == true)
  }

  @Test func `reads files of many pages whole`() throws {
    let host = try FakeHost()
    let cores = (0..<1024).map { "cpu\($0) 1234567 2345 345678 45678901 1234 0 1234 0 0 0\n" }
    let input = host.input(["processes"])
    let rest = cores.joined() + "intr 1" + String(repeating: " 0", count: 8000) + "\n"
    try host.write("proc/stat", "cpu  100 0 0 100\n" + rest + "ctxt 1000\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  100 0 0 100\n" + rest + "ctxt 2000\n")
    expectNear(host.poll(input), "kernel.context_switches_per_second", 200)
  }

  @Test func `continues without any file`() throws {
    let host = try FakeHost(nil)
    host.clock = nil
    let input = host.input()
    for _ in 0..<3 { #expect(host.poll(input).isEmpty) }
    #expect(input.health.samples == 0)
    #expect(input.health.malformed == 3 * 14)
    #expect(input.drainNotices().count == 16)
    #expect(input.encodePosition().isEmpty)
    input.restorePosition([1, 2, 3])
    #expect(input.drainNotices().isEmpty)
  }
}
