import FoundationEssentials
import Inputs
import Testing

/// Settings, stored models and habits depend on metric names: a change here breaks all of them.
@Suite struct ProcfsNamesTests {
  @Test func `keeps the names of a whole host`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input { $0.units = ["nginx.service"] }
    host.poll(input)
    let stat = try host.read("proc/stat")
    try host.write(
      "proc/stat",
      stat.replacing("cpu  1023401", with: "cpu  1023901").replacing("cpu0 ", with: "cpu0 1")
        .replacing("cpu1 ", with: "cpu1 1")
    )
    let golden = FakeHost.fixtures.appending(path: "linux-5.15.metrics")
    let found = host.poll(input).keys.sorted().joined(separator: "\n") + "\n"
    if ProcessInfo.processInfo.environment["REGENERATE"] != nil {
      try Data(found.utf8).write(to: golden)
    }
    let expected = String(decoding: try Data(contentsOf: golden), as: UTF8.self)
    #expect(found == expected)
  }

  @Test func `has a moderate number of metrics by default`() throws {
    let host = try FakeHost("linux-6.1")
    let input = host.input(ProcfsSection.defaultCollectors)
    host.poll(input)
    #expect((90...110).contains(host.poll(input).count))
  }

  @Test func `documents every metric in the manual`() throws {
    let golden = FakeHost.fixtures.appending(path: "linux-5.15.metrics")
    let manual = FakeHost.fixtures.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/host-metrics.md")
    let text = String(decoding: try Data(contentsOf: manual), as: UTF8.self)
    for name in String(decoding: try Data(contentsOf: golden), as: UTF8.self).split(separator: "\n")
    {
      var general = String(name)
      for device in ["sda", "md0", "mmcblk0"] {
        general = general.replacing("disk.\(device).", with: "disk.DEVICE.")
      }
      for interface in ["enp1s0f0", "eth0.100"] {
        general = general.replacing("network.\(interface).", with: "network.INTERFACE.")
      }
      general = general.replacing(/^cpu\.core\d+\./, with: "cpu.coreN.")
        .replacing(/^filesystem\..*\./, with: "filesystem.PATH.")
        .replacing(/^unit\.nginx\.service\./, with: "unit.UNIT.")
        .replacing(/^edac\.mc\d+\./, with: "edac.CONTROLLER.")
        .replacing(/^scsi\.[^.]+\./, with: "scsi.DEVICE.")
        .replacing(/^ext4\.[^.]+\./, with: "ext4.DEVICE.")
        .replacing(/^btrfs\.[^.]+\.\d+\./, with: "btrfs.FILESYSTEM.N.")
        .replacing(/^raid\.[^.]+\./, with: "raid.DEVICE.")
        .replacing(/^thermal\..*\./, with: "thermal.ZONE.")
        .replacing(/^interrupt\..*\.per/, with: "interrupt.SOURCE.per")
        .replacing(/^soft_interrupt\..*\.per/, with: "soft_interrupt.KIND.per")
        .replacing(/^sensors\..*\./, with: "sensors.CHIP.LABEL.")
      #expect(text.contains("`\(general)`"), "\(general) is not in docs/host-metrics.md")
    }
  }
}
