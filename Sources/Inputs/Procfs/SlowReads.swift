import Series

/// Whether reading a file keeps the agent's loop from turning.
///
/// Some chips answer over a slow bus, or after they woke up. Time that the process was not running
/// counts too, so one slow read means nothing; several in a row do.
struct SlowReads {
  /// The longest that one read should take: with the agent's other work, the loop still turns in
  /// time.
  static let limit: Duration = .milliseconds(20)
  /// How many in a row are too many.
  private static let tolerance = 3

  /// Whether it is not read any more.
  private(set) var isTooSlow = false
  private var slowInARow = 0

  /// Takes in how long a read took; tells once when it was too long too often.
  mutating func add(_ duration: Duration, of path: String, _ tick: ProcfsTick) {
    slowInARow = duration > SlowReads.limit ? slowInARow + 1 : 0
    guard slowInARow >= SlowReads.tolerance else { return }
    isTooSlow = true
    tick.tell(
      .warning,
      "\(path): expected a value within 20 ms, found that it took \(Int(duration.inSeconds * 1000)) "
        + "ms, \(SlowReads.tolerance) times in a row; it is not read again before a restart"
    )
  }
}

extension ProcfsSource {
  /// The file's values at this poll, while it is quick enough; else nil.
  func reading(_ tick: ProcfsTick, within slow: inout SlowReads, _ time: () -> Duration) -> Reading?
  {
    guard !slow.isTooSlow else { return nil }
    let start = time()
    let result = reading(tick)
    slow.add(time() - start, of: path, tick)
    return result
  }
}
