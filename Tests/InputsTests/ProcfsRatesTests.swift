import Inputs
import Series
import Testing

@Suite struct ProcfsRatesTests {
  @Test func `delivers levels immediately and rates from the second poll on`() throws {
    let host = try FakeHost()
    let input = host.input()
    let first = host.poll(input)
    #expect(first["load.1m"] == 0)
    #expect(first["memory.free_bytes"] == 2_123_456.0 * 1024)
    #expect(first["cpu.busy"] == nil)
    #expect(!first.keys.contains { $0.hasSuffix("_per_second") })
    #expect(input.health.gaps == 0)
    let second = host.poll(input)
    #expect(second["disk.vda.reads_per_second"] == 0)
    #expect(second["network.enp0s3.receive_bytes_per_second"] == 0)
    #expect(second["pressure.io.some"] == 0)
    #expect(input.health.samples == first.count + second.count)
    #expect(input.health.malformed == 0)
    #expect(input.health.lastSampleAt == host.wallClock)
    #expect(input.drainNotices().isEmpty)
  }

  @Test func `stamps every sample of a poll with the daemon's time`() throws {
    let host = try FakeHost()
    host.poll(host.input())
    #expect(host.sink.received.allSatisfy { $0.sample.timestamp == host.wallClock })
  }

  @Test func `divides the processors' time, counting guests once`() throws {
    let host = try FakeHost()
    let input = host.input(["cpu"])
    try host.write("proc/stat", "cpu  1000 100 500 8000 200 10 20 30 400 50\nctxt 1\n")
    host.poll(input)
    // 1000 ticks: user 300 (100 of it guest), nice 50 (10 guest), system 150, idle 400, iowait 60,
    // irq 10, softirq 10, steal 20.
    try host.write("proc/stat", "cpu  1300 150 650 8400 260 20 30 50 500 60\nctxt 1\n")
    let shares = host.poll(input)
    expectNear(shares, "cpu.user", 0.2)
    expectNear(shares, "cpu.nice", 0.04)
    expectNear(shares, "cpu.system", 0.15)
    expectNear(shares, "cpu.idle", 0.4)
    expectNear(shares, "cpu.iowait", 0.06)
    expectNear(shares, "cpu.irq", 0.01)
    expectNear(shares, "cpu.softirq", 0.01)
    expectNear(shares, "cpu.steal", 0.02)
    expectNear(shares, "cpu.guest", 0.11)
    expectNear(shares, "cpu.busy", 0.54)
    #expect(shares.count == 10)
  }

  @Test func `treats a small step back of iowait as zero`() throws {
    let host = try FakeHost()
    let input = host.input(["cpu"])
    try host.write("proc/stat", "cpu  1000 0 500 8000 200\nctxt 1\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1050 0 550 8100 190\nctxt 1\n")
    let shares = host.poll(input)
    expectNear(shares, "cpu.iowait", 0)
    expectNear(shares, "cpu.idle", 0.5)
    #expect(shares["cpu.steal"] == nil, "this kernel does not say")
  }

  @Test func `makes a gap when processor time was reset, and continues from there`() throws {
    let host = try FakeHost()
    let input = host.input(["cpu"])
    host.poll(input)
    try host.write("proc/stat", "cpu  10 0 5 80 2 0 0 0 0 0\nctxt 1\n")
    let gap = host.poll(input)
    #expect(gap.count == 10 && gap.values.allSatisfy { $0.isNaN })
    #expect(input.health.gaps == 10)
    try host.write("proc/stat", "cpu  60 0 5 130 2 0 0 0 0 0\nctxt 1\n")
    expectNear(host.poll(input), "cpu.busy", 0.5)
  }

  @Test func `computes rates over the elapsed time, not over the interval`() throws {
    let host = try FakeHost()
    let input = host.input(["processes", "pressure"])
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1000\nintr 50 1\nprocesses 10\n")
    try host.write("proc/pressure/io", "some total=1000000\nfull total=500000\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1800\nintr 450 1\nprocesses 18\n")
    try host.write("proc/pressure/io", "some total=3000000\nfull total=1500000\n")
    let values = host.poll(input, after: 8)
    expectNear(values, "kernel.context_switches_per_second", 100)
    expectNear(values, "kernel.interrupts_per_second", 50)
    expectNear(values, "processes.forks_per_second", 1)
    expectNear(values, "pressure.io.some", 0.25)
    expectNear(values, "pressure.io.full", 0.125)
  }

  @Test func `rates do not change when the wall clock is set`() throws {
    let host = try FakeHost()
    let input = host.input(["processes"])
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1000\n")
    host.poll(input)
    host.wallClock = Timestamp(nanoseconds: 5)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1500\n")
    expectNear(host.poll(input), "kernel.context_switches_per_second", 100)
  }

