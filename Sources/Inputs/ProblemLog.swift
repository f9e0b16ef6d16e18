import Series

/// A kind of problem of a source; each is reported, counted and rate-limited on its own.
protocol InputProblem: RawRepresentable<Int>, CaseIterable {
  /// The plural used in a summary; nil: not summarised.
  var plural: String? { get }
  /// How its occurrences count in ``InputHealth/malformed``.
  var malformedCount: MalformedCount { get }
}

/// How the occurrences of a problem count as malformed.
enum MalformedCount {
  /// Each of them is a malformed line or cell.
  case always
  /// Once until it has been summarised: several attempts to read one unreadable file count as one
  /// malformed file.
  case onceWhileItLasts
  /// None of them: the source itself is in trouble, or counts them itself.
  case never
}

extension InputProblem {
  var malformedCount: MalformedCount { .never }
}

/// Reports each kind of problem once until it has not recurred for some time, and counts the rest.
///
/// Text is built only for what is reported, and once per poll for the last error, so that a flood
/// of bad input costs next to nothing.
struct ProblemLog<Problem: InputProblem> {
  private struct State {
    var isReported = false
    var unreported = 0
    var lastSeen = Timestamp(nanoseconds: 0)
    var lastWorded: Timestamp?
  }

  /// The last error.
  private(set) var lastError: String?
  /// Its time.
  private(set) var lastErrorAt: Timestamp?
  /// Malformed lines, cells and files.
  private(set) var malformed = 0

  /// How many kinds of problems have been reported and not yet summarised.
  private var reportedCount = 0
  private let subject: String
  private let quietPeriod: Duration
  private var states = [State](repeating: State(), count: Problem.allCases.count)
  private var notices: [Notice] = []
  private var remarks = 0
  private var remarksBegan: Timestamp?
  private static var maximumNotices: Int { 64 }
  /// How often informational notices are reported in a quiet period; the rest is counted.
  private static var maximumRemarks: Int { 16 }

  /// - Parameters:
  ///   - subject: the file or device, at the beginning of every summary.
  ///   - quietPeriod: how long a kind must not recur before its next occurrence is reported again.
  init(_ subject: String, quietPeriod: Duration) {
    self.subject = subject
    self.quietPeriod = quietPeriod
  }

  /// Counts one occurrence of `problem`.
  /// - Returns: whether ``word(_:_:)`` should follow.
  mutating func count(_ problem: Problem, at now: Timestamp) -> Bool {
    let index = problem.rawValue
    switch problem.malformedCount {
    case .always: malformed += 1
    case .onceWhileItLasts: malformed += states[index].isReported ? 0 : 1
    case .never: break
    }
    if states[index].isReported, now.elapsed(since: states[index].lastSeen) >= quietPeriod {
      summarize(problem)
    }
    states[index].lastSeen = now
    lastErrorAt = now
    if states[index].isReported { states[index].unreported += 1 }
    guard states[index].lastWorded != now else { return false }
    states[index].lastWorded = now
    return true
  }

  /// Builds the text of the occurrence just counted, and reports it if due.
  /// - Returns: whether it was reported.
  @discardableResult
  mutating func word(_ problem: Problem, _ text: String) -> Bool {
    lastError = text
    guard !states[problem.rawValue].isReported else { return false }
    states[problem.rawValue].isReported = true
    reportedCount += 1
    notify(.warning, text)
    return true
  }

  /// Counts one occurrence, and builds its text if it will be read.
  /// - Returns: whether it was reported.
  @discardableResult
  mutating func add(_ problem: Problem, at now: Timestamp, _ words: () -> String) -> Bool {
    count(problem, at: now) ? word(problem, words()) : false
  }

  /// Reports a problem that does not recur; `now`: if it is a current error.
  mutating func warn(_ text: String, at now: Timestamp? = nil) {
    lastError = text
    if let now { lastErrorAt = now }
    notify(.warning, text)
  }

  /// Warns of something that may be intended, and therefore is not an error.
  mutating func caution(_ text: String) { notify(.warning, text) }

  /// Reports something that is not a problem.
  mutating func inform(_ text: String) {
    remarks += 1
    if remarks <= ProblemLog.maximumRemarks { notify(.info, text) }
  }

  /// Takes over the notices of another log.
  mutating func pass(_ notice: Notice) { notify(notice.severity, notice.text) }

  /// Summarises the problems that have not recurred long enough by `now`.
  mutating func settle(at now: Timestamp) {
    settleRemarks(at: now)
    guard reportedCount > 0 else { return }
    for problem in Problem.allCases where states[problem.rawValue].isReported {
      if now.elapsed(since: states[problem.rawValue].lastSeen) >= quietPeriod { summarize(problem) }
    }
  }

  private mutating func settleRemarks(at now: Timestamp) {
    guard let began = remarksBegan else {
      if remarks > 0 { remarksBegan = now }
      return
    }
    guard now.elapsed(since: began) >= quietPeriod else { return }
    let unreported = remarks - ProblemLog.maximumRemarks
    if unreported > 0 {
      notify(.info, "\(subject): \(unreported) more changes of its columns, size or time")
    }
    remarks = 0
    remarksBegan = nil
  }

  /// Summarises every problem, as when a file is finished.
  mutating func settleAll() { Problem.allCases.forEach { summarize($0) } }

  /// Summarises one kind of problem: its next occurrence will be reported again.
  mutating func summarize(_ problem: Problem) {
    let unreported = states[problem.rawValue].unreported
    if unreported > 0, let plural = problem.plural {
      notify(.warning, "\(subject): \(unreported) more \(plural)")
    }
    if states[problem.rawValue].isReported { reportedCount -= 1 }
    states[problem.rawValue] = State()
  }

  /// Returns the notices since the last call.
  mutating func drain() -> [Notice] {
    defer { notices.removeAll() }
    return notices
  }

  private mutating func notify(_ severity: Notice.Severity, _ text: String) {
    if notices.count >= ProblemLog.maximumNotices { notices.removeFirst() }
    notices.append(Notice(severity, text))
  }
}
