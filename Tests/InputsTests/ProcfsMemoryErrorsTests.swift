import Inputs
import Testing

/// Errors of ECC memory, as the EDAC drivers count them.
@Suite struct ProcfsMemoryErrorsTests {
  private static let controllers = "sys/devices/system/edac/mc/"
  private static let corrected = "edac.mc0.corrected_errors_per_second"
  private static let uncorrected = "edac.mc0.uncorrected_errors_per_second"

  @Test func `corrected and uncorrected errors are rates`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["edac"])
    #expect(host.poll(input).isEmpty)
    try host.write(Self.controllers + "mc0/ce_count", "13\n")
    #expect(host.poll(input, after: 5) == [Self.corrected: 2, Self.uncorrected: 0])
  }

  @Test func `a reset of the counters is a gap`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["edac"])
    host.poll(input)
    try host.write(Self.controllers + "mc0/ce_count", "0\n")
    let metrics = host.poll(input, after: 5)
    #expect(metrics[Self.corrected]?.isNaN == true)
    #expect(metrics[Self.uncorrected] == 0)
  }

  @Test func `a garbled counter is counted, and the other one is still read`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["edac"])
    host.poll(input)
    try host.write(Self.controllers + "mc0/ce_count", "many\n")
    #expect(host.poll(input, after: 5) == [Self.uncorrected: 0])
    #expect(input.health.malformed == 1)
  }

  @Test func `a host without ECC memory has no such metrics and no complaint`() throws {
    let host = try FakeHost("linux-6.1")
    let input = host.input(["edac"])
    host.poll(input)
    #expect(host.poll(input, after: 5).isEmpty)
    #expect(input.drainNotices().isEmpty && input.health.malformed == 0)
  }

  @Test func `the power directory beside the controllers is not a controller`() throws {
    let host = try FakeHost("linux-5.15")
    try host.write(Self.controllers + "power/control", "auto\n")
    let input = host.input(["edac"])
    host.poll(input)
    #expect(host.poll(input, after: 5).count == 2)
  }
}
