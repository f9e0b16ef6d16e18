package import Control
package import Series
import System

/// Tracks the list of problems: when each began, and when it is over.
///
/// Every part that reports the daemon's health uses this list and the changes since the last
/// survey, so that each of them reports a problem once, and its end once.
package struct ProblemWatch {
  /// A change of the list.
  package enum Change: Equatable {
    case began(Problem)
    case ended(Problem, after: Duration)
  }

  private struct Entry {
    var problem: Problem
    var began: ObservedMoment
    /// When it was found first, and last.
    var firstFound: Duration
    var lastFound: Duration
    /// Whether the latest survey found it.
    var isPresent = true
    /// When its count was last seen to grow.
    var grewAt: Duration
    /// Whether it has lasted long enough to be listed.
    var isListed: Bool
  }

  private var entries: [Entry] = []
  /// The counts of problems that are over or from an earlier run: only growth beyond these is new.
  private var settled: [Problem.Key: Int] = [:]
  private var hasSurveyed = false

  /// Nothing is wrong.
  package init() {}

  /// The present problems, in the order of the latest survey.
  /// - Parameter now: the time of day.
  package func problems(asOf now: Timestamp) -> [Problem] {
    entries.filter(\.isListed).map { entry in
      var problem = entry.problem
      problem.since = entry.began.timestamp(asOf: now)
      return problem
    }
  }

  /// Processes the result of a survey.
  /// - Parameters:
  ///   - now: the time of day.
  ///   - awake: a clock that stops while the machine is suspended.
  package mutating func take(
    _ found: [Problem], at now: Timestamp, awake: Duration
  ) -> [Change] {
    var next: [Entry] = []
    for problem in found {
      if !hasSurveyed, problem.kind.isCounted { settled[problem.key] = problem.count }
      let known = entries.first { $0.problem.key == problem.key }
      guard known != nil || (problem.count ?? 1) > settled[problem.key] ?? 0 else { continue }
      var entry =
        known
        ?? Entry(
          problem: problem, began: ObservedMoment(now), firstFound: awake, lastFound: awake,
          grewAt: awake, isListed: false)
      if (problem.count ?? 0) > (entry.problem.count ?? 0) { entry.grewAt = awake }
      entry.problem = problem
      (entry.lastFound, entry.isPresent) = (awake, true)
      next.append(entry)
    }
    hasSurveyed = true
    for var entry in entries where !next.contains(where: { $0.problem.key == entry.problem.key }) {
      entry.isPresent = false
      next.append(entry)
    }
    var changes: [Change] = []
    entries = next.compactMap { entry in
      var entry = entry
      let kind = entry.problem.kind
      if isOver(entry, awake) {
        if entry.isListed {
          changes.append(.ended(entry.problem, after: awake - entry.firstFound))
        }
        settled[entry.problem.key] =
          kind.isCounted || kind == .restore ? entry.problem.count ?? 1 : nil
        return nil
      }
      if !entry.isListed, awake - entry.firstFound >= kind.patience {
        entry.isListed = true
        changes.append(.began(entry.problem))
      }
      return entry
    }
    return changes
  }

  private func isOver(_ entry: Entry, _ awake: Duration) -> Bool {
    let kind = entry.problem.kind
    if kind.isCounted { return awake - entry.grewAt >= ProblemWatch.quietPeriod }
    if kind == .restore { return awake - entry.firstFound >= ProblemWatch.restoreIsNews }
    guard !entry.isPresent else { return false }
    return !entry.isListed || awake - entry.lastFound >= kind.hysteresis
  }

  /// How long a count must not grow before its problem is over.
  package static let quietPeriod = Duration.seconds(600)
  /// How long something that alternates between failing and working must work before its problem is
  /// over.
  package static let hysteresis = Duration.seconds(10)
  /// How long a partial restore is listed.
  private static let restoreIsNews = Duration.seconds(86_400)
}

extension Problem.Kind {
  /// Whether its occurrences are counted: it is over when the count has not grown for some time.
  fileprivate var isCounted: Bool {
    switch self {
    case .loss, .metrics, .control: true
    default: false
    }
  }

  /// How long it must last before it is listed.
  fileprivate var patience: Duration { self == .lag ? .seconds(60) : .zero }

  /// How long it must be absent before it is over: inputs and outputs may alternate between failing
  /// and working, and so may state on a full disk, whenever a file in it is replaced.
  fileprivate var hysteresis: Duration {
    switch self {
    case .input, .output, .lag, .model, .budget, .state, .history: ProblemWatch.hysteresis
    default: .zero
    }
  }
}
