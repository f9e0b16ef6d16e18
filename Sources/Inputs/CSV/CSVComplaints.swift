import Series

/// What can be wrong with a CSV file; each kind is told, counted and quieted by itself.
enum CSVProblem: Int, CaseIterable {
  case cannotOpen
  case cannotRead
  case vanished
  case layout
  case layoutPending
  case columnLimit
  case lineTooLong
  case nulByte
  case openQuote
  case cellCount
  case timestamp
  case timeOrder
  case number
  case tornLine

  /// Whether each occurrence is a line or a cell that is counted as malformed.
  var isMalformed: Bool {
    switch self {
    case .cannotOpen, .cannotRead, .vanished, .layoutPending, .columnLimit: false
    default: true
    }
  }

  /// What a summary says there were more of.
  var plural: String {
    switch self {
    case .cannotOpen: "failed attempts to open it"
    case .cannotRead: "failed attempts to read it"
    case .vanished: "disappearances"
    case .layout: "lines that do not fit the configured columns"
    case .layoutPending: "looks at too few lines"
    case .columnLimit: "headers with too many columns"
    case .lineTooLong: "lines that are too long"
    case .nulByte: "lines with NUL bytes"
    case .openQuote: "lines with an unclosed quote"
    case .cellCount: "rows with a wrong number of cells"
    case .timestamp: "rows with an unreadable time stamp"
    case .timeOrder: "rows that run back in time"
    case .number: "cells that are no number"
    case .tornLine: "lines cut off at the end of the file"
    }
  }
}

/// Tells each kind of problem once until it has stayed away for a while, and counts the rest.
///
/// The text of a notice is made only for those that are told, and once per poll for the newest
/// error in words, so that a flood of bad lines costs next to nothing.
struct CSVComplaints {
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
  /// Lines, cells and files that could not be understood.
  private(set) var malformed = 0

  private let path: String
  private let quietPeriod: Duration
  private var states = [State](repeating: State(), count: CSVProblem.allCases.count)
  private var notices: [InputNotice] = []
  private let maximumNotices = 64
  /// What is no problem is told so often in a quiet period; the rest is counted.
  private let maximumRemarks = 16
  private var remarks = 0
  private var remarksBegan: Timestamp?

  init(path: String, quietPeriod: Duration) {
    self.path = path
    self.quietPeriod = quietPeriod
  }

  /// Counts one occurrence of `problem`.
  /// - Returns: whether ``word(_:_:)`` should follow.
  mutating func count(_ problem: CSVProblem, at now: Timestamp) -> Bool {
    let index = problem.rawValue
    // Attempts on an unreadable file are one malformed file, not one each.
    let isNewFailure = (problem == .cannotOpen || problem == .cannotRead) && !states[index].isTold
    if problem.isMalformed || isNewFailure { malformed += 1 }
    if states[index].isTold, now.elapsed(since: states[index].lastSeen) >= quietPeriod {
      summarize(problem)
    }
    states[index].lastSeen = now
    lastErrorAt = now
    if states[index].isTold { states[index].untold += 1 }
    guard states[index].lastWorded != now else { return false }
    states[index].lastWorded = now
    return true
  }

  /// Puts the occurrence that was just counted into words, and tells them if that is due.
  mutating func word(_ problem: CSVProblem, _ text: String) {
    lastError = text
    guard !states[problem.rawValue].isTold else { return }
    states[problem.rawValue].isTold = true
    tell(.warning, text)
  }

  /// Tells a problem that has no moment of its own.
  mutating func warn(_ text: String) {
    lastError = text
    tell(.warning, text)
  }

  /// Tells something that is no problem.
  mutating func inform(_ text: String) {
    remarks += 1
    if remarks <= maximumRemarks { tell(.info, text) }
  }

  /// Sums up the problems that have stayed away long enough by `now`.
  mutating func settle(at now: Timestamp) {
    settleRemarks(at: now)
    for problem in CSVProblem.allCases where states[problem.rawValue].isTold {
      if now.elapsed(since: states[problem.rawValue].lastSeen) >= quietPeriod { summarize(problem) }
    }
  }

  private mutating func settleRemarks(at now: Timestamp) {
    guard let began = remarksBegan else {
      if remarks > 0 { remarksBegan = now }
      return
    }
    guard now.elapsed(since: began) >= quietPeriod else { return }
    let untold = remarks - maximumRemarks
    if untold > 0 { tell(.info, "\(path): \(untold) more changes of its columns, size or time") }
    remarks = 0
    remarksBegan = nil
  }

  /// Sums up every problem, as when a file is finished.
  mutating func settleAll() { CSVProblem.allCases.forEach { summarize($0) } }

  /// Sums up one kind of problem: its next occurrence is told again.
  mutating func summarize(_ problem: CSVProblem) {
    let untold = states[problem.rawValue].untold
    if untold > 0 { tell(.warning, "\(path): \(untold) more \(problem.plural)") }
    states[problem.rawValue] = State()
  }

  /// Hands over what was told since the last call.
  mutating func drain() -> [InputNotice] {
    defer { notices.removeAll() }
    return notices
  }

  private mutating func tell(_ severity: InputNotice.Severity, _ text: String) {
    if notices.count >= maximumNotices { notices.removeFirst() }
    notices.append(InputNotice(severity, text))
  }
}
