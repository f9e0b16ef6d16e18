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

/// How the time between two readings of a processor's counters was spent.
enum CPUChange {
  /// The counters were reset, have other columns, or increased by more than the elapsed time.
  case reset
  /// No time elapsed.
  case none
  /// The shares of the elapsed time.
  case shares(CPUShares)

  private static let idle = 3
  private static let iowait = 4

  /// Ticks per second: the kernel's USER_HZ is 100 on every architecture that runs systemd.
  private static let ticksPerSecond = 100.0
  /// The most processors that a kernel can be built for (x86's MAXSMP); assumed if /proc/stat does
  /// not list them.
  private static let mostProcessors = 8192

  /// user, nice and system only ever increase; idle and iowait of a tickless kernel are
  /// estimates that may step back a little, which counts as zero. When a processor goes offline,
  /// its idle time leaves the sum, and all of it returns with the processor: that is a reset.
  /// - Parameters:
  ///   - step: the time between the two readings; a gap is a reset.
  ///   - processors: how many share it; 0 if unknown.
  init(from old: CPUTimes, to new: CPUTimes, over step: RateWindow.Step, processors: Int) {
    guard case .seconds(let seconds) = step else {
      self = .reset
      return
    }
    // One second more, since full-dynticks processors account for their time about once a second.
    let window = (seconds + 1) * CPUChange.ticksPerSecond
    guard new.columns == old.columns, (0..<3).allSatisfy({ new.ticks[$0] >= old.ticks[$0] }),
      (CPUChange.idle...CPUChange.iowait).allSatisfy({
        old.ticks[$0] <= new.ticks[$0] || Double(old.ticks[$0] - new.ticks[$0]) <= window
      })
    else {
      self = .reset
      return
    }
    func grown(_ column: Int) -> Double {
      new.ticks[column] > old.ticks[column]
        ? Double(new.ticks[column] - old.ticks[column]) : 0
    }
    var spent = InlineArray<9, Double>(repeating: 0)
    for column in 0..<8 { spent[column] = grown(column) }
    spent[0] = max(0, spent[0] - grown(8))
    spent[1] = max(0, spent[1] - grown(9))
    spent[8] = grown(8) + grown(9)
    let total = (0..<9).reduce(0.0) { $0 + spent[$1] }
    guard total > 0 else {
      self = .none
      return
    }
    // Twice the window, since the two readings and the kernel's updates are not simultaneous.
    let available = processors > 0 ? processors : CPUChange.mostProcessors
    guard total <= 2 * window * Double(available) else {
      self = .reset
      return
    }
    let waiting = spent[CPUChange.idle] + spent[CPUChange.iowait]
    let busy = (total - waiting) / total
    for mode in 0..<9 { spent[mode] /= total }
    self = .shares(CPUShares(busy: busy, modes: spent))
  }
}

/// Shares of an interval, 0...1.
struct CPUShares {
  /// All but idle and iowait.
  let busy: Double
  /// user, nice, system, idle, iowait, irq, softirq, steal, guest; together they cover all time.
  let modes: InlineArray<9, Double>
}
