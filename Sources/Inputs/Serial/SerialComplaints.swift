import Series

/// What can be wrong with a serial line; each kind is told, counted and quieted by itself.
enum SerialProblem: Int, CaseIterable {
  case closed
  case lost
  case noise
  case tooLong
  case half
  case malformed
  case metricLimit
  case senseless

  /// What a summary says there were more of.
  var plural: String {
    switch self {
    case .closed: "failed attempts to open it"
    case .lost: "losses of it"
    case .noise: "lines with unprintable bytes"
    case .tooLong: "lines that are too long"
    case .half: "half lines"
    case .malformed: "malformed lines"
    case .metricLimit: "lines with too many names"
    case .senseless: "lines that made no sense"
    }
  }
}

/// Tells each kind of problem once until it has stayed away for a while, and counts the rest.
///
/// Words are made only for what is told, and once a poll for the newest error, so that a flood of
/// noise costs next to nothing.
struct SerialComplaints {
  private struct State {
    var isTold = false
    var untold = 0
    var lastSeen = Timestamp(nanoseconds: 0)
    var lastWorded: Timestamp?
  }

  /// The newest error in words.
  private(set) var lastError: String?
  /// When that was.
  private(set) var lastErrorAt: Timestamp?
  private let device: String
  private let quietPeriod: Duration
  private var states = [State](repeating: State(), count: SerialProblem.allCases.count)
  private var notices: [InputNotice] = []
  private static let maximumNotices = 64

  init(device: String, quietPeriod: Duration) {
    self.device = device
    self.quietPeriod = quietPeriod
  }

  /// Counts one occurrence, and puts it into words where somebody will read them.
  /// - Returns: whether it was told.
  @discardableResult mutating func add(
    _ problem: SerialProblem, at now: Timestamp, _ words: () -> String
  ) -> Bool {
    let index = problem.rawValue
    if now.elapsed(since: states[index].lastSeen) >= quietPeriod { settle(problem) }
    states[index].lastSeen = now
    lastErrorAt = now
    if states[index].isTold { states[index].untold += 1 }
    guard states[index].lastWorded != now else { return false }
    states[index].lastWorded = now
    let text = words()
    lastError = text
    guard !states[index].isTold else { return false }
    states[index].isTold = true
    tell(.warning, text)
    return true
  }

  /// Tells a problem that is no error of one moment.
  mutating func warn(_ text: String, at now: Timestamp) {
    lastError = text
    lastErrorAt = now
    tell(.warning, text)
  }

  /// Tells something that is no problem.
  mutating func inform(_ text: String) { tell(.info, text) }

  /// Sums up the problems that have stayed away long enough by `now`.
  mutating func settle(at now: Timestamp) {
    for problem in SerialProblem.allCases where states[problem.rawValue].isTold {
      if now.elapsed(since: states[problem.rawValue].lastSeen) >= quietPeriod { settle(problem) }
    }
  }

  /// Sums up one kind of problem: its next occurrence is told again.
  mutating func settle(_ problem: SerialProblem) {
    let untold = states[problem.rawValue].untold
    if untold > 0, problem != .closed, problem != .lost {
      tell(.warning, "\(device): \(untold) more \(problem.plural)")
    }
    states[problem.rawValue] = State()
  }

  /// Hands over what was told since the last call.
  mutating func drain() -> [InputNotice] {
    defer { notices.removeAll() }
    return notices
  }

  private mutating func tell(_ severity: InputNotice.Severity, _ text: String) {
    if notices.count >= SerialComplaints.maximumNotices { notices.removeFirst() }
    notices.append(InputNotice(severity, text))
  }
}
