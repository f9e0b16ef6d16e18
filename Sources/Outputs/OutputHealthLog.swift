import Events
import Series

/// An output's counters, with a notice at each change for the worse or the better.
struct OutputHealthLog {
  /// The counters.
  var health = OutputHealth()
  /// Whether the last attempt failed.
  private(set) var isFailing = false

  private let name: String
  private let clock: () -> Timestamp
  private var notices: [Notice] = []

  /// - Parameters:
  ///   - name: the output's name.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  init(name: String, clock: @escaping () -> Timestamp) {
    self.name = name
    self.clock = clock
  }

  /// Counts a failed attempt; reports the first one after a success.
  /// - Parameter then: what happens to the undelivered data.
  mutating func fail(_ cause: String, then: String) {
    health.failures += 1
    health.lastError = cause
    health.lastErrorAt = clock()
    guard !isFailing else { return }
    isFailing = true
    notify(.warning, "\(cause); \(then)")
  }

  /// Records success; reports recovery.
  mutating func recover(_ words: @autoclosure () -> String) {
    guard isFailing else { return }
    isFailing = false
    notify(.info, words())
  }

  /// Counts dropped entries; reports the first.
  mutating func drop(_ count: Int, because reason: @autoclosure () -> String) {
    guard count > 0 else { return }
    if health.dropped == 0 {
      notify(.warning, "\(reason()); dropping the oldest, the count is in the status")
    }
    health.dropped += count
  }

  /// Adds a notice for the user.
  mutating func notify(_ severity: Notice.Severity, _ words: String) {
    notices.append(Notice(severity, "output \(name): \(words)"))
  }

  /// The notices since the last call, oldest first.
  mutating func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }
}
