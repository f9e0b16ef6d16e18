import Events
import Series

/// What an output tells of itself: its counters, and a notice at each turn for the worse or the better.
struct OutputHealthLog {
  /// The counters.
  var health = OutputHealth()
  /// Whether the last attempt failed.
  private(set) var isFailing = false

  private let name: String
  private let clock: () -> Timestamp
  private var notices: [Notice] = []

  /// - Parameters:
  ///   - name: of the output.
  ///   - clock: the time of day, for ``OutputHealth/lastErrorAt``.
  init(name: String, clock: @escaping () -> Timestamp) {
    self.name = name
    self.clock = clock
  }

  /// Counts a failed attempt; the first one after a success is told.
  /// - Parameter then: what becomes of what could not be delivered.
  mutating func fail(_ cause: String, then: String) {
    health.failures += 1
    health.lastError = cause
    health.lastErrorAt = clock()
    guard !isFailing else { return }
    isFailing = true
    tell(.warning, "\(cause); \(then)")
  }

  /// Notes that all is well; told where it was not.
  mutating func recover(_ words: @autoclosure () -> String) {
    guard isFailing else { return }
    isFailing = false
    tell(.info, words())
  }

  /// Counts what was given up; the first time is told.
  mutating func drop(_ count: Int, because reason: @autoclosure () -> String) {
    guard count > 0 else { return }
    if health.dropped == 0 {
      tell(.warning, "\(reason()); dropping the oldest, the count is in the status")
    }
    health.dropped += count
  }

  /// Something that a person should hear of.
  mutating func tell(_ severity: Notice.Severity, _ words: String) {
    notices.append(Notice(severity, "output \(name): \(words)"))
  }

  /// The notices since the last call, oldest first.
  mutating func drainNotices() -> [Notice] {
    defer { notices = [] }
    return notices
  }
}
