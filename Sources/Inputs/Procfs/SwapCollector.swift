internal import Glibc

/// Swap usage and traffic: `swap.used_bytes`, `swap.used_ratio`,
/// `swap.in_bytes_per_second`, `swap.out_bytes_per_second`. A host without swap has none of them.
final class SwapCollector: Collector {
  static let word = "swap"
  static let leastDeviations = [
    LeastDeviation("swap.used_bytes", 16e6),
    LeastDeviation("swap.used_ratio", 0.02),
    LeastDeviation("swap.*_per_second", 1e5),
  ]

  private let meminfo: ProcfsSource<KeyedReading<MemoryKey>>
  private let vmstat: ProcfsSource<KeyedReading<PagingKey>>
  private var used = MetricSlot("swap.used_bytes")
  private var usedRatio = MetricSlot("swap.used_ratio")
  private var input: CounterRate
  private var output: CounterRate

  init(_ host: CollectorHost) {
    meminfo = host.meminfo
    vmstat = host.vmstat
    func rate(_ name: String) -> CounterRate {
      CounterRate(
        CounterMetric(name: name, scale: Double(getpagesize()), plausiblePerSecond: 1e7)
      )
    }
    input = rate("swap.in_bytes_per_second")
    output = rate("swap.out_bytes_per_second")
  }

  func collect(_ tick: ProcfsTick) {
    guard let memory = meminfo.reading(tick), let total = memory[.swapTotal], total > 0
    else { return }
    if let free = memory[.swapFree], free <= total {
      tick.deliver(Double(total - free), to: &used)
      tick.deliver(Double(total - free) / Double(total), to: &usedRatio)
    }
    guard let paging = vmstat.reading(tick) else { return }
    input.update(paging[.swappedIn], tick)
    output.update(paging[.swappedOut], tick)
  }
}
