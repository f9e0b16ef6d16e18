/// Share of time per processor, 0...1: `cpu.core0.busy`, `cpu.core0.user`, `cpu.core0.system`,
/// `cpu.core0.iowait`, `cpu.core0.softirq`, `cpu.core0.steal`.
///
/// A processor that is taken offline loses its metrics until it is back.
final class CoresCollector: Collector {
  static let word = "cores"
  static let isDefault = false

  /// The modes that have a metric: their names, and their columns in /proc/stat.
  private static let modes = [
    ("user", 0), ("system", 2), ("iowait", 4), ("softirq", 6), ("steal", 7),
  ]

  private final class Core {
    let number: Int
    var busy: MetricSlot
    var modes: [MetricSlot]
    var window = RateWindow()
    var previous: CPUTimes
    var poll = 0

    init(_ core: CoreTimes) {
      let prefix = "cpu.core\(core.number)."
      number = core.number
      busy = MetricSlot(prefix + "busy")
      modes = CoresCollector.modes.map { MetricSlot(prefix + $0.0) }
      previous = core.times
    }
  }

  private let source: ProcfsSource<KernelStat>
  private var cores: [Core] = []

  init(_ host: CollectorHost) {
    source = host.stat
  }

  func collect(_ tick: ProcfsTick) {
    guard let stat = source.reading(tick) else { return }
    for position in stat.cores.indices {
      let times = stat.cores[position]
      let core = core(times, near: position)
      core.poll = tick.number
      update(core, times.times, tick)
    }
    if cores.count > stat.cores.count { cores.removeAll { $0.poll != tick.number } }
  }

  /// The kernel lists processors by number, so a lookup nearly always hits at the expected index.
  private func core(_ times: CoreTimes, near position: Int) -> Core {
    if position < cores.count, cores[position].number == times.number { return cores[position] }
    if let known = cores.first(where: { $0.number == times.number }) { return known }
    let core = Core(times)
    cores.insert(core, at: min(position, cores.count))
    return core
  }

  private func update(_ core: Core, _ current: CPUTimes, _ tick: ProcfsTick) {
    let step = core.window.advance(to: tick.instant, longest: tick.longestWindow)
    defer { core.previous = current }
    guard step != .first else { return }
    switch CPUChange(from: core.previous, to: current, over: step, processors: 1) {
    case .none: break
    case .reset:
      tick.deliver(.nan, to: &core.busy)
      for index in core.modes.indices where CoresCollector.modes[index].1 < current.columns {
        tick.deliver(.nan, to: &core.modes[index])
      }
    case .shares(let shares):
      tick.deliver(shares.busy, to: &core.busy)
      for index in core.modes.indices where CoresCollector.modes[index].1 < current.columns {
        tick.deliver(shares.modes[CoresCollector.modes[index].1], to: &core.modes[index])
      }
    }
  }
}
