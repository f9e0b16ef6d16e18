/// The wanted lines of /proc/net/snmp6, which a host without IPv6 does not have.
package enum UDP6Key: Int, ProcfsKey {
  case datagramsIn, datagramsOut, noPorts, datagramErrors, bufferErrors

  package static let separator = UInt8(ascii: " ")

  package var isRequired: Bool { false }

  package var text: StaticString {
    switch self {
    case .datagramsIn: "Udp6InDatagrams"
    case .datagramsOut: "Udp6OutDatagrams"
    case .noPorts: "Udp6NoPorts"
    case .datagramErrors: "Udp6InErrors"
    case .bufferErrors: "Udp6RcvbufErrors"
    }
  }
}

/// UDP of this host, IPv4 and IPv6 together: `udp.received_datagrams_per_second`, ...
final class UDPCollector: Collector {
  static let word = "udp"
  static let leastDeviations = [
    LeastDeviation("udp.*_per_second", 5),
    LeastDeviation("udp.*_datagrams_per_second", 100),
  ]

  private let snmp: ProcfsSource<ProtocolReading<TransportKey>>
  private let snmp6: ProcfsSource<KeyedReading<UDP6Key>>
  private let keys: [(TransportKey, UDP6Key)]
  private var rates: [CounterRate]

  init(_ host: CollectorHost) {
    snmp = host.snmp
    snmp6 = ProcfsSource(host.file("proc/net/snmp6", .optional), KeyedReading())
    let counters: [(TransportKey, UDP6Key, String)] = [
      (.datagramsIn, .datagramsIn, "received_datagrams"),
      (.datagramsOut, .datagramsOut, "sent_datagrams"),
      (.noPorts, .noPorts, "unwanted_datagrams"),
      (.datagramErrors, .datagramErrors, "receive_errors"),
      (.bufferErrors, .bufferErrors, "receive_buffer_errors"),
    ]
    keys = counters.map { ($0.0, $0.1) }
    rates = counters.map {
      CounterRate(CounterMetric(name: "udp.\($0.2)_per_second", plausiblePerSecond: 1e8))
    }
  }

  func collect(_ tick: ProcfsTick) {
    guard let snmp = snmp.reading(tick) else { return }
    let snmp6 = snmp6.reading(tick)
    for index in rates.indices {
      let (old, new) = keys[index]
      let sum = snmp[old].map { $0 &+ (snmp6?[new] ?? 0) }
      rates[index].update(sum, tick)
    }
  }
}
