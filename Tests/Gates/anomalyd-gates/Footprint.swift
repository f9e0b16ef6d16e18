import AllocationCounter
import Detection
import Glibc
import Monitor
import Series

/// What of the heap is taken.
enum Footprint {
  /// Metrics that are counted.
  static let metrics = 2048
  /// Recent samples of each: the default of `HistorySamples=`.
  static let history = 256

  /// Allocations in so many rounds of `work`.
  static func allocations(of work: Work, rounds: Int) -> UInt64 {
    let round = work.start()
    round()
    let before = allocation_counter_current()
    for _ in 0..<rounds { round() }
    return allocation_counter_current() - before
  }

  /// Bytes of one metric as `anomalyctl status` tells them.
  static func told(_ limits: HostMonitor.Limits) -> Int {
    HostMonitor(limits: limits, hostSeed: 1) { _ in .ignore }.bytesPerMetric
  }

  /// Bytes by which the heap has grown with the second half of the metrics, for each of them.
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
