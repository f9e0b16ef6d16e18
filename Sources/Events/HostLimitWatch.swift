import Series

/// Tracks how long a metric has been beyond each level of its limit.
struct HostLimitWatch: Equatable, Sendable {
  /// A gap this long restarts the wait: what happened in between is unknown.
  private static let longestGap = Duration.seconds(900)

  /// The limit's ruling on a sample.
  struct Ruling: Equatable {
    /// The most severe level that the value has been beyond for long enough.
    var level: HostLimit.Level?
    /// Since when the value has been beyond that level.
    var since: Timestamp?
    /// Whether the value is still beyond the bound at which an event may end.
    var isBeyondClear = false
    /// Whether the value is beyond a level, but not yet for long enough.
    var isPending = false
  }

  private(set) var limit: HostLimit
  private var since: [Timestamp?]
  private var newest: Timestamp?
  private var isArmed: Bool

  init(_ limit: HostLimit) {
    self.limit = limit
    since = limit.levels.map { _ in nil }
    isArmed = !limit.needsChange
  }

  /// Adopts the bounds reported by the measured device.
  mutating func adopt(_ hardware: HardwareLimits) {
    let fitted = limit.fitted(to: hardware)
    guard fitted.levels != limit.levels else { return }
    limit = fitted
    since = limit.levels.map { _ in nil }
  }

  /// How far ahead a level is considered part of an open event.
  private static let foresight = Duration.seconds(3600)

  /// Whether a metric with an open event would reach a level within the hour at its average rate
  /// since that event opened.
  func isApproached(by sample: Sample, of event: Event) -> Bool {
    let way = sample.value - event.value
    let time = sample.timestamp.elapsed(since: event.opened)
    guard let bound = limit.levels.first?.bound, time > .zero,
      !limit.isBeyond(sample.value, bound), limit.isBeyond(sample.value, event.value)
    else { return false }
    return (bound - sample.value) / way * (time / .seconds(1))
      <= HostLimitWatch.foresight / .seconds(1)
  }

  static func == (lhs: HostLimitWatch, rhs: HostLimitWatch) -> Bool {
    lhs.limit.id == rhs.limit.id && lhs.since == rhs.since && lhs.isArmed == rhs.isArmed
  }

  /// Processes a finite sample. Does not allocate.
  mutating func take(_ sample: Sample, isLearning: Bool) -> Ruling {
    if let newest {
      let step = sample.timestamp.elapsed(since: newest)
      if step < .zero || step > HostLimitWatch.longestGap {
        for index in since.indices { since[index] = nil }
      }
    }
    newest = sample.timestamp
    var ruling = Ruling()
    ruling.isBeyondClear = limit.isBeyond(sample.value, limit.clear)
    if !ruling.isBeyondClear { isArmed = true }
    for (index, level) in limit.levels.enumerated() {
      if limit.isBeyond(sample.value, level.bound) {
        let began = since[index] ?? sample.timestamp
        since[index] = began
        let hold = isLearning ? level.holdWhileLearning : level.hold
        if isArmed, sample.timestamp.elapsed(since: began) >= hold {
          ruling.level = level
          ruling.since = began
        } else {
          ruling.isPending = isArmed
        }
      } else if !ruling.isBeyondClear {
        // A value that only briefly returns within the bound does not end the wait.
        since[index] = nil
      }
    }
    return ruling
  }
}
