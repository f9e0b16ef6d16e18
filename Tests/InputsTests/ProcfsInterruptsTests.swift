import FoundationEssentials
import Glibc
import Inputs
import Support
import Testing

/// /proc/interrupts of this many processors.
private func interrupts(_ processors: Int, _ rows: [(String, [UInt64], String)]) -> String {
  let head = (0..<processors).map { "CPU\($0)" }.joined(separator: "       ")
  return "           " + head + "       \n"
    + rows.map { label, counts, text in
      "\(label): " + counts.map(String.init).joined(separator: " ") + " " + text + "\n"
    }.joined()
}

/// The names of the watched metrics.
private func sources(_ values: [String: Double], _ prefix: String) -> Set<String> {
  Set(
    names(values, prefix, ".per_second").map {
      String($0.dropFirst(prefix.count).dropLast(".per_second".count))
    })
}

@Suite struct ProcfsInterruptsTests {
  @Test(arguments: [
    (
      "linux-3.10",
      [
        "timer.0", "i8042.1", "4", "rtc0.8", "i8042.12", "uhci_hcd:usb3,cciss0,HDA_Intel.16",
        "ehci_hcd:usb2.23", "eth0-TxRx-0.64", "eth0-TxRx-1.65", "eth0.66", "NMI", "LOC", "PMI",
        "IWI",
        "RES", "CAL", "TLB", "MCP",
      ]
    ),
    (
      "linux-5.15",
      [
        "timer.0", "rtc0.8", "acpi.9", "14", "i801_smbus,ehci_hcd:usb1.16",
        "ahci_0000:00:17.0_.125", "xhci_hcd.126", "enp1s0f0-TxRx-0.127", "enp1s0f0-TxRx-1.128",
        "enp1s0f0.129", "mmc0.130", "NMI", "LOC", "PMI", "IWI", "RES", "CAL", "TLB", "MCP",
      ]
    ),
    (
      "linux-6.1",
      [
        "arch_timer.11", "uart-pl011.13", "15", "virtio0-input.0.21", "virtio0-output.0.22",
        "virtio1-req.0.23", "pmic_pwrkey.30", "Volume_Up.31", "IPI0", "IPI1", "IPI5",
      ]
    ),
  ])
  func `names interrupts by handler and number, those of the kernel by their label`(
    kernel: String, expected: [String]
  ) throws {
    let host = try FakeHost(kernel)
    let input = host.input(["interrupts"])
    host.poll(input)
    let found = host.poll(input)
    #expect(sources(found, "interrupt.") == Set(expected))
    #expect(sources(found, "soft_interrupt.").isSuperset(of: ["TIMER", "NET_RX", "BLOCK", "RCU"]))
    #expect(input.health.malformed == 0, "\(input.health.lastError ?? "")")
  }

  @Test func `reads every fixture without a complaint`() throws {
    for kernel in FakeHost.kernels {
      let host = try FakeHost(kernel)
      let input = host.input(["interrupts"])
      host.poll(input)
      #expect(host.poll(input).count > 15)
      #expect(input.health.malformed == 0, "\(kernel): \(input.health.lastError ?? "")")
    }
  }

  @Test(.enabled(if: Needs.softInterrupts.isMet, "\(Needs.softInterrupts)"))
  func `reads this host, whose own counts grow`() throws {
    let host = try FakeHost(nil)
    var section = ProcfsSection()
    section.collectors = ["interrupts"]
    let input = ProcfsInput(
      name: "host", configuration: section,
      monotonicClock: { host.elapsed })
    host.poll(input)
    var found: [String: Double] = [:]
    eventually(lookingEvery: .milliseconds(10)) {
      found = host.poll(input)
      return found.values.contains { $0 > 0 }
    }
    #expect(input.health.malformed == 0, "\(input.health.lastError ?? "")")
    #expect(found.count > 3)
    #expect(found.values.allSatisfy { $0 >= 0 })
    #expect(found.values.contains { $0 > 0 })
  }

  @Test func `sums over the processors`() throws {
    let host = try FakeHost()
    let input = host.input(["interrupts"])
    let text = " PCI-MSI 524289-edge      nvme0q1"
    try host.write("proc/interrupts", interrupts(2, [("27", [10, 20], text), ("ERR", [3], "")]))
    try host.write("proc/softirqs", interrupts(2, [("NET_RX", [1, 2], "")]))
    host.poll(input)
    try host.write("proc/interrupts", interrupts(2, [("27", [20, 60], text), ("ERR", [8], "")]))
    try host.write("proc/softirqs", interrupts(2, [("NET_RX", [101, 402], "")]))
    let values = host.poll(input)
    expectNear(values, "interrupt.nvme0q1.27.per_second", 10)
    expectNear(values, "interrupt.ERR.per_second", 1)
    expectNear(values, "soft_interrupt.NET_RX.per_second", 100)
    #expect(values.count == 3)
  }

