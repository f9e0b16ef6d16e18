package import Control
import Detection
package import Monitor
package import Series

/// A client that streams samples (`Tap`): a bounded queue between the monitor and a client.
///
/// When full, it drops its oldest samples and counts them: the monitor never waits.
package final class SampleTap: ReplyStream, SampleObserver {
  /// The maximum number of waiting samples, a few ticks of a thousand metrics.
  package static let capacity = 4096
  /// The maximum number of samples in one part. An iteration of the loop produces one part, so that
  /// a tap takes at most a tenth of the time of a daemon that catches up at full speed.
  package static let samplesPerPart = 100

  private enum Match: UInt8 {
    case unknown, yes, no
  }

  private let pattern: Glob?
  private weak var monitor: HostMonitor?
  /// A ring: the oldest is at `head`.
  private var queue: [TapSample] = []
  private var head = 0
  private var count = 0
  private var lost = 0
  /// Whether the pattern matches a metric, by its index.
  private var matches: [Match] = []

  /// A tap on the metrics whose name matches, from now on; nil for all.
  package init(_ pattern: Glob?, on monitor: HostMonitor) {
    self.pattern = pattern
    self.monitor = monitor
    queue.reserveCapacity(SampleTap.capacity)
    monitor.attach(self)
  }

  /// Adds a sample that was just processed.
  package func note(_ sample: Sample, of metric: MonitoredMetric, at index: Int) {
    guard let verdict = metric.verdict, isWanted(metric.name, at: index) else { return }
    let passed = TapSample(sample, of: metric, verdict)
    if count == SampleTap.capacity {
      lost += 1
      count -= 1
      head = (head + 1) % SampleTap.capacity
    }
    let end = (head + count) % SampleTap.capacity
    if end == queue.count { queue.append(passed) } else { queue[end] = passed }
    count += 1
  }

  /// Another metric has taken the index of a removed one.
  package func forget(_ index: Int) {
    if index < matches.count { matches[index] = .unknown }
  }

  private func isWanted(_ name: MetricName, at index: Int) -> Bool {
    guard let pattern else { return true }
    while matches.count <= index { matches.append(.unknown) }
    if matches[index] == .unknown { matches[index] = pattern.matches(name.text) ? .yes : .no }
    return matches[index] == .yes
  }

  // MARK: ReplyStream

  package var isReady: Bool { count > 0 }

  package func next() -> ReplyStreamStep {
    guard count > 0 else { return .later }
    let taken = min(count, SampleTap.samplesPerPart)
    let samples = (0..<taken).map { queue[(head + $0) % SampleTap.capacity] }
    head = (head + taken) % SampleTap.capacity
    count -= taken
    defer { lost = 0 }
    return .part(TapReply(samples: samples, lost: lost), continues: true)
  }

  package func end() { monitor?.detach(self) }
}
