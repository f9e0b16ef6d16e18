/// Connections tracked by the firewall: `conntrack.entries`, `conntrack.used_ratio`. A host that
/// tracks none, or whose kernel lacks the module, has neither.
final class ConntrackCollector: Collector {
  static let word = "conntrack"
  static let leastDeviations = [
    LeastDeviation("conntrack.entries", 100),
    LeastDeviation("conntrack.used_ratio", 0.02),
  ]

  private let count: ProcfsSource<NumbersReading>
  private let limit: ProcfsSource<NumbersReading>
  private var entries = MetricSlot("conntrack.entries")
  private var usedRatio = MetricSlot("conntrack.used_ratio")

  init(_ host: CollectorHost) {
    func number(_ name: String) -> ProcfsSource<NumbersReading> {
      let path = "proc/sys/net/netfilter/nf_conntrack_" + name
      return ProcfsSource(host.file(path, .optional), NumbersReading())
    }
    count = number("count")
    limit = number("max")
  }

  func collect(_ tick: ProcfsTick) {
    guard let count = count.reading(tick)?[0], count >= 0 else { return }
    tick.deliver(Double(count), to: &entries)
    if let limit = limit.reading(tick)?[0], limit > 0 {
      tick.deliver(Double(count) / Double(limit), to: &usedRatio)
    }
  }
}
