/// Processes and kernel activity: `processes.running`, `processes.blocked`,
/// `processes.tasks` (threads included), `processes.forks_per_second`, and under `kernel.` context
/// switches, interrupts and software interrupts per second.
final class ProcessesCollector: Collector {
  static let word = "processes"
  static let leastDeviations = [
    LeastDeviation("kernel.*", 200),
    LeastDeviation("processes.*", 5),
    LeastDeviation("processes.tasks", 20),
    LeastDeviation("processes.forks_per_second", 10),
  ]

  /// The kernel's PID_MAX_LIMIT: no host can have more tasks.
  private static let mostTasks: UInt64 = 1 << 22

  private let stat: ProcfsSource<KernelStat>
  private let loadavg: ProcfsSource<LoadAverages>
  private var running = MetricSlot("processes.running")
  private var blocked = MetricSlot("processes.blocked")
  private var tasks = MetricSlot("processes.tasks")
  private var forks = CounterRate(
    CounterMetric(name: "processes.forks_per_second", plausiblePerSecond: 1e5)
  )
  private var contextSwitches = CounterRate(
    CounterMetric(name: "kernel.context_switches_per_second")
  )
  private var interrupts = CounterRate(CounterMetric(name: "kernel.interrupts_per_second"))
  private var softInterrupts = CounterRate(
    CounterMetric(name: "kernel.soft_interrupts_per_second")
  )

  init(_ host: CollectorHost) {
    stat = host.stat
    loadavg = host.loadavg
  }

  func collect(_ tick: ProcfsTick) {
    if let stat = stat.reading(tick) {
      deliver(stat.running, to: &running, tick)
      deliver(stat.blocked, to: &blocked, tick)
      forks.update(stat.forks, tick)
      contextSwitches.update(stat.contextSwitches, tick)
      interrupts.update(stat.interrupts, tick)
      softInterrupts.update(stat.softInterrupts, tick)
    }
    deliver(loadavg.reading(tick)?.tasks, to: &tasks, tick)
  }

  private func deliver(_ count: UInt64?, to channel: inout MetricSlot, _ tick: ProcfsTick) {
    guard let count else { return }
    tick.deliver(count: count, atMost: ProcessesCollector.mostTasks, to: &channel)
  }
}
