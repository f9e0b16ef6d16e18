import CommandLine
package import Control
import Outputs
import Series

/// Reports the problems of the daemon: keeps the list, and logs the beginning and end of each.
package final class ProblemReporter {
  private var watch = ProblemWatch()
  private let options: Daemon.Options
  /// The last warning of each input, by the subject of its problem.
  private var noticed: [String: String] = [:]
  /// When housekeeping last ran, and the last time that it was late.
  private var keptHouseAt: Duration?
  private var absence: (length: Duration, endedAt: Duration)?

  /// How late housekeeping may be before that is a problem: it normally runs every second.
  private static let longAbsence = Duration.seconds(5)
  /// How long such a delay is listed.
  private static let absenceIsNews = Duration.seconds(60)

  private var log: Log { options.log }

  /// Without problems.
  package init(options: Daemon.Options) { self.options = options }

  /// The list.
  package var current: [Problem] { watch.problems(asOf: options.clock()) }

  /// Processes the result of a survey, and logs the changes since the last one.
  package func take(_ found: [Problem]) {
    let awake = options.awakeClock()
    let all = found + [delay(awake)].compactMap(\.self)
    for change in watch.take(all, at: options.clock(), awake: awake) {
      switch change {
      case .began(let problem): logBeginning(of: problem)
      case .ended(let problem, let duration): logEnd(of: problem, after: duration)
      }
    }
  }

  /// The list as text for the service manager.
  package var text: String {
    let (listed, most) = (current, 3)
    let more = listed.count - most
    return listed.prefix(most).map { "; \($0.text)" }.joined()
      + (more > 0 ? "; \(HumanNumber.counted(more, "more problem")): see 'anomalyctl status'" : "")
  }

  /// Records that an input has logged a warning.
  func note(_ warning: String, ofInput name: String) { noticed["input \(name)"] = warning }

  /// Records that housekeeping runs now, and whether it was late for too long.
  func noteHousekeeping() {
    let awake = options.awakeClock()
    if let last = keptHouseAt, awake - last > ProblemReporter.longAbsence {
      absence = (awake - last, awake)
    }
    keptHouseAt = awake
  }

  private func delay(_ awake: Duration) -> Problem? {
    guard let absence, awake - absence.endedAt < ProblemReporter.absenceIsNews else { return nil }
    return Problem(
      .delay, "daemon",
      "did not run for \(HumanNumber.duration(absence.length)): it was stopped, or starved of "
        + "processor time", remedy: "raise CPUWeight= of anomalyd.service")
  }

  private func logBeginning(of problem: Problem) {
    switch problem.kind {
    case .configuration, .restore, .loss, .control:
      return  // Whoever detects these has logged them, with details.
    case .input:
      // The input has just logged the same error, with the line or file.
      if let notice = noticed[problem.subject], problem.sentence.hasSuffix(notice) { return }
    default: break
    }
    log.problem(
      "\(problem.text); remedy: \(problem.remedy)", problem.kind.messageID,
      priority: problem.kind == .state ? .error : .warning, fields: fields(of: problem))
  }

  private func logEnd(of problem: Problem, after duration: Duration) {
    noticed[problem.subject] = nil
    // A successful reload is logged as such, and state lost in a restore stays lost.
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