  @Test func `handles the wrap of one processor's count`() throws {
    let host = try FakeHost()
    let input = host.input(["interrupts"])
    let top = UInt64(UInt32.max)
    for (counts, expected) in [
      ([top - 99, 1000], nil), ([400, 1000], 100), ([400, top - 299], nil), ([400, 200], 100),
    ] as [([UInt64], Double?)] {
      try host.write("proc/interrupts", interrupts(2, [("LOC", counts, " Local timer interrupts")]))
      let values = host.poll(input)
      if let expected { expectNear(values, "interrupt.LOC.per_second", expected) }
    }
  }

  @Test func `makes a gap when processors come and go with their counts`() throws {
    let host = try FakeHost()
    let input = host.input(["interrupts"])
    let name = "interrupt.LOC.per_second"
    for (counts, expected) in [
      ([1000, 5000], nil), ([1050, 5050], 20), ([1100], .nan), ([1150], 10), ([1200, 5060], .nan),
      ([1250, 5110], 20),
    ] as [([UInt64], Double?)] {
      try host.write(
        "proc/interrupts", interrupts(counts.count, [("LOC", counts, " Local timer interrupts")]))
      let values = host.poll(input)
      guard let expected else { continue }
      let value = try #require(values[name])
      #expect(expected.isNaN ? value.isNaN : value == expected, "\(counts): \(value)")
    }
  }

  @Test func `renames a number that another device takes over, silently`() throws {
    let host = try FakeHost()
    let input = host.input(["interrupts"])
    func poll(_ count: UInt64, _ handler: String?) throws -> [String: Double] {
      let rows = handler.map { [("27", [count, count], " PCI-MSI 1-edge      " + $0)] } ?? []
      try host.write("proc/interrupts", interrupts(2, rows))
      return host.poll(input).filter { $0.key.hasPrefix("interrupt.") }
    }
    #expect(try poll(10, "eth0").isEmpty)
    #expect(try poll(20, "eth0") == ["interrupt.eth0.27.per_second": 4])
    #expect(try poll(5, "nvme0q1").isEmpty)
    #expect(try poll(10, "nvme0q1") == ["interrupt.nvme0q1.27.per_second": 2])
    #expect(try poll(0, nil).isEmpty)
    #expect(try poll(7, "eth0").isEmpty)
    #expect(try poll(12, "eth0") == ["interrupt.eth0.27.per_second": 2])
    #expect(input.drainNotices().isEmpty)
    #expect(input.health.malformed == 0)
  }

  @Test func `follows the configured patterns, up to a limit`() throws {
    let host = try FakeHost("linux-5.15")
    let chosen = host.input(["interrupts"]) {
      $0.interrupts = NameFilter(include: ["enp*", "ahci*", "LOC", "NET_*"], exclude: ["*.129"])
    }
    host.poll(chosen)
    let found = host.poll(chosen)
    #expect(
      sources(found, "interrupt.")
        == ["enp1s0f0-TxRx-0.127", "enp1s0f0-TxRx-1.128", "ahci_0000:00:17.0_.125", "LOC"])
    #expect(sources(found, "soft_interrupt.") == ["NET_TX", "NET_RX"])
    let limited = host.input(["interrupts"]) { $0.maximumDevices = 4 }
    host.poll(limited)
    #expect(names(host.poll(limited), "interrupt.").count <= 4)
    #expect(limited.drainNotices().count == 2)
  }

  @Test(arguments: [
    ("", "nothing"), ("           \n", "CPU0"), ("24: 1 2 x  y\n", "CPU0"),
    (
      "           CPU0       CPU1\n 24: 1 PCI-MSI\n 25: x 1\n 26 1 2\n",
      "a number for each processor"
    ),
  ])
  func `reports what it cannot parse`(text: String, expected: String) throws {
    let host = try FakeHost()
    try host.write("proc/interrupts", text)
    let input = host.input(["interrupts"])
    host.poll(input)
    #expect(input.health.malformed > 0)
    #expect(input.health.lastError?.contains(expected) == true, "\(input.health.lastError ?? "")")
  }

  @Test func `reads the whole table of a host with many processors`() throws {
    let host = try FakeHost()
    let counts = [UInt64](repeating: 4_000_000_000, count: 256)
    try host.write(
      "proc/interrupts",
      interrupts(256, (0..<300).map { ("\($0)", counts, " PCI-MSI \($0)-edge      q\($0)") }))
    let input = host.input(["interrupts"]) { $0.maximumDevices = 1000 }
    host.poll(input)
    #expect(names(host.poll(input), "interrupt.q").count == 300)
    #expect(input.health.malformed == 0, "\(input.health.lastError ?? "")")
  }
}
