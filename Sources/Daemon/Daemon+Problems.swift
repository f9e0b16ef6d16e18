import CommandLine
import Control
import Monitor
import Outputs
import Series
import System

extension Daemon {
  /// How long the loop may be away before that is a problem: a cycle of housekeeping takes one second.
  private static let longAbsence = Duration.seconds(5)
  /// How long such an absence is listed.
  private static let absenceIsNews = Duration.seconds(60)

  /// Looks for problems, and logs what has changed since the last time.
  func surveyProblems(_ census: MetricCensus) {
    let awake = options.awakeClock()
    let found =
      DaemonReport(agent: self).survey(census).problems
      + [absence(awake), silences.problem].compactMap(\.self)
    for change in problems.take(found, at: options.clock(), awake: awake) {
      switch change {
      case .began(let problem): logBeginning(of: problem)
      case .ended(let problem, let duration): logEnd(of: problem, after: duration)
      }
    }
  }

  /// The problems, for the status text.
  var problemText: String {
    let listed = problems.problems(asOf: options.clock())
    let more = listed.count - 3
    return listed.prefix(3).map { "; \($0.text)" }.joined()
      + (more > 0 ? "; \(HumanNumber.counted(more, "more problem")): see 'anomalyctl status'" : "")
  }

  /// Notes that housekeeping runs now, and whether it could not for too long.
  func noteHousekeeping() {
    let awake = options.awakeClock()
    if let last = keptHouseAt, awake - last > Daemon.longAbsence {
      absences = (awake - last, awake)
    }
    keptHouseAt = awake
  }

  private func absence(_ awake: Duration) -> Problem? {
    guard let absences, awake - absences.endedAt < Daemon.absenceIsNews else { return nil }
    return Problem(
      .delay, "daemon",
      "did not run for \(HumanNumber.duration(absences.length)): it was stopped, or the host has too "
        + "little processor time", remedy: "raise CPUWeight= or Nice= of anomalyd.service")
  }

  private func logBeginning(of problem: Problem) {
    switch problem.kind {
    case .configuration, .restore, .loss, .control:
      return  // Whoever detects these has logged them, with details.
    case .input:
      // The same error has just been logged by the input, with the line or file.
      if let notice = noticed[problem.subject], problem.sentence.hasSuffix(notice) { return }
    default: break
    }
    log.problem(
      "\(problem.text); remedy: \(problem.remedy)", problem.kind.messageID,
      priority: problem.kind == .state ? .error : .warning, fields: fields(of: problem))
  }

  private func logEnd(of problem: Problem, after duration: Duration) {
    noticed[problem.subject] = nil
    // A reload that succeeds is logged as such, and what was lost at a restore stays lost.
    guard problem.kind != .configuration, problem.kind != .restore else { return }
    log.problem(
      "\(problem.subject): over after \(HumanNumber.duration(duration)): \(problem.sentence)",
      .problemOver, priority: .notice, fields: fields(of: problem))
  }

  private func fields(of problem: Problem) -> [(String, String)] {
    [("ANOMALYD_PROBLEM", problem.kind.rawValue), ("ANOMALYD_SUBJECT", problem.subject)]
  }
}

extension Problem.Kind {
  fileprivate var messageID: JournalMessageID {
    switch self {
    case .input: .inputTrouble
    case .output: .outputTrouble
    case .metrics: .registryFull
    case .state: .checkpointFailed
    default: .problemBegan
    }
  }
}
