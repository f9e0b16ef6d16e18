import Series

/// Detects files whose reading blocks the daemon's loop.
///
/// Some chips answer over a slow bus, or must wake up first. The duration includes time in which
/// the process was not scheduled, so one slow read means nothing; several in a row do.
struct SlowReads {
  /// Maximum duration of a read: with the daemon's other work, the loop still iterates in time.
  static let limit: Duration = .milliseconds(20)
  /// The number of consecutive slow reads that is too many.
  private static let tolerance = 3

  /// Whether reading has been disabled.
  private(set) var isTooSlow = false
  private var slowInARow = 0

  /// Records how long a read took; reports once when reads have been too slow too often.
  mutating func add(_ duration: Duration, of path: String, _ tick: ProcfsTick) {
    slowInARow = duration > SlowReads.limit ? slowInARow + 1 : 0
    guard slowInARow >= SlowReads.tolerance else { return }
    isTooSlow = true
    tick.notify(
      .warning,
      "\(path): expected a value within 20 ms, found one that took "
        + "\(Int(duration.inSeconds * 1000)) ms, \(SlowReads.tolerance) times in a row; "
        + "it is not read again until a restart"
    )
  }
}

extension ProcfsSource {
  /// The file's values at this poll while it is fast enough; otherwise nil.
  func reading(_ tick: ProcfsTick, within slow: inout SlowReads, _ time: () -> Duration) -> Reading?
  {
    guard !slow.isTooSlow else { return nil }
    let start = time()
    let result = reading(tick)
    slow.add(time() - start, of: path, tick)
    return result
  }
}
