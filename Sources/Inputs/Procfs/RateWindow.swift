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
