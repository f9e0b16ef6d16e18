import Networks
import Series

/// The second output, for ranking whole intervals: the mean of the last 50 values of max(0, score -
/// 2). Never reset, and never used by alarms.
struct LevelTracker {
  /// Scores in the mean.
  static let window = 50
  /// Score below which nothing counts.
  private static let base: Float = 2

  private let recent: UnsafeMutablePointer<UInt16>
  private var count = 0
  private(set) var level: Float = 0

  /// No scores yet, in ``window`` zeros at `recent`.
  init(recent: UnsafeMutablePointer<UInt16>) {
    self.recent = recent
  }

  /// Prefetches the scores.
  func prefetch() { Memory.prefetch(recent, count: LevelTracker.window) }

  /// Takes one score.
  mutating func learn(_ score: Float) {
    recent[count % LevelTracker.window] = max(0, score - LevelTracker.base).upperHalf
    count += 1
    let held = min(count, LevelTracker.window)
    var sum: Float = 0
    for index in 0..<held { sum += Float(upperHalf: recent[index]) }
    level = sum / Float(held)
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(count: &count, "scores")
    try coder.code(&level)
    try coder.code(words: recent, count: LevelTracker.window)
  }
}