  @Test func `averages over two missed polls, and makes a gap of more`() throws {
    let host = try FakeHost()
    let input = host.input(["processes"])
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1000\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 2500\n")
    expectNear(host.poll(input, after: 15), "kernel.context_switches_per_second", 100)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 4500\n")
    let late = host.poll(input, after: 20)
    #expect(late["kernel.context_switches_per_second"]?.isNaN == true)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 5000\n")
    expectNear(host.poll(input), "kernel.context_switches_per_second", 100)
  }

  @Test(arguments: [0.0, 0.4])
  func `reads nothing when called again immediately`(seconds: Double) throws {
    let host = try FakeHost()
    let input = host.input(["load", "processes"])
    host.poll(input)
    #expect(host.poll(input, after: seconds).isEmpty)
    #expect(!host.poll(input).isEmpty)
  }

  @Test func `makes a gap when the monotonic clock goes backwards`() throws {
    let host = try FakeHost()
    let input = host.input(["processes"])
    host.poll(input)
    let back = host.poll(input, after: -60)
    #expect(back["kernel.context_switches_per_second"]?.isNaN == true)
    expectNear(host.poll(input), "kernel.context_switches_per_second", 0)
  }

  @Test(
    arguments: [
      (4_294_960_000, 7_704, 15_000.0 / 5),  // wrapped at 32 bits
      (1_000_000, 500, nil),  // reset: nowhere near the end of the range
      (4_294_960_000, 4_000_000_000, nil),  // reset: that far in 5 s is no wrap
      (5_000_000_000, 10, nil),  // reset: a counter of more than 32 bits does not wrap
    ] as [(Int, Int, Double?)]
  )
  func `distinguishes a wrap at 32 bits from a reset`(old: Int, new: Int, rate: Double?) throws {
    let host = try FakeHost()
    let input = host.input(["processes"])
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1\nprocesses \(old)\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1\nprocesses \(new)\n")
    let values = host.poll(input)
    if let rate {
      expectNear(values, "processes.forks_per_second", rate)
      #expect(input.health.gaps == 0)
    } else {
      #expect(values["processes.forks_per_second"]?.isNaN == true)
      #expect(input.health.gaps == 1)
    }
  }

  @Test func `compares with the last available reading if one is missing`() throws {
    let host = try FakeHost()
    let input = host.input(["processes"])
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 1000\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt x\n")
    #expect(host.poll(input)["kernel.context_switches_per_second"] == nil)
    try host.write("proc/stat", "cpu  1 1 1 1\nctxt 2000\n")
    expectNear(host.poll(input), "kernel.context_switches_per_second", 100)
  }

  @Test func `computes used memory`() throws {
    let host = try FakeHost("linux-4.19")
    let values = host.poll(host.input(["memory"]))
    expectNear(values, "memory.available_bytes", 598_080 * 1024)
    expectNear(values, "memory.used_bytes", (995_468 - 598_080) * 1024)
    expectNear(values, "memory.used_ratio", 1 - 598_080.0 / 995_468)
    expectNear(values, "memory.dirty_bytes", 148 * 1024)
    #expect(values.count == 18)
  }

  @Test func `estimates available memory if the kernel does not report it`() throws {
    let host = try FakeHost("linux-3.10")
    let values = host.poll(host.input(["memory"]))
    let kilobytes = 225_472 + 22_040 + 930_436 + 126_396 - 79_212
    expectNear(values, "memory.available_bytes", Double(kilobytes * 1024))
  }

  @Test func `has swap metrics only if there is swap`() throws {
    let without = try FakeHost("linux-4.19")
    #expect(without.poll(without.input(["swap"])).isEmpty)
    let host = try FakeHost("linux-3.10")
    let input = host.input(["swap"])
    let first = host.poll(input)
    expectNear(first, "swap.used_bytes", (4_194_300 - 3_155_360) * 1024)
    expectNear(first, "swap.used_ratio", 1 - 3_155_360.0 / 4_194_300)
    try host.write("proc/vmstat", "pgfault 1\npswpin 1486\npswpout 35095\n")
    let second = host.poll(input)
    let page = try #require(second["swap.in_bytes_per_second"]) / 2
    #expect([4096, 16384, 65536].contains(page))
    expectNear(second, "swap.out_bytes_per_second", 10 * page)
  }

  @Test func `never reports more than the whole time as waiting`() throws {
    let host = try FakeHost()
    let input = host.input(["pressure"])
    try host.write("proc/pressure/cpu", "some total=0\n")
    host.poll(input)
    try host.write("proc/pressure/cpu", "some total=5200000\n")
    #expect(host.poll(input)["pressure.cpu.some"] == 1)
  }
}
