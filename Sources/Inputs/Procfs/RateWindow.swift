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
