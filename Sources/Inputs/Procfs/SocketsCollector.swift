internal import Glibc

/// The wanted numbers of /proc/net/sockstat.
package enum SocketKey: Int, ProtocolKey {
  case used, tcpInUse, tcpOrphaned, tcpTimeWait, tcpMemory, udpInUse, udpMemory

  package var group: StaticString {
    switch self {
    case .used: "sockets:"
    case .tcpInUse, .tcpOrphaned, .tcpTimeWait, .tcpMemory: "TCP:"
    case .udpInUse, .udpMemory: "UDP:"
    }
  }

  package var isRequired: Bool { self == .used || self == .tcpInUse }

  package var text: StaticString {
    switch self {
    case .used: "used"
    case .tcpInUse, .udpInUse: "inuse"
    case .tcpOrphaned: "orphan"
    case .tcpTimeWait: "tw"
    case .tcpMemory, .udpMemory: "mem"
    }
  }
}

/// The wanted numbers of /proc/net/sockstat6, which a host without IPv6 does not have.
package enum Socket6Key: Int, ProtocolKey {
  case tcpInUse, udpInUse

  package var group: StaticString { self == .tcpInUse ? "TCP6:" : "UDP6:" }

  package var isRequired: Bool { false }

  package var text: StaticString { "inuse" }
}

/// Sockets in existence: `sockets.used` of every kind, `sockets.tcp_in_use` and the like of IPv4
/// and IPv6 together.
final class SocketsCollector: Collector {
  static let word = "sockets"
  static let leastDeviations = [
    LeastDeviation("sockets.*", 10),
    LeastDeviation("sockets.*_bytes", 4e6),
  ]

  private let sockstat: ProcfsSource<ProtocolReading<SocketKey>>
  private let sockstat6: ProcfsSource<ProtocolReading<Socket6Key>>
  private let pageSize = Double(getpagesize())
  private var used = MetricSlot("sockets.used")
  private var tcpInUse = MetricSlot("sockets.tcp_in_use")
  private var tcpOrphaned = MetricSlot("sockets.tcp_orphaned")
  private var tcpTimeWait = MetricSlot("sockets.tcp_time_wait")
  private var tcpMemory = MetricSlot("sockets.tcp_memory_bytes")
  private var udpInUse = MetricSlot("sockets.udp_in_use")
  private var udpMemory = MetricSlot("sockets.udp_memory_bytes")

  init(_ host: CollectorHost) {
    sockstat = ProcfsSource(host.file("proc/net/sockstat"), ProtocolReading(.pairs))
    sockstat6 = ProcfsSource(host.file("proc/net/sockstat6", .optional), ProtocolReading(.pairs))
  }

  func collect(_ tick: ProcfsTick) {
    guard let sockets = sockstat.reading(tick) else { return }
    let sockets6 = sockstat6.reading(tick)
    func deliver(_ value: UInt64?, to channel: inout MetricSlot, scale: Double = 1) {
      if let value { tick.deliver(count: value, scale: scale, to: &channel) }
    }
    deliver(sockets[.used], to: &used)
    deliver(sockets[.tcpInUse].map { $0 &+ (sockets6?[.tcpInUse] ?? 0) }, to: &tcpInUse)
    deliver(sockets[.tcpOrphaned], to: &tcpOrphaned)
    deliver(sockets[.tcpTimeWait], to: &tcpTimeWait)
    deliver(sockets[.tcpMemory], to: &tcpMemory, scale: pageSize)
    deliver(sockets[.udpInUse].map { $0 &+ (sockets6?[.udpInUse] ?? 0) }, to: &udpInUse)
    deliver(sockets[.udpMemory], to: &udpMemory, scale: pageSize)
  }
}
