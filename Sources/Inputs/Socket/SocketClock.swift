import Series

/// The ends of intervals: whole multiples of their length since 1970, so that samples of all
/// metrics and hosts have the same times.
struct SocketClock {
  private let interval: Int64
  private var last: Timestamp?

  /// - Parameter interval: above zero.
  init(interval: Duration) {
    let (seconds, attoseconds) = interval.components
    self.interval = max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  /// The end of an interval that has ended by `now`, and its length; nil until then. Missed ones
  /// are combined; a first one that is less than half as long as the others is merged with the
  /// next.
  mutating func tick(_ now: Timestamp) -> (end: Timestamp, length: Duration)? {
    guard let last, last <= now else {
      // The first call, or a clock that was set back.
      self.last = now
      return nil
    }
    let rest = now.nanoseconds % interval
    let end = Timestamp(nanoseconds: now.nanoseconds - (rest < 0 ? rest + interval : rest))
    let length = end.elapsed(since: last)
    guard length * 2 >= .nanoseconds(interval) else { return nil }
    self.last = end
    return (end, length)
  }
}
