/// The time between two readings of the same counters.
///
/// A rate is the average over the time that really went by, on the monotonic clock; the wall clock
/// only stamps samples, so that setting it bends no rate. One or two missed polls are averaged
/// over. After more than that the average would stand for a stretch in which a burst drowns, yet
/// look like one sample among others: then the interval is a gap, and the new reading is where the
/// next interval starts. The clock stands still while the host is suspended, as its counters do.
struct RateWindow {
  enum Step: Equatable {
    /// There was no reading before this moment: nothing to compare with, no sample.
    case first
    /// Too long, or the clock went backwards: a gap.
    case gap
    /// The counters' differences are over this many seconds, > 0.
    case seconds(Double)
  }

  private var previous: Duration?

  mutating func advance(to instant: Duration, longest: Duration) -> Step {
    defer { previous = instant }
    guard let previous else { return .first }
    let elapsed = instant - previous
    guard elapsed != .zero else { return .first }
    guard elapsed > .zero, elapsed <= longest else { return .gap }
    return .seconds(elapsed.inSeconds)
  }
}

extension Duration {
  /// Seconds, to the precision of a double.
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// How a counter of the kernel is turned into a metric.
package struct CounterMetric {
  /// The metric's name, or for devices what comes after the device.
  let name: String
  /// What one unit of the counter is in units of the metric.
  var scale = 1.0
  /// The largest value that the metric can have: shares of time end at 1.
  var ceiling = Double.infinity
  /// Units a second that hardware can reach; bounds what may be taken for a wrap at 32 bits.
  /// 0 for counters that every kernel keeps in 64 bits.
  var plausiblePerSecond = 0.0
  /// For devices: a counter that only a device which was taken away and came back sets back.
  var isPrimary = false

  /// The metric for a difference of the counter over `seconds` > 0.
  func rate(_ difference: UInt64, over seconds: Double) -> Double {
    min(Double(difference) * scale / seconds, ceiling)
  }

  /// How far a counter went between two readings; nil if it was set back.
  ///
  /// A counter that became smaller wrapped at 32 bits only if it was within 32 bits, then went
  /// less than a quarter of that range, and no faster than hardware can; else it was reset.
  func difference(from previous: UInt64, to current: UInt64, over seconds: Double) -> UInt64? {
    if current >= previous { return current - previous }
    guard previous <= UInt64(UInt32.max) else { return nil }
    let wrapped = (1 << 32) - previous + current
    guard wrapped < 1 << 30, Double(wrapped) <= plausiblePerSecond * seconds else { return nil }
    return wrapped
  }
}

/// One counter of the kernel as a metric.
struct CounterRate {
  private let metric: CounterMetric
  private var channel: Channel
  private var window = RateWindow()
  private var previous: UInt64 = 0

  init(_ metric: CounterMetric) {
    self.metric = metric
    channel = Channel(metric.name)
  }

  /// Takes a reading, and delivers the rate since the last one. A reset is a gap. No reading at
  /// all delivers nothing; the next one is then compared with the last there was.
  mutating func update(_ reading: UInt64?, _ tick: ProcfsTick) {
    guard let reading else { return }
    defer { previous = reading }
    switch window.advance(to: tick.instant, longest: tick.longestWindow) {
    case .first: break
    case .gap: tick.deliver(.nan, to: &channel)
    case .seconds(let seconds):
      let difference = metric.difference(from: previous, to: reading, over: seconds)
      tick.deliver(difference.map { metric.rate($0, over: seconds) } ?? .nan, to: &channel)
    }
  }
}
