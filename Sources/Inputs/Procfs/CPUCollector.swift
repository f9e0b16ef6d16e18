/// Share of time per mode over all processors, 0...1: `cpu.busy`, `cpu.user`, ...
///
/// The shares of user, nice, system, idle, iowait, irq, softirq, steal and guest add up to 1;
/// busy is all but idle and iowait.
final class CPUCollector: Collector {
  private static let idle = 3
  private static let iowait = 4

  private let source: ProcfsSource<KernelStat>
  private var busy = Channel("cpu.busy")
  private var modes = [
    "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest",
  ].map { Channel("cpu." + $0) }
  private var window = RateWindow()
  private var previous: CPUTimes?

  init(_ source: ProcfsSource<KernelStat>) {
    self.source = source
  }

  func collect(_ tick: ProcfsTick) {
    guard let current = source.reading(tick)?.cpu else { return }
    let step = window.advance(to: tick.instant, longest: tick.longestWindow)
    defer { previous = current }
    guard let previous, step != .first else { return }
    guard step != .gap, let spent = CPUCollector.spent(from: previous, to: current) else {
      deliver(tick, columns: current.columns, busy: .nan) { _ in .nan }
      return
    }
    let total = (0..<9).reduce(0.0) { $0 + spent[$1] }
    guard total > 0 else { return }
    let waiting = spent[CPUCollector.idle] + spent[CPUCollector.iowait]
    deliver(tick, columns: current.columns, busy: (total - waiting) / total) { spent[$0] / total }
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

  /// The ticks that went to each of the nine modes, each counted once; nil if time was reset.
  ///
  /// user, nice and system only ever grow; idle and iowait of a kernel without ticks are
  /// estimates that may step back a little, which counts as none.
  private static func spent(from old: CPUTimes, to new: CPUTimes) -> InlineArray<9, Double>? {
    guard new.columns == old.columns, (0..<3).allSatisfy({ new.ticks[$0] >= old.ticks[$0] })
    else { return nil }
    func grown(_ column: Int) -> Double {
      new.ticks[column] > old.ticks[column]
        ? Double(new.ticks[column] - old.ticks[column]) : 0
    }
    var spent = InlineArray<9, Double>(repeating: 0)
    for column in 0..<8 { spent[column] = grown(column) }
    spent[0] = max(0, spent[0] - grown(8))
    spent[1] = max(0, spent[1] - grown(9))
    spent[8] = grown(8) + grown(9)
    return spent
  }
}
