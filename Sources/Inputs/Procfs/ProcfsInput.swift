public import Series
internal import System

/// This host: processors, memory, disks, interfaces, filesystems, sensors, units and more, from
/// /proc and /sys.
///
/// Call ``poll(now:into:)`` once per ``ProcfsSection/interval``, always with the same sink:
/// metric ids are kept. The first poll delivers only what is not a rate. All values are for the
/// host as a whole; shares of time and of memory are 0...1.
public final class ProcfsInput: Input {
  /// The name of the configuration section.
  public let name: String
  /// Its health.
  public var health: InputHealth { tick.health }
  /// What it reads.
  public let configuration: ProcfsSection

  private let collectors: [any Collector]
  private let tick: ProcfsTick
  private let shortestWindow: Duration
  private let monotonicClock: () -> Duration
  private var lastPoll: Duration?

  /// An input for `configuration`; opens nothing before the first poll.
  /// - Parameter monotonicClock: time since any fixed moment; never set back, and stopped while the
  ///   host is suspended (`CLOCK_MONOTONIC`).
  public convenience init(
    name: String,
    configuration: ProcfsSection,
    monotonicClock: @escaping () -> Duration = ProcfsInput.monotonicTime
  ) {
    self.init(
      name: name, configuration: configuration, monotonicClock: monotonicClock, calls: .kernel)
  }

  /// The same, with system calls injected.
  package init(
    name: String,
    configuration: ProcfsSection,
    monotonicClock: @escaping () -> Duration,
    calls: HostCalls
  ) {
    self.name = name
    self.configuration = configuration
    self.monotonicClock = monotonicClock
    tick = ProcfsTick(longestWindow: configuration.interval * 3.5)
    shortestWindow = configuration.interval / 10
    let host = CollectorHost(configuration, calls)
    collectors = Collectors.all.filter { configuration.collectors.contains($0.word) }.map {
      $0.init(host)
    }
  }

  /// Notices for the user since the last call: one per file for its first fault, and no further
  /// ones until it has been free of faults for an hour.
  public func drainNotices() -> [Notice] { tick.drainNotices() }

  /// Reads everything once and delivers it with the time stamp `now`.
  ///
  /// A call within a tenth of the interval after the previous one reads nothing: rates over so
  /// short a time are noise.
  public func poll(now: Timestamp, into sink: some SampleSink) -> PollOutcome {
    let instant = monotonicClock()
    if let lastPoll, instant >= lastPoll, instant - lastPoll < shortestWindow { return .drained }
    lastPoll = instant
    tick.begin(now: now, instant: instant, sink: sink)
    for collector in collectors { collector.collect(tick) }
    tick.end()
    return .drained
  }

  /// Empty: the kernel's counters are reread after a restart.
  public func encodePosition() -> [UInt8] { [] }

  /// Does nothing.
  public func restorePosition(_ bytes: [UInt8]) {}

  /// `CLOCK_MONOTONIC`.
  public static func monotonicTime() -> Duration {
    MonotonicTime.awake
  }
}
