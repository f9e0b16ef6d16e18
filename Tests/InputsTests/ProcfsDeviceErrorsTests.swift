import Inputs
import Series
import Testing

/// Errors that the kernel counts for disks, arrays and filesystems.
@Suite struct ProcfsDeviceErrorsTests {
  private static let btrfs = "8a5d21be-6f1c-4c7e-9d43-1f0b5f0f7a11"

  @Test func `error counters are rates, missing members of an array a number`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["errors"])
    #expect(host.poll(input) == ["raid.md0.degraded": 0])
    try host.write("sys/block/sda/device/ioerr_cnt", "0x29\n")
    try host.write("sys/block/md0/md/degraded", "1\n")
    try host.write("sys/fs/ext4/md0/errors_count", "5\n")
    try host.write(
      "sys/fs/btrfs/\(Self.btrfs)/devinfo/1/error_stats",
      "write_errs 0\nread_errs 3\nflush_errs 0\ncorruption_errs 10\ngeneration_errs 0\n")
    #expect(
      host.poll(input, after: 5) == [
        "scsi.sda.errors_per_second": 2, "raid.md0.degraded": 1, "ext4.md0.errors_per_second": 1,
        "btrfs.\(Self.btrfs).1.errors_per_second": 2,
      ])
    #expect(input.health.malformed == 0 && input.drainNotices().isEmpty)
  }

  @Test func `a disk that is not monitored has no errors either`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["errors"]) { $0.disks.exclude = ["sd*"] }
    host.poll(input)
    #expect(!host.poll(input).keys.contains("scsi.sda.errors_per_second"))
  }

  @Test func `counters that were reset, as by a check of the filesystem, are a gap`() throws {
    let host = try FakeHost("linux-5.15")
    try host.write("sys/fs/ext4/md0/errors_count", "7\n")
    let input = host.input(["errors"])
    host.poll(input)
    try host.write("sys/fs/ext4/md0/errors_count", "0\n")
    #expect(host.poll(input)["ext4.md0.errors_per_second"]?.isNaN == true)
  }

  @Test func `a device that is gone loses its metric silently`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["errors"])
    host.poll(input)
    try host.remove("sys/block/sda")
    #expect(names(host.poll(input, after: 60), "scsi.").isEmpty)
    #expect(input.drainNotices().isEmpty)
  }

  @Test(arguments: ["lots\n", "0x\n", "0xfg\n", "read_errs\n", "1", "\n"])
  func `reports invalid counts`(text: String) {
    let (reading, complaints) = parsed(text, ErrorCount())
    #expect(complaints.count == 1 && reading.sum == nil)
  }

  @Test(arguments: [("0x0\n", 0), ("0x1f\n", 31), ("12\n", 12), ("a_errs 1\nb_errs 2\n", 3)])
  func `adds up counts, decimal and hexadecimal`(text: String, sum: UInt64) {
    #expect(parsed(text, ErrorCount()).0.sum == sum)
  }

  // MARK: Limits that the hardware states

  @Test(arguments: [
    // A processor's maximum is reached by long computations, a disk's is not.
    ("80000", "100000", HardwareLimits(high: 95, critical: 100)),
    ("81850", "84850", HardwareLimits(high: 81.85, critical: 84.85)),
    ("100000", "100000", HardwareLimits(high: 95, critical: 100)),
    (nil, "105000", HardwareLimits(high: 100, critical: 105)),
    ("70000", nil, HardwareLimits(high: 70, critical: 108)),
    // What nobody has set.
    ("127000", "127000", nil), ("0", "0", nil), ("65261850", nil, nil), (nil, nil, nil),
    ("hot", "-", nil),
  ])
  func `a sensor's own limits are delivered with its values`(
    maximum: String?, critical: String?, limits: HardwareLimits?
  ) throws {
    let host = try FakeHost(nil)
    try host.write("sys/class/hwmon/hwmon0/name", "coretemp\n")
    try host.write("sys/class/hwmon/hwmon0/temp1_input", "61000\n")
    for (suffix, text) in [("max", maximum), ("crit", critical)] {
      if let text { try host.write("sys/class/hwmon/hwmon0/temp1_\(suffix)", text + "\n") }
    }
    host.poll(host.input(["sensors"]))
    #expect(host.sink.limits["sensors.coretemp.temp1.celsius"] == limits)
  }

  @Test func `the critical trip point of a zone is its limit`() throws {
    let host = try FakeHost("linux-5.15")
    try host.write("sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n")
    try host.write("sys/class/thermal/thermal_zone0/trip_point_0_temp", "60000\n")
    try host.write("sys/class/thermal/thermal_zone0/trip_point_1_type", "critical\n")
    try host.write("sys/class/thermal/thermal_zone0/trip_point_1_temp", "90000\n")
    host.poll(host.input(["thermal"]))
    #expect(host.sink.limits == ["thermal.acpitz.celsius": HardwareLimits(high: 85, critical: 90)])
  }
}
