import Detection
import Glibc
import Monitor
import Networks
import Series

/// A metric's path from sample to verdict, learning included.
enum PipelineWork {
  /// One sample of a daily wave with noise, one every five minutes, after a week of them.
  static func sample() -> () -> Void {
    let monitor = HostMonitor(
      limits: HostMonitor.Limits(metrics: 1, history: Footprint.history), hostSeed: 1
    ) { _ in .watch(DetectorConfiguration()) }
    guard let metric = monitor.metric(named: MetricName(sanitizing: "wave")) else {
      give(up: "no room for a metric")
    }
    var random = XorShift(seed: 3)
    let values = (0..<4032).map { 50 + 10 * sin(Double($0) * 2 * .pi / 288) + random.gaussian() }
    var index = 0
    let advance = {
      let time = Timestamp(nanoseconds: 1_767_200_000_000_000_000 + Int64(index) * 300_000_000_000)
      monitor.receive(Sample(timestamp: time, value: values[index % values.count]), of: metric)
      index += 1
    }
    for _ in 0..<2016 { advance() }
    if let step = monitor.takeSteps().first { give(up: "the wave is an event: \(step)") }
    return advance
  }
}
