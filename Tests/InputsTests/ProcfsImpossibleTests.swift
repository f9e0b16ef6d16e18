import Inputs
import Series
import Testing

/// Impossible numbers printed by the kernel are gaps, not samples.
@Suite struct ProcfsImpossibleTests {
  /// /proc/stat of four processors, one line per processor.
  private static func stat(_ sum: String, processors: Int = 4, blocked: UInt64 = 0) -> String {
    let cores = (0..<processors).map { "cpu\($0) 1 0 1 1\n" }.joined()
    return "cpu  \(sum)\n\(cores)ctxt 1\nprocs_running 2\nprocs_blocked \(blocked)\n"
  }

  @Test(
    arguments: [
      ("1010 5 60 48000000 500 0 3 100", "idle of a processor that went offline"),
      ("1010 5 60 64000000 500 0 3 100", "idle of a processor that came back"),
      ("1010 5 60 50001900 500 0 3 832457533", "steal that jumped"),
      ("1010 5 60 50001900 9000500 0 3 100", "iowait that jumped"),
    ]
  )
  func `impossible processor time is a gap`(sum: String, what: String) throws {
    let host = try FakeHost(nil)
    let input = host.input(["cpu"])
    try host.write("proc/stat", Self.stat("1000 5 50 50000000 500 0 3 100"))
    host.poll(input)
    try host.write("proc/stat", Self.stat(sum))
    let values = host.poll(input)
    #expect(!values.isEmpty && values.values.allSatisfy { $0.isNaN }, "\(what): \(values)")
  }

  @Test func `the reading after such a gap is compared with the one before it`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["cpu"])
    try host.write("proc/stat", Self.stat("1000 0 0 50000000 0"))
    host.poll(input)
    try host.write("proc/stat", Self.stat("1000 0 0 37500000 0", processors: 3))
    host.poll(input)
    try host.write("proc/stat", Self.stat("1750 0 0 37500750 0", processors: 3))
    expectNear(host.poll(input), "cpu.busy", 0.5)
  }

  @Test func `the total time of all processors is not a jump`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["cpu"])
    try host.write("proc/stat", Self.stat("0 0 0 0 0", processors: 64))
    host.poll(input)
    try host.write("proc/stat", Self.stat("16000 0 0 16000 0", processors: 64))
    expectNear(host.poll(input), "cpu.busy", 0.5)
  }

  @Test func `a jump is a gap even where no single processor is listed`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["cpu"])
    try host.write("proc/stat", "cpu  1000 5 50 50000000 500 0 3 100\nctxt 1\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  1010 5 60 50001900 500 0 3 832457533\nctxt 1\n")
    #expect(host.poll(input).values.allSatisfy { $0.isNaN })
  }

  @Test func `a single processor's jump is a gap of that processor`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["cores"])
    try host.write("proc/stat", "cpu  2 0 2 2\ncpu0 0 0 0 0\ncpu1 0 0 0 0\nctxt 1\n")
    host.poll(input)
    try host.write("proc/stat", "cpu  2 0 2 2\ncpu0 250 0 0 250\ncpu1 250 0 0 900000\nctxt 1\n")
    let values = host.poll(input)
    expectNear(values, "cpu.core0.busy", 0.5)
    #expect(values["cpu.core1.busy"]?.isNaN == true)
  }

  @Test(arguments: [UInt64.max - 2, 4_294_967_293])
  func `a count of tasks that wrapped below zero is a gap`(blocked: UInt64) throws {
    let host = try FakeHost(nil)
    let input = host.input(["processes"])
    try host.write("proc/loadavg", "0.1 0.1 0.1 1/100 5\n")
    try host.write("proc/stat", Self.stat("1 0 1 1", blocked: blocked))
    let values = host.poll(input)
    #expect(values["processes.blocked"]?.isNaN == true)
    #expect(values["processes.running"] == 2)
  }

  @Test func `sensors of one label get its number, and an impossible temperature is a gap`() throws
  {
    let host = try FakeHost(nil)
    let chip = "sys/class/hwmon/hwmon0/"
    try host.write(chip + "name", "k10temp\n")
    for (number, celsius) in [(1, "61000"), (2, "62000"), (15, "3892313987")] {
      try host.write(chip + "temp\(number)_input", celsius + "\n")
      if number < 3 { try host.write(chip + "temp\(number)_label", "Tctl\n") }
    }
    try host.write("sys/class/thermal/thermal_zone0/type", "acpitz\n")
    try host.write("sys/class/thermal/thermal_zone0/temp", "-274000\n")
    let values = host.poll(host.input(["sensors", "thermal"]))
    #expect(values["sensors.k10temp.Tctl.celsius"] == 61)
    #expect(values["sensors.k10temp.Tctl_2.celsius"] == 62)
    #expect(values["sensors.k10temp.temp15.celsius"]?.isNaN == true)
    #expect(values["thermal.acpitz.celsius"]?.isNaN == true)
  }

  @Test(arguments: ["eth0:1:       ", "eth0:1:"])
  func `an interface may have a colon in its name`(start: String) throws {
    let host = try FakeHost(nil)
    let zeros = String(repeating: " 0", count: 15)
    let input = host.input(["network"])
    for bytes in [0, 500] {
      try host.write("proc/net/dev", "  eth0: 1000\(zeros)\n\(start)\(bytes)\(zeros)\n")
      host.poll(input)
    }
    #expect(input.health.malformed == 0)
    expectNear(host.sink.values, "network.eth0:1.receive_bytes_per_second", 100)
  }
}
