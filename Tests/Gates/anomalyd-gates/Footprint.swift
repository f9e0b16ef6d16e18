import AllocationCounter
import Detection
import Glibc
import Monitor
import Series

/// Heap usage.
enum Footprint {
  /// Number of metrics measured.
  static let metrics = 2048
  /// Samples of history of each: the default of `HistorySamples=`.
  static let history = 256

  /// Allocations in `rounds` rounds of `work`.
  static func allocations(of work: Work, rounds: Int) -> UInt64 {
    let round = work.start()
    round()
    let before = allocation_counter_current()
    for _ in 0..<rounds { round() }
    return allocation_counter_current() - before
  }

  /// Bytes of one metric as reported by `anomalyctl status`.
  static func reported(_ limits: HostMonitor.Limits) -> Int {
    HostMonitor(limits: limits, hostSeed: 1) { _ in .ignore }.bytesPerMetric
  }

  /// Heap growth per metric over the second half of the metrics.
  static func taken(_ limits: HostMonitor.Limits) -> Int {
    let monitor = HostMonitor(limits: limits, hostSeed: 1) { _ in .watch(DetectorConfiguration()) }
    func add(_ range: Range<Int>) {
      for index in range {
        let name = MetricName(sanitizing: "metric\(index)")
        guard let metric = monitor.metric(named: name) else { give(up: "no room for a metric") }
        let time = Timestamp(seconds: 1.7672e9)
        monitor.receive(Sample(timestamp: time, value: Double(index)), of: metric)
      }
    }
    add(0..<(limits.metrics / 2))
    let before = allocation_counter_bytes()
    add((limits.metrics / 2)..<limits.metrics)
    let grown = allocation_counter_bytes() - before
    return withExtendedLifetime(monitor) { Int(grown) / (limits.metrics / 2) }
  }
}
