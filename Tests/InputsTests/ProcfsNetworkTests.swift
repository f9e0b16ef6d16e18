import Inputs
import Series
import Testing

@Suite struct ProcfsNetworkTests {
  @Test func `measures TCP`() throws {
    let host = try FakeHost("linux-3.10")
    let input = host.input(["tcp"])
    #expect(host.poll(input) == ["tcp.established": 41])
    let snmp = try host.read("proc/net/snmp")
    try host.write(
      "proc/net/snmp",
      snmp.replacing(" 41 519873412 42812211 81234 12 ", with: " 40 519873912 42812711 81244 17 ")
    )
    let values = host.poll(input)
    expectNear(values, "tcp.established", 40)
    expectNear(values, "tcp.received_segments_per_second", 100)
    expectNear(values, "tcp.sent_segments_per_second", 100)
    expectNear(values, "tcp.retransmitted_segments_per_second", 2)
    expectNear(values, "tcp.receive_errors_per_second", 1)
    expectNear(values, "tcp.sent_resets_per_second", 0)
    #expect(values.count == 12)
  }

  @Test func `finds columns by name, wherever a kernel puts them`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["tcp"])
    try host.write("proc/net/netstat", "TcpExt: A TCPTimeouts B ListenDrops\nTcpExt: 1 2 3 4\n")
    try host.write("proc/net/snmp", "Tcp: New RetransSegs\nTcp: -1 10\nUdp: InDatagrams\nUdp: 3\n")
    host.poll(input)
    try host.write("proc/net/netstat", "TcpExt: A TCPTimeouts B ListenDrops\nTcpExt: 9 7 9 14\n")
    let values = host.poll(input)
    expectNear(values, "tcp.timeouts_per_second", 1)
    expectNear(values, "tcp.listen_drops_per_second", 2)
    expectNear(values, "tcp.retransmitted_segments_per_second", 0)
    #expect(values.count == 3)
    #expect(input.health.malformed == 0)
  }

  @Test func `sums UDP over both protocols`() throws {
    let host = try FakeHost(nil)
    let input = host.input(["udp"])
    func write(_ old: Int, _ new: Int) throws {
      try host.write(
        "proc/net/snmp", "Tcp: RetransSegs\nTcp: 0\nUdp: InDatagrams NoPorts\nUdp: \(old) 5\n")
      try host.write("proc/net/snmp6", "Udp6InDatagrams                 \t\(new)\n")
    }
    try write(100, 1000)
    host.poll(input)
    try write(150, 1100)
    #expect(
      host.poll(input) == [
        "udp.received_datagrams_per_second": 30, "udp.unwanted_datagrams_per_second": 0,
      ]
    )
  }

  @Test func `counts sockets of both protocols`() throws {
    let host = try FakeHost("linux-5.15")
    let values = host.poll(host.input(["sockets"]))
    expectNear(values, "sockets.used", 1893)
    expectNear(values, "sockets.tcp_in_use", 330)
    expectNear(values, "sockets.tcp_orphaned", 2)
    expectNear(values, "sockets.tcp_time_wait", 412)
    expectNear(values, "sockets.udp_in_use", 28)
    let page = try #require(values["sockets.tcp_memory_bytes"]) / 182
    #expect([4096, 16384, 65536].contains(page))
    expectNear(values, "sockets.udp_memory_bytes", 14 * page)
    let without = try FakeHost("linux-4.19")
    expectNear(without.poll(without.input(["sockets"])), "sockets.tcp_in_use", 9)
  }

  @Test(arguments: [
    "Tcp: RetransSegs InSegs\nTcp: 10\n", "Tcp: RetransSegs\nTcp: 10 11\n",
    "Tcp: RetransSegs\nUdp: 10\n", "Tcp: RetransSegs\n", "Tcp: RetransSegs\nTcp: -10\n",
    "Tcp: RetransSegs\nTcp: x\n", "Tcp:\nTcp:\n", "\n\n", "Tcp: RetransSegs\nTcp: 10",
    "Udp: InDatagrams\nUdp: 1\n",
  ])
  func `reports counters that do not match their names`(text: String) {
    let (_, complaints) = parsed(text, ProtocolReading<TransportKey>(.headings))
    #expect(complaints.count > 0)
  }

  @Test(arguments: ["TCP: inuse\n", "TCP: inuse x\n", "sockets: used -1\n", "garbage more\n"])
  func `reports sockets without numbers`(text: String) {
    let (sockets, complaints) = parsed(text, ProtocolReading<SocketKey>(.pairs))
    #expect(sockets[.tcpInUse] == nil)
    #expect(complaints.count == 1)
  }

  @Test func `has conntrack metrics only if the firewall tracks connections`() throws {
    let host = try FakeHost("linux-5.15")
    let input = host.input(["conntrack"])
    #expect(
      host.poll(input) == ["conntrack.entries": 1893, "conntrack.used_ratio": 1893.0 / 262_144])
    let without = try FakeHost("linux-6.1")
    let other = without.input(["conntrack"])
    #expect(without.poll(other).isEmpty)
    #expect(other.drainNotices().isEmpty)
    #expect(other.health.malformed == 0)
  }
}
