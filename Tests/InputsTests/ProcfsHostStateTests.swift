import Inputs
import Series
import Testing

@Suite struct ProcfsHostStateTests {
  private func stat(_ cores: [(Int, [UInt64])]) -> String {
    "cpu  1 1 1 1\n"
      + cores.map { "cpu\($0.0) " + $0.1.map(String.init).joined(separator: " ") + "\n" }.joined()
      + "ctxt 1\n"
  }

  @Test func `measures the time of each processor`() throws {
    let host = try FakeHost()
    let input = host.input(["cores"])
    let first: [UInt64] = [100, 0, 100, 1000, 10, 0, 5, 5, 0, 0]
    try host.write("proc/stat", stat([(0, first), (3, first)]))
    #expect(host.poll(input).isEmpty)
    let second: [UInt64] = [140, 0, 120, 1020, 20, 0, 8, 12, 0, 0]
    try host.write("proc/stat", stat([(0, second), (3, first)]))
    let values = host.poll(input)
    expectNear(values, "cpu.core0.busy", 0.7)
    expectNear(values, "cpu.core0.user", 0.4)
    expectNear(values, "cpu.core0.system", 0.2)
    expectNear(values, "cpu.core0.iowait", 0.1)
    expectNear(values, "cpu.core0.softirq", 0.03)
    expectNear(values, "cpu.core0.steal", 0.07)
    #expect(values.count == 6, "no time went by on the other")
  }

  @Test func `drops a processor that goes offline, and starts afresh when it returns`() throws {
    let host = try FakeHost()
    let input = host.input(["cores"])
    func poll(_ ticks: UInt64, _ numbers: [Int]) throws -> Set<String> {
      try host.write("proc/stat", stat(numbers.map { ($0, [ticks, 0, 0, ticks]) }))
      return names(host.poll(input), "cpu.core", ".busy")
    }
    #expect(try poll(100, [0, 1, 2]).isEmpty)
    #expect(try poll(200, [0, 1, 2]).count == 3)
    #expect(try poll(300, [0, 2]) == ["cpu.core0.busy", "cpu.core2.busy"])
    #expect(try poll(400, [0, 1, 2]).count == 2)
    #expect(try poll(500, [0, 1, 2]).count == 3)
    #expect(input.health.gaps == 0)
  }

  @Test func `monitors no more processors than the limit`() throws {
    let host = try FakeHost()
    let input = host.input(["cores"]) { $0.maximumDevices = 4 }
    for ticks in [100, 200] as [UInt64] {
      try host.write("proc/stat", stat((0..<9).map { ($0, [ticks, 0, 0, ticks]) }))
      host.poll(input)
    }
    #expect(names(host.sink.values, "cpu.core", ".busy").count == 4)
  }

  @Test(arguments: ["cpu1 1 2 x 4", "cpux 1 2 3 4", "cpu1 1 2", "cpu99999999 1 2 3 4"])
  func `skips a malformed processor`(line: String) {
    let (stat, complaints) = parsed(
      "cpu  1 2 3 4\ncpu0 1 2 3 4\n\(line)\nctxt 1\n", KernelStat(maximumCores: 8))
    #expect(stat.cores.map(\.number) == [0])
    #expect(complaints.count == 1)
  }

  @Test(arguments: [
    ("linux-5.15", ["files.open": 9216, "files.used_ratio": 9216.0 / 1_620_516]),
    ("linux-6.1", ["files.open": 1402]),
  ])
  func `counts open files`(kernel: String, expected: [String: Double]) throws {
    let host = try FakeHost(kernel)
    #expect(host.poll(host.input(["files"])) == expected)
  }

  @Test func `measures entropy`() throws {
    let host = try FakeHost("linux-4.19")
    #expect(host.poll(host.input(["entropy"])) == ["entropy.available_bits": 3412])
  }

  @Test func `measures the clock`() throws {
    let host = try FakeHost()
    #expect(
      host.poll(host.input(["clock"])) == [
        "clock.offset_seconds": -0.0025, "clock.maximum_error_seconds": 0.5,
        "clock.frequency_ppm": -12.5, "clock.synchronised": 1,
      ]
    )
    host.clock = nil
    let input = host.input(["clock"])
    for _ in 0..<3 { #expect(host.poll(input).isEmpty) }
    #expect(input.drainNotices().map(\.severity) == [.info])
  }

  @Test(arguments: [
    ("1\n", 1), ("-7 x\n", -7), ("\n", nil), ("- 1\n", nil), ("1", nil), ("x", nil),
  ])
  func `reads one number`(text: String, number: Int64?) {
    let (numbers, complaints) = parsed(text, NumbersReading())
    #expect(numbers[0] == number)
    #expect(complaints.count == (number == nil ? 1 : 0))
  }
}
