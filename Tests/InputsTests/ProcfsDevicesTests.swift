import Inputs
import Series
import Testing

/// A line of /proc/diskstats.
private func disk(_ name: String, _ counters: [UInt64]) -> String {
  let c = counters
  let (reading, writing) = c.count > 6 ? (c[6], c[7]) : (0, 0)
  return "   8       0 \(name) \(c[0]) 0 \(c[1]) \(reading) \(c[2]) 0 \(c[3]) \(writing) 0 "
    + "\(c[4]) \(c[5])\n"
}

/// A line of /proc/net/dev.
private func interface(_ name: String, _ c: [UInt64]) -> String {
  "\(name): \(c[0]) \(c[1]) \(c[2]) \(c[3]) 0 0 0 0 \(c[4]) \(c[5]) \(c[6]) \(c[7]) 0 0 0 0\n"
}

private let headings = "Inter-| Receive | Transmit\n face |bytes |bytes\n"

@Suite struct ProcfsDevicesTests {
  @Test func `measures a disk`() throws {
    let host = try FakeHost()
    let input = host.input(["disk"])
    try host.write("proc/diskstats", disk("sda", [100, 2000, 50, 1000, 400, 900, 70, 800]))
    #expect(host.poll(input).isEmpty)
    try host.write("proc/diskstats", disk("sda", [150, 2400, 60, 3000, 2900, 13_400, 170, 1000]))
    let values = host.poll(input)
    expectNear(values, "disk.sda.reads_per_second", 10)
    expectNear(values, "disk.sda.read_bytes_per_second", 40_960)
    expectNear(values, "disk.sda.writes_per_second", 2)
    expectNear(values, "disk.sda.write_bytes_per_second", 204_800)
    expectNear(values, "disk.sda.utilisation", 0.5)
    expectNear(values, "disk.sda.queue", 2.5)
    expectNear(values, "disk.sda.read_latency_seconds", 0.002)
    expectNear(values, "disk.sda.write_latency_seconds", 0.02)
    #expect(values.count == 8)
    let idle = host.poll(input)
    #expect(idle["disk.sda.read_latency_seconds"] == 0, "no operation, no time")
  }

