/// The wanted numbers of /proc/net/snmp: RFC 4022 and RFC 4113. Those of TCP cover IPv4 and IPv6,
/// those of UDP only IPv4.
package enum TransportKey: Int, ProtocolKey {
  case activeOpens, passiveOpens, attemptFails, establishedResets, established, segmentsIn
  case segmentsOut, retransmitted, errorsIn, resetsOut
  case datagramsIn, datagramsOut, noPorts, datagramErrors, bufferErrors

  package var group: StaticString { rawValue < TransportKey.datagramsIn.rawValue ? "Tcp:" : "Udp:" }

  package var isRequired: Bool { self == .retransmitted || self == .datagramsIn }

  package var text: StaticString {
    switch self {
    case .activeOpens: "ActiveOpens"
    case .passiveOpens: "PassiveOpens"
    case .attemptFails: "AttemptFails"
    case .establishedResets: "EstabResets"
    case .established: "CurrEstab"
    case .segmentsIn: "InSegs"
    case .segmentsOut: "OutSegs"
    case .retransmitted: "RetransSegs"
    case .errorsIn: "InErrs"
    case .resetsOut: "OutRsts"
    case .datagramsIn: "InDatagrams"
    case .datagramsOut: "OutDatagrams"
    case .noPorts: "NoPorts"
    case .datagramErrors: "InErrors"
    case .bufferErrors: "RcvbufErrors"
    }
  }
}

/// The wanted numbers of /proc/net/netstat. The kernel's Documentation/networking/snmp_counter.rst.
package enum TCPExtensionKey: Int, ProtocolKey {
  case listenDrops, timeouts

  package var group: StaticString { "TcpExt:" }

  package var isRequired: Bool { false }

  package var text: StaticString {
    switch self {
    case .listenDrops: "ListenDrops"
    case .timeouts: "TCPTimeouts"
    }
  }
}

/// TCP of this host, IPv4 and IPv6: `tcp.established`, `tcp.retransmitted_segments_per_second`, ...
final class TCPCollector: Collector {
  static let word = "tcp"
  static let leastDeviations = [
    LeastDeviation("tcp.*_per_second", 5),
    LeastDeviation("tcp.*_segments_per_second", 100),
    LeastDeviation("tcp.listen_drops_per_second", 0.5),
    LeastDeviation("tcp.established", 10),
  ]

  private let snmp: ProcfsSource<ProtocolReading<TransportKey>>
  private let netstat: ProcfsSource<ProtocolReading<TCPExtensionKey>>
  private var established = MetricSlot("tcp.established")
  private let keys: [TransportKey]
  private var rates: [CounterRate]
  private var listenDrops: CounterRate
  private var timeouts: CounterRate

  init(_ host: CollectorHost) {
    snmp = host.snmp
    netstat = ProcfsSource(host.file("proc/net/netstat"), ProtocolReading(.headings))
    // Counters of 32-bit kernels wrap.
    func rate(_ name: String) -> CounterRate {
      CounterRate(CounterMetric(name: "tcp.\(name)_per_second", plausiblePerSecond: 1e8))
    }
    let counters: [(TransportKey, String)] = [
      (.segmentsIn, "received_segments"), (.segmentsOut, "sent_segments"),
      (.retransmitted, "retransmitted_segments"), (.errorsIn, "receive_errors"),
      (.activeOpens, "opened_connections"), (.passiveOpens, "accepted_connections"),
      (.attemptFails, "failed_connections"), (.establishedResets, "reset_connections"),
      (.resetsOut, "sent_resets"),
    ]
    keys = counters.map(\.0)
    rates = counters.map { rate($0.1) }
    listenDrops = rate("listen_drops")
    timeouts = rate("timeouts")
  }

  func collect(_ tick: ProcfsTick) {
    if let snmp = snmp.reading(tick) {
      if let value = snmp[.established] { tick.deliver(count: value, to: &established) }
      for index in rates.indices { rates[index].update(snmp[keys[index]], tick) }
    }
    if let netstat = netstat.reading(tick) {
      listenDrops.update(netstat[.listenDrops], tick)
      timeouts.update(netstat[.timeouts], tick)
    }
  }
}
