import Series

/// Follows how long a metric has been beyond each level of its limit.
struct HostLimitWatch: Equatable, Sendable {
  /// A gap this long restarts the wait: what happened in between is not known.
  private static let longestGap = Duration.seconds(900)

  /// What a sample is to the limit.
  struct Ruling: Equatable {
    /// The most severe level that the value has been beyond for long enough.
    var level: HostLimit.Level?
    /// Since when the value has been beyond that level.
    var since: Timestamp?
    /// Whether the value is beyond the point where an event may end.
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

  /// Judges by the bounds of the device that is measured from now on.
  mutating func adopt(_ hardware: HardwareLimits) {
    let fitted = limit.fitted(to: hardware)
    guard fitted.levels != limit.levels else { return }
    limit = fitted
    since = limit.levels.map { _ in nil }
  }

  /// How far ahead a level is taken for what an open event is about.
  private static let foresight = Duration.seconds(3600)

  /// Whether a metric with an open event would reach a level within the hour if it went on as since the
  /// opening of that event.
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

  /// Takes a finite sample. Allocates nothing.
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
        // A value that only dips below the bound does not end the wait.
        since[index] = nil
      }
    }
    return ruling
  }
}
