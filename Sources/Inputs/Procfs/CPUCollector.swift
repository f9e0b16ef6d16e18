/// Share of time per mode over all processors, 0...1: `cpu.busy`, `cpu.user`, ...
///
/// The shares of user, nice, system, idle, iowait, irq, softirq, steal and guest add up to 1;
/// busy is all but idle and iowait.
final class CPUCollector: Collector {
  static let word = "cpu"
  static let leastDeviations = [LeastDeviation("cpu.*", 0.05)]

  private let source: ProcfsSource<KernelStat>
  private var busy = MetricSlot("cpu.busy")
  private var modes = [
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest",
  ].map { MetricSlot("cpu." + $0) }
  private var window = RateWindow()
  private var previous: CPUTimes?

  init(_ host: CollectorHost) {
    source = host.stat
  }

  func collect(_ tick: ProcfsTick) {
    guard let stat = source.reading(tick), let current = stat.cpu else { return }
    let step = window.advance(to: tick.instant, longest: tick.longestWindow)
    defer { previous = current }
    guard let previous, step != .first else { return }
    switch CPUChange(from: previous, to: current, over: step, processors: stat.processors) {
    case .reset: deliver(tick, columns: current.columns, busy: .nan) { _ in .nan }
    case .none: break
    case .shares(let shares):
      deliver(tick, columns: current.columns, busy: shares.busy) { shares.modes[$0] }
    }
  }

  private func deliver(
    _ tick: ProcfsTick,
    columns: Int,
    busy value: Double,
    share: (Int) -> Double
  ) {
    tick.deliver(value, to: &busy)
    for mode in 0..<min(columns, modes.count) { tick.deliver(share(mode), to: &modes[mode]) }
  }
}
