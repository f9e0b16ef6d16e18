/// One kernel counter as a rate metric.
struct CounterRate {
  private let metric: CounterMetric
  private var channel: MetricSlot
  private var window = RateWindow()
  private var previous: UInt64 = 0

  init(_ metric: CounterMetric) {
    self.metric = metric
    channel = MetricSlot(metric.name)
  }

  /// Processes a reading and delivers the rate since the previous one. A reset is a gap. Without a
  /// reading nothing is delivered; the next one is compared with the last available one.
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

/// How a kernel counter becomes a metric.
package struct CounterMetric {
  /// The metric's name, or for devices the part after the device.
  let name: String
  /// One unit of the counter in units of the metric.
  var scale = 1.0
  /// The upper bound of the metric: 1 for shares of time.
  var ceiling = Double.infinity
  /// Units per second that hardware can reach; bounds what counts as a wrap at 32 bits.
  /// 0 for counters that every kernel keeps in 64 bits.
  var plausiblePerSecond = 0.0
  /// For devices: a counter that decreases only if the device was removed and came back.
  var isPrimary = false
  /// For devices: the index of the counter whose increase divides this one's, instead of time.
  /// 0 if that one did not increase.
  var divisor: Int?

  /// The metric's value for an increase of the counter over `seconds` > 0.
  func rate(_ difference: UInt64, over seconds: Double) -> Double {
    min(Double(difference) * scale / seconds, ceiling)
  }

  /// The increase of a counter between two readings; nil if it was reset.
  ///
  /// A counter that became smaller wrapped at 32 bits only if it was within 32 bits, then advanced
  /// less than a quarter of that range, and no faster than hardware can; otherwise it was reset.
  func difference(from previous: UInt64, to current: UInt64, over seconds: Double) -> UInt64? {
    if current >= previous { return current - previous }
    guard previous <= UInt64(UInt32.max) else { return nil }
    let wrapped = (1 << 32) - previous + current
    guard wrapped < 1 << 30, Double(wrapped) <= plausiblePerSecond * seconds else { return nil }
    return wrapped
  }
}

/// The time between two readings of the same counters.
///
/// A rate is the average over the time that actually elapsed on the monotonic clock; the wall clock
/// only stamps samples, so setting it does not distort rates. One or two missed polls are averaged
/// over. After more, the average would hide bursts yet look like any other sample: the interval
/// is then a gap, and the new reading starts the next interval. The clock stops while the host is
/// suspended, as its counters do.
struct RateWindow {
  enum Step: Equatable {
    /// There is no earlier reading: nothing to compare with, no sample.
    case first
    /// Too long, or the clock went backwards: a gap.
    case gap
    /// The counters' differences cover this many seconds, > 0.
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