  @Test func `measures an interface`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    try host.write("proc/net/dev", headings + interface("eth0", [1, 2, 3, 4, 5, 6, 7, 8]))
    #expect(host.poll(input).isEmpty)
    try host.write(
      "proc/net/dev",
      headings + interface("eth0", [501, 52, 8, 14, 5005, 106, 12, 8])
    )
    let values = host.poll(input)
    expectNear(values, "network.eth0.receive_bytes_per_second", 100)
    expectNear(values, "network.eth0.receive_packets_per_second", 10)
    expectNear(values, "network.eth0.receive_errors_per_second", 1)
    expectNear(values, "network.eth0.receive_drops_per_second", 2)
    expectNear(values, "network.eth0.transmit_bytes_per_second", 1000)
    expectNear(values, "network.eth0.transmit_packets_per_second", 20)
    expectNear(values, "network.eth0.transmit_errors_per_second", 1)
    expectNear(values, "network.eth0.transmit_drops_per_second", 0)
    #expect(values.count == 8)
  }

  @Test(arguments: [
    ("linux-3.10", ["sda", "cciss/c0d0"], ["eth0"]), ("linux-4.19", ["vda", "nvme0n1"], ["ens3"]),
    ("linux-5.15", ["sda", "md0", "mmcblk0"], ["enp1s0f0", "eth0.100"]),
    ("linux-6.1", ["vda"], ["enp0s3"]),
  ])
  func `monitors real, busy devices by default`(
    kernel: String,
    disks: [String],
    interfaces: [String]
  ) throws {
    let host = try FakeHost(kernel)
    let input = host.input(["disk", "network"])
    host.poll(input)
    let found = host.poll(input)
    #expect(
      names(found, "disk.", ".queue")
        == Set(disks.map { "disk.\($0).queue" })
    )
    #expect(
      names(found, "network.", ".receive_drops_per_second")
        == Set(interfaces.map { "network.\($0).receive_drops_per_second" })
    )
  }

  @Test func `follows the configured patterns`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["disk", "network"]) {
      $0.disks = NameFilter(include: ["sd[a-c]", "sda?", "md?", "mmc*"], exclude: ["md0"])
      $0.interfaces = NameFilter(include: ["lo"])
    }
    host.poll(input)
    let found = host.poll(input)
    #expect(
      names(found, "disk.", ".queue")
        == ["disk.sda.queue", "disk.sda1.queue", "disk.mmcblk0.queue"]
    )
    #expect(names(found, "network.").count == 8)
    #expect(found["network.lo.receive_bytes_per_second"] == 0)
  }

  @Test func `gives an idle device its metrics when it wakes up, from its first byte on`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    try host.write("proc/net/dev", interface("wg0", [0, 0, 0, 0, 0, 0, 0, 0]))
    host.poll(input)
    #expect(host.poll(input).isEmpty)
    try host.write("proc/net/dev", interface("wg0", [500, 5, 0, 0, 0, 0, 0, 0]))
    expectNear(host.poll(input), "network.wg0.receive_bytes_per_second", 100)
  }

  @Test func `keeps the metrics of a device whose counters were reset to zero`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    try host.write("proc/net/dev", interface("wg0", [500, 5, 0, 0, 500, 5, 0, 0]))
    host.poll(input)
    try host.write("proc/net/dev", interface("wg0", [0, 0, 0, 0, 0, 0, 0, 0]))
    #expect(host.poll(input).values.filter { $0.isNaN }.count == 8)
    #expect(host.poll(input).values.filter { $0 == 0 }.count == 8)
  }

  @Test func `makes a gap in all metrics of a device that was plugged in again`() throws {
    let host = try FakeHost()
    let input = host.input(["disk"])
    try host.write(
      "proc/diskstats",
      disk("sda", [100, 2000, 5, 10, 400, 900]) + disk("sdb", [1, 1, 1, 1, 1, 1])
    )
    host.poll(input)
    // Fewer reads, but more writes than the previous device.
    try host.write(
      "proc/diskstats",
      disk("sda", [7, 56, 50, 1000, 40, 90]) + disk("sdb", [6, 1, 1, 1, 1, 1])
    )
    let values = host.poll(input)
    #expect(names(values, "disk.sda.").allSatisfy { values[$0]?.isNaN == true })
    expectNear(values, "disk.sdb.reads_per_second", 1)
    #expect(input.health.gaps == 8)
    try host.write("proc/diskstats", disk("sda", [12, 56, 50, 1000, 40, 90]))
    expectNear(host.poll(input), "disk.sda.reads_per_second", 1)
  }

  @Test func `handles a 32-bit wrap of one counter`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    let top = UInt64(UInt32.max)
    try host.write("proc/net/dev", interface("eth0", [top - 99, 1000, 0, 0, 1000, 10, 0, 0]))
    host.poll(input)
    try host.write("proc/net/dev", interface("eth0", [400, 1005, 0, 0, 1500, 15, 0, 0]))
    let values = host.poll(input)
    expectNear(values, "network.eth0.receive_bytes_per_second", 100)
    expectNear(values, "network.eth0.receive_packets_per_second", 1)
    expectNear(values, "network.eth0.transmit_bytes_per_second", 100)
  }

  @Test func `treats two decreased counters as a reset, whatever their values`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    let top = UInt64(UInt32.max)
    try host.write("proc/net/dev", interface("eth0", [top - 99, 1000, 0, 0, top, 10, 0, 0]))
    host.poll(input)
    try host.write("proc/net/dev", interface("eth0", [400, 1005, 0, 0, 1500, 15, 0, 0]))
    #expect(host.poll(input).values.allSatisfy { $0.isNaN })
  }

  @Test func `accepts no wrap of more than a quarter of the range`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    try host.write("proc/net/dev", interface("eth0", [3_000_000_000, 10, 0, 0, 9, 9, 0, 0]))
    host.poll(input)
    try host.write("proc/net/dev", interface("eth0", [500, 15, 0, 0, 9, 9, 0, 0]))
    #expect(host.poll(input).values.allSatisfy { $0.isNaN })
  }

  @Test func `counts a device that a file lists twice only once`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    let eth0 = interface("eth0", [100, 10, 0, 0, 9, 9, 0, 0])
    try host.write("proc/net/dev", eth0 + eth0)
    host.poll(input)
    #expect(host.poll(input).count == 8)
    #expect(host.sink.received.count == 8)
    #expect(input.health.gaps == 0)
  }

  @Test func `makes a gap in only one metric if a minor counter was reset`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    try host.write("proc/net/dev", interface("eth0", [100, 10, 0, 30, 100, 10, 0, 0]))
    host.poll(input)
    try host.write("proc/net/dev", interface("eth0", [600, 15, 0, 3, 100, 10, 0, 0]))
    let values = host.poll(input)
    #expect(values["network.eth0.receive_drops_per_second"]?.isNaN == true)
    expectNear(values, "network.eth0.receive_bytes_per_second", 100)
    #expect(input.health.gaps == 1)
  }

  @Test func `drops a device that was removed, and starts afresh when it returns`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    let eth0 = interface("eth0", [100, 1, 0, 0, 100, 1, 0, 0])
    try host.write("proc/net/dev", eth0 + interface("usb0", [1000, 10, 0, 0, 1000, 10, 0, 0]))
    host.poll(input)
    #expect(host.poll(input).count == 16)
    try host.write("proc/net/dev", eth0)
    #expect(host.poll(input).count == 8)
    try host.write("proc/net/dev", interface("usb0", [50, 5, 0, 0, 50, 5, 0, 0]) + eth0)
    #expect(host.poll(input).count == 8, "nothing to compare with yet")
    try host.write("proc/net/dev", interface("usb0", [550, 5, 0, 0, 50, 5, 0, 0]) + eth0)
    expectNear(host.poll(input), "network.usb0.receive_bytes_per_second", 100)
    #expect(host.sink.registry.count == 16, "under the same names")
    #expect(input.health.gaps == 0)
    #expect(input.drainNotices().isEmpty)
  }

  @Test func `keeps a device whose line is garbled once`() throws {
    let host = try FakeHost()
    let input = host.input(["disk"])
    try host.write("proc/diskstats", disk("sda", [100, 0, 0, 0, 0, 0]))
    host.poll(input)
    try host.write("proc/diskstats", "   8       0 sda garbage\n")
    #expect(host.poll(input).isEmpty)
    try host.write("proc/diskstats", disk("sda", [200, 0, 0, 0, 0, 0]))
    expectNear(host.poll(input), "disk.sda.reads_per_second", 10)
  }

  @Test func `registers each metric once`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input()
    for _ in 0..<5 { host.poll(input) }
    #expect(host.sink.lookups == host.sink.registry.count)
  }

  @Test func `counts what a full registry refuses, and continues with the rest`() throws {
    let host = try FakeHost()
    host.sink.registry = MetricRegistry(capacity: 2)
    let input = host.input(["load"])
    #expect(host.poll(input).count == 2)
    host.poll(input)
    #expect(input.health.refused == 2)
    #expect(input.health.samples == 4)
    #expect(host.sink.lookups == 3, "a full registry is not asked at every poll")
  }

  @Test func `monitors no more devices than the limit, and reports it once`() throws {
    let host = try FakeHost()
    let input = host.input(["network"]) { $0.maximumDevices = 3 }
    let many = (0..<10).map { interface("eth\($0)", [1, 1, 0, 0, 1, 1, 0, 0]) }
    try host.write("proc/net/dev", many.joined())
    host.poll(input)
    #expect(host.poll(input).count == 24)
    host.poll(input)
    let notices = input.drainNotices()
    #expect(notices.count == 1)
    #expect(notices.first?.severity == .warning)
    #expect(notices.first?.text.contains("at most 3 devices") == true)
    #expect(notices.first?.text.contains("eth3") == true)
  }

  @Test func `keeps up with containers that come and go`() throws {
    let host = try FakeHost()
    let input = host.input(["network"])
    for round in 0..<30 {
      let flood = (0..<50).map { "veth\(round)x\($0)" }
        .map { interface($0, [1, 1, 0, 0, 1, 1, 0, 0]) }.joined()
      let counters = [UInt64(round) * 500, 1, 0, 0, 1, 1, 0, 0]
      try host.write("proc/net/dev", headings + flood + interface("eth0", counters))
      let values = host.poll(input)
      #expect(values.count == (round == 0 ? 0 : 8))
      if round > 0 { expectNear(values, "network.eth0.receive_bytes_per_second", 100) }
    }
    #expect(host.sink.registry.count == 8)
  }
}
